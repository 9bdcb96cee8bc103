import { useEffect, useState } from 'react';
import type { MetamersState } from '../../lab/metamers/metamerRows.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import { useClassNames, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { formatCount } from '../shared/format.ts';
import { ImageThumb } from '../shared/ImageThumb.tsx';
import { carriesImage, takeImage, useDropTarget } from '../shared/imageDrag.ts';
import { EmptyState, ErrorNotice } from '../shared/Notice.tsx';
import { Slider } from '../shared/Slider.tsx';
import { AcrossModels } from './AcrossModels.tsx';
import { LossCurves } from './LossCurves.tsx';
import { MetamerControls } from './MetamerControls.tsx';
import { MetamerResult } from './MetamerResult.tsx';
import styles from './MetamersPanel.module.css';
import { PICTURE_SIZE } from './picture.ts';

type Made = NonNullable<MetamersState['made']>;

/** Images that the network cannot tell from a reference at a layer, one row per layer. */
export default function MetamersPanel() {
  const lab = useLabHandle();
  const { metamers } = lab;
  const { reference, made, problem } = useStore(metamers.store);
  const { over, handlers } = useDropTarget(carriesImage, (transfer) => {
    try {
      const image = takeImage(transfer, lab);
      if (image) metamers.open(image);
    } catch (error) {
      metamers.report(sentenceOf(error));
    }
  });
  return (
    <div className={`${styles.panel} ${over ? styles.over : ''}`} {...handlers}>
      <div className={styles.top}>
        <figure className={styles.reference}>
          <figcaption>Reference</figcaption>
          {reference && <ImageThumb image={reference} size={PICTURE_SIZE} />}
          <span data-testid="reference">{reference?.name ?? 'Drag any image here'}</span>
        </figure>
        <MetamerControls />
      </div>
      {problem && <ErrorNotice message={problem} />}
      {made ? (
        <Results made={made} />
      ) : (
        <EmptyState height={320}>
          Drag a reference here, or choose one in an image’s menu, then make its metamers. An early layer’s
          metamer looks like the image; a late layer’s does not.
        </EmptyState>
      )}
    </div>
  );
}

/** The metamers that were made, layer by layer, at one iteration. */
function Results({ made }: { made: Made }) {
  const { metamers } = useLabHandle();
  const { rows, running } = useStore(metamers.store);
  const classNames = useClassNames();
  const referenceInspection = useReferenceInspection(made);
  // The bar follows the newest iterate until a person moves it; a new run starts following again.
  const [held, setHeld] = useState<{ run: Made; position: number }>();
  const newest = Math.max(0, ...rows.map(({ iteration }) => iteration));
  const position = held && held.run === made ? held.position : newest;
  return (
    <>
      <Slider
        label="Iteration shown"
        value={position}
        minimum={0}
        maximum={running ? made.recipe.iterations : Math.max(1, newest)}
        step={1}
        format={(value) => `${formatCount(value)} of ${formatCount(made.recipe.iterations)}`}
        onChange={(position) => setHeld({ run: made, position })}
      />
      <div className={styles.result}>
        <ul className={styles.rows}>
          {rows.map((row) => (
            <MetamerResult
              key={row.layer}
              row={row}
              position={position}
              reference={made.reference}
              referenceInspection={referenceInspection}
              classNames={classNames}
            />
          ))}
        </ul>
        <LossCurves />
      </div>
      <p className={styles.muted}>
        Of {made.reference.name}, by the network at step {formatCount(made.step)}. Pixels below 0 and above 1
        have colors of their own; the network sees the exact pixels.
      </p>
      <AcrossModels classNames={classNames} />
    </>
  );
}

/** The network's activations for the reference. If this fails, rows show no activations; nothing else depends on them. */
function useReferenceInspection(made: Made): Inspection | undefined {
  const { metamers } = useLabHandle();
  const [inspection, setInspection] = useState<Inspection>();
  useEffect(() => {
    let stale = false;
    setInspection(undefined);
    void metamers
      .inspect(made.reference.pixels)
      .catch(() => undefined)
      .then((found) => !stale && setInspection(found));
    return () => {
      stale = true;
    };
  }, [metamers, made]);
  return inspection;
}
