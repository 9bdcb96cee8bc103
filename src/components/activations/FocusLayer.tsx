import { useMemo } from 'react';
import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import type { MapCell } from '../shared/mapFrame.ts';
import { usePointedFilter } from '../shared/pointed.ts';
import { UnitBars } from '../shared/UnitBars.tsx';
import styles from './ActivationsPanel.module.css';
import { activationMaps, activationsOf, type Scaling } from './activationMaps.ts';
import type { Unit } from './unitSum.ts';

const NO_VALUES = new Float32Array(0);

interface FocusLayerProps {
  layer: string;
  shape: number[];
  scaling: Scaling;
  inspected: InspectedImages;
  /** The unit whose computation is shown. */
  shown?: Unit;
  isChosen: boolean;
  onPoint: (unit: Unit | undefined) => void;
}

/** More maps than this are drawn smaller. */
const MANY_MAPS = 32;

/** One layer's activations for the image in focus: maps of a layer of maps, bars of a layer of units. */
export function FocusLayer({ layer, shape, scaling, inspected, shown, isChosen, onPoint }: FocusLayerProps) {
  const lab = useLabHandle();
  const highlighted = usePointedFilter();
  const maps = useMemo(() => activationMaps(lab, { image: 'first', layer, scaling }), [lab, layer, scaling]);
  const focus = inspected.images[0].id;
  const point = (cell: MapCell | undefined) => onPoint(cell && { image: focus, layer, ...cell });
  const isMaps = shape.length === 3;
  const across = shape[0] > MANY_MAPS ? 12 : 8;
  return (
    <section>
      <h3 className={`${styles.layer} ${isChosen ? styles.chosen : ''}`}>
        {layer} <span className={styles.shape}>{shape.join(' × ')}</span>
      </h3>
      {isMaps ? (
        <ImageGrid
          label={`${layer}: ${shape[0]} activation maps, one per filter`}
          maps={maps}
          nameOf={(map) => `filter ${map}`}
          across={across}
          gap={2}
          largestMap={104}
          emptyHeight={(336 / across) * Math.ceil(shape[0] / across)}
          highlighted={highlighted}
          onPoint={point}
        />
      ) : (
        <UnitBars
          label={`${layer}: activations of ${shape[0]} units`}
          values={activationsOf(inspected, 0, layer) ?? NO_VALUES}
          selected={shown?.layer === layer && shown.image === focus ? shown.map : undefined}
          onPoint={(unit) => point(unit === undefined ? undefined : { map: unit, row: 0, column: 0 })}
        />
      )}
    </section>
  );
}
