import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { analyzedLayer } from '../../lab/ask/selection.ts';
import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { ColorLegend } from '../shared/ColorLegend.tsx';
import { formatCount } from '../shared/format.ts';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import { useDropTarget } from '../shared/imageDrag.ts';
import type { MapBox, MapCell } from '../shared/mapFrame.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { pointAtFilter, usePointedFilter } from '../shared/pointed.ts';
import { SkeletonBlock } from '../shared/Skeleton.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { UnitBars } from '../shared/UnitBars.tsx';
import { useWhileInView } from '../shared/useWhileInView.ts';
import styles from './ActivationsPanel.module.css';
import { activationMaps, activationsOf, type Scaling, sharedLimitOf, shownLayers } from './activationMaps.ts';
import { ClassBars } from './ClassBars.tsx';
import { ImageStage } from './ImageStage.tsx';
import { receive } from './offers.ts';
import { PinnedImages } from './PinnedImages.tsx';
import { UnitComputation } from './UnitComputation.tsx';
import { imageWindow, type Unit } from './unitSum.ts';

const NO_VALUES = new Float32Array(0);

const scalings = [
  { value: 'shared', label: 'One scale' },
  { value: 'own', label: 'Separate scales' },
] as const;

/** The network's activations for any image, layer by layer, at the moment shown. */
export default function ActivationsPanel() {
  const lab = useLabHandle();
  const place = useRef<HTMLDivElement>(null);
  const { inspected, problem } = useStore(lab.imageInspection.store);
  const classNames = useLab((state) => state.data?.classNames);
  const [scaling, setScaling] = useState<Scaling>('shared');
  const [pinnedLayer, setPinnedLayer] = useState<string>();
  const [unit, setUnit] = useState<Omit<Unit, 'image'> & { image?: string }>();
  const chosen = useLab(chosenLayer);
  // The network is asked only while the panel is in view.
  useWhileInView(place, lab.imageInspection.watch);
  // A layer chosen on the page shows its own strongest unit.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect belongs to the choice
  useEffect(() => {
    setUnit(undefined);
    setPinnedLayer(undefined);
  }, [chosen]);
  const { over, handlers } = useDropTarget(
    () => true,
    (transfer) => void receive(lab, transfer, 'drop'),
  );

  const layers = useMemo(() => (inspected ? shownLayers(inspected) : []), [inspected]);
  const hasMaps = layers.some(({ shape }) => shape.length === 3);
  // A layer that is not shown, such as flatten, has the values of the layer before.
  const followed =
    inspected && chosen !== undefined
      ? [chosen, analyzedLayer(inspected.network, chosen)].find((layer) =>
          layers.some(({ name }) => name === layer),
        )
      : undefined;
  const first = followed ?? layers.at(0)?.name;
  const compared = layers.find(({ name }) => name === (pinnedLayer ?? first)) ?? layers.at(0);
  const { store } = lab.imageInspection;
  const point = useCallback(
    (next: Unit | undefined) => {
      const { inspected } = store.getState();
      // Only maps of the first convolution belong to a filter of the Filters panel.
      pointAtFilter(next && inspected && imageWindow(inspected, next) ? next.map : undefined);
      // The last unit stays selected when the pointer leaves, so that a person can read its numbers.
      if (next) setUnit(next);
    },
    [store],
  );
  const shown = inspected && first !== undefined ? shownUnit(inspected, first, unit) : undefined;

  return (
    <div ref={place} className={`${styles.panel} ${over ? styles.over : ''}`} {...handlers}>
      <div className={styles.focus}>
        <ImageStage box={inspected && shown ? boxOf(inspected, shown) : undefined} />
        <div className={styles.right}>
          <div className={styles.heading}>
            {hasMaps && <ScaleLegend scaling={scaling} />}
            <ToggleGroup
              label="Color scale"
              hideLabel
              compact
              value={scaling}
              options={scalings}
              onChange={setScaling}
            />
            {inspected && <span className={styles.step}>at step {formatCount(inspected.step)}</span>}
          </div>
          {problem && <ErrorNotice message={problem} />}
          <div className={styles.layers}>
            {inspected
              ? layers.map(({ name, shape }) => (
                  <FocusLayer
                    key={name}
                    layer={name}
                    shape={shape}
                    scaling={scaling}
                    inspected={inspected}
                    shown={shown}
                    isChosen={name === followed}
                    onPoint={point}
                  />
                ))
              : [0, 1].map((i) => <SkeletonBlock key={i} height={250} />)}
          </div>
          <div className={styles.details}>
            {inspected && shown && <UnitComputation inspected={inspected} unit={shown} />}
            {inspected && classNames ? (
              <FocusBars inspected={inspected} classNames={classNames} />
            ) : (
              <SkeletonBlock height={270} />
            )}
          </div>
        </div>
      </div>
      {inspected && classNames && compared && (
        <section className={styles.pinned} aria-labelledby="activations-pinned">
          <header className={styles.heading}>
            <h3 id="activations-pinned">Side by side</h3>
            <ToggleGroup
              label="Layer"
              hideLabel
              compact
              value={compared.name}
              options={layers.map(({ name }) => ({ value: name, label: name }))}
              onChange={setPinnedLayer}
            />
          </header>
          <PinnedImages
            inspected={inspected}
            layer={compared.name}
            scaling={scaling}
            classNames={classNames}
            onPoint={point}
          />
        </section>
      )}
    </div>
  );
}

