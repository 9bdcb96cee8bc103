import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { InspectedImages } from '../../lab/images/imageInspection.ts';
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
import styles from './ActivationsPanel.module.css';
import { activationMaps, activationsOf, mapLayers, type Scaling, sharedLimitOf } from './activationMaps.ts';
import { ClassBars } from './ClassBars.tsx';
import { ImageStage } from './ImageStage.tsx';
import { receive } from './offers.ts';
import { PinnedImages } from './PinnedImages.tsx';
import type { Unit } from './unitSum.ts';
import { WindowSum } from './WindowSum.tsx';

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
  useWatchInView(place);
  const { over, handlers } = useDropTarget(
    () => true,
    (transfer) => void receive(lab, transfer, 'drop'),
  );

  const layers = useMemo(() => (inspected ? mapLayers(inspected) : []), [inspected]);
  const compared = layers.find(({ name }) => name === pinnedLayer) ?? layers.at(0);
  const point = useCallback((next: Unit | undefined) => {
    pointAtFilter(next?.map);
    // The last unit stays selected when the pointer leaves, so that a person can read its numbers.
    if (next) setUnit(next);
  }, []);
  const shown = inspected && layers.length > 0 ? shownUnit(inspected, layers[0].name, unit) : undefined;

  return (
    <div ref={place} className={`${styles.panel} ${over ? styles.over : ''}`} {...handlers}>
      <div className={styles.focus}>
        <ImageStage box={inspected && shown ? boxOf(inspected, shown) : undefined} />
        <div className={styles.right}>
          <div className={styles.heading}>
            <ScaleLegend scaling={scaling} />
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
                  <FocusMaps
                    key={name}
                    layer={name}
                    shape={shape}
                    scaling={scaling}
                    inspected={inspected}
                    onPoint={point}
                  />
                ))
              : [0, 1].map((i) => <SkeletonBlock key={i} height={250} />)}
          </div>
          <div className={styles.details}>
            {inspected && shown && <WindowSum inspected={inspected} unit={shown} />}
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

/** Asks the network only while the panel is in view. */
function useWatchInView(place: RefObject<HTMLElement | null>): void {
  const { imageInspection } = useLabHandle();
  useEffect(() => {
    if (!place.current) return;
    let stop: (() => void) | undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        const inView = entries.at(-1)?.isIntersecting ?? false;
        if (inView) stop ??= imageInspection.watch();
        else {
          stop?.();
          stop = undefined;
        }
      },
      { rootMargin: '200px' },
    );
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      stop?.();
    };
  }, [imageInspection, place]);
}

/** The unit under the pointer, or the strongest unit of the image in focus until a person points at one. */
function shownUnit(
  inspected: InspectedImages,
  layer: string,
  unit: (Omit<Unit, 'image'> & { image?: string }) | undefined,
): Unit {
  const focus = inspected.images[0].id;
  if (unit) {
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
function boxOf({ network, images }: InspectedImages, { image, row, column }: Unit): MapBox | undefined {
  const [conv] = network.layers;
  if (conv?.kind !== 'conv' || image !== images[0].id) return undefined;
  return { map: 0, row, column, rows: conv.kernelSize, columns: conv.kernelSize };
}

function ScaleLegend({ scaling }: { scaling: Scaling }) {
  const limit = useStore(sharedLimitOf(useLabHandle()), (state) => state.limit);
  return scaling === 'shared' ? (
    <ColorLegend colors="sign" scale={{ low: -limit, high: limit }} unit="activation" />
  ) : (
    <ColorLegend colors="sign" scale={{ low: -1, high: 1 }} unit="share of the map’s maximum" />
  );
}

interface FocusMapsProps {
  layer: string;
  shape: number[];
  scaling: Scaling;
  inspected: InspectedImages;
  onPoint: (unit: Unit | undefined) => void;
}

function FocusMaps({ layer, shape, scaling, inspected, onPoint }: FocusMapsProps) {
  const lab = useLabHandle();
  const highlighted = usePointedFilter();
  const maps = useMemo(() => activationMaps(lab, { image: 'first', layer, scaling }), [lab, layer, scaling]);
  const focus = inspected.images[0].id;
  const point = (cell: MapCell | undefined) => onPoint(cell && { image: focus, layer, ...cell });
  return (
    <section>
      <h3 className={styles.layer}>
        {layer} <span className={styles.shape}>{shape.join(' × ')}</span>
      </h3>
      <ImageGrid
        label={`${layer}: ${shape[0]} activation maps, one per filter`}
        maps={maps}
        nameOf={(map) => `filter ${map}`}
        across={8}
        gap={2}
        largestMap={78}
        emptyHeight={168}
        highlighted={highlighted}
        onPoint={point}
      />
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
