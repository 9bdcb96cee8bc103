import { memo, useMemo } from 'react';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import { ClassBars } from '../activations/ClassBars.tsx';
import { ColorLegend } from '../shared/ColorLegend.tsx';
import { formatValue } from '../shared/format.ts';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import { symmetricScale } from '../shared/mapFrame.ts';
import { niceLimit } from '../shared/niceLimit.ts';
import { UnitBars } from '../shared/UnitBars.tsx';
import styles from './MetamersPanel.module.css';

interface ActivationPairProps {
  layer: string;
  /** Inspections of one image each. */
  reference: Inspection;
  metamer: Inspection;
  classNames: readonly string[];
}

/**
 * A layer's activations for the reference and the metamer, side by side, with their difference. Redrawn only for a new
 * inspection, however often the surrounding row changes.
 */
export const ActivationPair = memo(function ActivationPair(props: ActivationPairProps) {
  const { layer, reference, metamer, classNames } = props;
  const { data: wanted, shape } = reference.layers[layer];
  const { data: reached } = metamer.layers[layer];
  const difference = useMemo(() => reached.map((value, i) => value - wanted[i]), [wanted, reached]);
  const largest = symmetricScale(difference).high;
  return (
    <details className={styles.pair} open>
      <summary>
        Activations at {layer}{' '}
        <span className={styles.muted}>
          {reached.every((value, i) => value === wanted[i])
            ? 'identical'
            : `largest difference ${formatValue(largest)}`}
        </span>
      </summary>
      {shape.length === 4 ? (
        <Maps layer={layer} shape={shape} values={{ reference: wanted, metamer: reached, difference }} />
      ) : wanted.length !== classNames.length ? (
        <Units layer={layer} values={{ reference: wanted, metamer: reached, difference }} />
      ) : (
        <div className={styles.views}>
          {[reference, metamer].map(({ probabilities, predictions }, i) => (
            <div key={i === 0 ? 'reference' : 'metamer'}>
              <h4>{i === 0 ? 'Reference' : 'Metamer'}</h4>
              <ClassBars
                classNames={classNames}
                logits={i === 0 ? wanted : reached}
                probabilities={probabilities}
                prediction={predictions[0]}
              />
            </div>
          ))}
        </div>
      )}
    </details>
  );
});

const titles = { reference: 'Reference', metamer: 'Metamer', difference: 'Metamer − reference' } as const;

interface MapsProps {
  layer: string;
  /** [1, maps, rows, columns] */
  shape: number[];
  values: Record<keyof typeof titles, Float32Array>;
}

/** A layer of units as bars, all on the reference's scale. */
function Units({ layer, values }: Pick<MapsProps, 'layer' | 'values'>) {
  const limit = useMemo(() => niceLimit(symmetricScale(values.reference).high), [values.reference]);
  return (
    <div className={styles.views}>
      {(['reference', 'metamer', 'difference'] as const).map((which) => (
        <div key={which}>
          <h4>{titles[which]}</h4>
          <UnitBars label={`${layer}: ${titles[which]}, by unit`} values={values[which]} limit={limit} />
        </div>
      ))}
    </div>
  );
}

/** All three share the reference's scale, so that a shrinking difference fades. */
function Maps({ layer, shape, values }: MapsProps) {
  const [, maps, rows, columns] = shape;
  const scale = useMemo(() => {
    const limit = niceLimit(symmetricScale(values.reference).high);
    return { low: -limit, high: limit };
  }, [values.reference]);
  return (
    <>
      <div className={styles.views}>
        {(['reference', 'metamer', 'difference'] as const).map((which) => (
          <div key={which}>
            <h4>{titles[which]}</h4>
            <ImageGrid
              label={`${layer}: ${titles[which]}, by filter`}
              maps={{ values: values[which], rows, columns, colors: 'sign', scale }}
              nameOf={(map) => (maps === 1 ? 'pixel' : `filter ${map}`)}
              across={maps === 1 ? 1 : 8}
              gap={2}
              largestMap={maps === 1 ? 132 : 40}
            />
          </div>
        ))}
      </div>
      <ColorLegend colors="sign" scale={scale} unit="activation" />
    </>
  );
}