/** The unit under the pointer, or the strongest unit of the image in focus until a person points at one. */
function shownUnit(
  inspected: InspectedImages,
  layer: string,
  unit: (Omit<Unit, 'image'> & { image?: string }) | undefined,
): Unit {
  const focus = inspected.images[0].id;
  const isKnown = unit !== undefined && inspected.inspection.layers[unit.layer] !== undefined;
  if (unit && isKnown) {
    const known = inspected.images.some(({ id }) => id === unit.image);
    return { ...unit, image: known && unit.image ? unit.image : focus };
  }
  const values = activationsOf(inspected, 0, layer) ?? new Float32Array(1);
  const [, rows = 1, columns = 1] = inspected.inspection.layers[layer].shape.slice(1);
  const strongest = values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
  const map = Math.floor(strongest / (rows * columns));
  const cell = strongest % (rows * columns);
  return { image: focus, layer, map, row: Math.floor(cell / columns), column: cell % columns };
}

/** The unit's receptive window in the image in focus. */
function boxOf(inspected: InspectedImages, unit: Unit): MapBox | undefined {
  const box = unit.image === inspected.images[0].id ? imageWindow(inspected, unit) : undefined;
  return box && { map: 0, ...box };
}

function ScaleLegend({ scaling }: { scaling: Scaling }) {
  const limit = useStore(sharedLimitOf(useLabHandle()), (state) => state.limit);
  return scaling === 'shared' ? (
    <ColorLegend colors="sign" scale={{ low: -limit, high: limit }} unit="activation" />
  ) : (
    <ColorLegend colors="sign" scale={{ low: -1, high: 1 }} unit="share of the map’s maximum" />
  );
}

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
function FocusLayer({ layer, shape, scaling, inspected, shown, isChosen, onPoint }: FocusLayerProps) {
  const lab = useLabHandle();
  const highlighted = usePointedFilter();
  const maps = useMemo(() => activationMaps(lab, { image: 'first', layer, scaling }), [lab, layer, scaling]);
  const focus = inspected.images[0].id;
  const point = (cell: MapCell | undefined) => onPoint(cell && { image: focus, layer, ...cell });
  const isMaps = shape.length === 3;
  const across = shape[0] > MANY_MAPS ? 12 : 8;
  return (
    <section className={isMaps ? undefined : styles.units}>
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
          largestMap={78}
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

function FocusBars({ inspected, classNames }: { inspected: InspectedImages; classNames: readonly string[] }) {
  const { inspection, images, network } = inspected;
  const output = network.layers.findLast(({ kind }) => kind === 'linear');
  const logits = output && activationsOf(inspected, 0, output.name);
  if (!logits) return null;
  return (
    <ClassBars
      classNames={classNames}
      logits={logits}
      probabilities={inspection.probabilities.subarray(0, classNames.length)}
      prediction={inspection.predictions[0]}
      label={images[0].label}
    />
  );
}
