import { useEffect, useMemo, useRef, useState } from 'react';
import { analyzedLayer } from '../../lab/ask/layers.ts';
import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { useLab, useLabHandle, usePaced } from '../context/LabContext.tsx';
import { everything, useStore } from '../context/useStore.ts';
import { ColorLegend } from '../shared/ColorLegend.tsx';
import { formatCount } from '../shared/format.ts';
import { useDropTarget } from '../shared/imageDrag.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { SkeletonBlock } from '../shared/Skeleton.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useAwaitedStep } from '../shared/useAwaited.ts';
import { useWhileInView } from '../shared/useWhileInView.ts';
import styles from './ActivationsPanel.module.css';
import { activationsOf, type Scaling, sharedLimitOf, shownLayers } from './activationMaps.ts';
import { ClassBars } from './ClassBars.tsx';
import { FocusLayer } from './FocusLayer.tsx';
import { ImageStage } from './ImageStage.tsx';
import { receive } from './offers.ts';
import { PinnedImages } from './PinnedImages.tsx';
import { UnitComputation } from './UnitComputation.tsx';
import type { Unit } from './unitSum.ts';
import { boxOf, useShownUnit } from './useShownUnit.ts';

const scalings = [
  { value: 'shared', label: 'One scale' },
  { value: 'own', label: 'Separate scales' },
] as const;

/** The network's activations for any image, layer by layer, at the moment shown. */
export default function ActivationsPanel() {
  const lab = useLabHandle();
  const place = useRef<HTMLDivElement>(null);
  const { inspected } = usePaced(lab.imageInspection.store, everything);
  const [scaling, setScaling] = useState<Scaling>('shared');
  const [pinnedLayer, setPinnedLayer] = useState<string>();
  const chosen = useLab(chosenLayer);
  // The network is asked only while the panel is in view.
  useWhileInView(place, lab.imageInspection.watch);
  const { over, handlers } = useDropTarget(
    () => true,
    (transfer) => void receive(lab, transfer, 'drop'),
  );
  const layers = useMemo(() => (inspected ? shownLayers(inspected) : []), [inspected]);
  // A layer that is not shown, such as flatten, has the values of the layer before.
  const followed =
    inspected && chosen !== undefined
      ? [chosen, analyzedLayer(inspected.network, chosen)].find((layer) =>
          layers.some(({ name }) => name === layer),
        )
      : undefined;
  const first = followed ?? layers.at(0)?.name;
  const { shown, point, forget } = useShownUnit(inspected, first);
  // A layer chosen on the page shows its own strongest unit.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect belongs to the choice
  useEffect(() => {
    forget();
    setPinnedLayer(undefined);
  }, [chosen]);

  return (
    <div ref={place} className={`${styles.panel} ${over ? styles.over : ''}`} {...handlers}>
      <div className={styles.focus}>
        <ImageStage box={inspected && shown ? boxOf(inspected, shown) : undefined} />
        <Focus {...{ inspected, layers, scaling, shown, followed }} onScaling={setScaling} onPoint={point} />
      </div>
      <SideBySide
        {...{ layers, scaling }}
        layer={pinnedLayer ?? first}
        onLayer={setPinnedLayer}
        onPoint={point}
      />
    </div>
  );
}

interface FocusProps {
  inspected?: InspectedImages;
  /** The layers of `inspected` to show. */
  layers: ReturnType<typeof shownLayers>;
  scaling: Scaling;
  /** The unit whose computation is shown. */
  shown?: Unit;
  /** The layer chosen on the page. */
  followed?: string;
  onScaling: (scaling: Scaling) => void;
  onPoint: (unit: Unit | undefined) => void;
}

/** The image in focus: every layer's activations, one unit's computation, and the classes. */
function Focus({ inspected, layers, scaling, shown, followed, onScaling, onPoint }: FocusProps) {
  return (
    <div className={styles.right}>
      <FocusHeading
        hasMaps={layers.some(({ shape }) => shape.length === 3)}
        scaling={scaling}
        onScaling={onScaling}
      />
      <div className={styles.layers}>
        {inspected
          ? layers.map(({ name, shape }) => (
              <FocusLayer
                key={name}
                layer={name}
                {...{ shape, scaling, inspected, shown, onPoint }}
                isChosen={name === followed}
              />
            ))
          : [0, 1].map((i) => <SkeletonBlock key={i} height={250} />)}
      </div>
      <div className={styles.details}>
        {inspected && shown && <UnitComputation inspected={inspected} unit={shown} />}
        <FocusBars />
      </div>
    </div>
  );
}

interface FocusHeadingProps {
  /** Whether any layer has maps: only maps are colored by the scale. */
  hasMaps: boolean;
  scaling: Scaling;
  onScaling: (scaling: Scaling) => void;
}

/** The scale of the activations, their step, and an error in reading them. */
function FocusHeading({ hasMaps, scaling, onScaling }: FocusHeadingProps) {
  const { inspected, problem } = usePaced(useLabHandle().imageInspection.store, everything);
  const awaited = useAwaitedStep(inspected?.step, problem);
  return (
    <>
      <div className={styles.heading}>
        {hasMaps && <ScaleLegend scaling={scaling} />}
        <ToggleGroup
          label="Color scale"
          hideLabel
          compact
          value={scaling}
          options={scalings}
          onChange={onScaling}
        />
        {inspected && (
          <span className={styles.step} data-waiting={awaited}>
            <LiveText text={`at step ${formatCount(inspected.step)}`} digits={14} />
          </span>
        )}
      </div>
      {problem && <ErrorNotice message={problem} />}
    </>
  );
}

interface SideBySideProps {
  layers: readonly { name: string }[];
  /** The layer to show if it is one of the layers, otherwise the first. */
  layer: string | undefined;
  scaling: Scaling;
  onLayer: (layer: string) => void;
  onPoint: (unit: Unit | undefined) => void;
}

/** The pinned images at one layer, beside each other. */
function SideBySide({ layers, layer, scaling, onLayer, onPoint }: SideBySideProps) {
  const { inspected } = usePaced(useLabHandle().imageInspection.store, everything);
  const classNames = useLab((state) => state.data?.classNames);
  const compared = layers.find(({ name }) => name === layer) ?? layers.at(0);
  if (!inspected || !classNames || !compared) return null;
  return (
    <section className={styles.pinned} aria-labelledby="activations-pinned">
      <header className={styles.heading}>
        <h3 id="activations-pinned">Side by side</h3>
        <ToggleGroup
          label="Layer"
          hideLabel
          compact
          value={compared.name}
          options={layers.map(({ name }) => ({ value: name, label: name }))}
          onChange={onLayer}
        />
      </header>
      <PinnedImages
        inspected={inspected}
        layer={compared.name}
        scaling={scaling}
        classNames={classNames}
        onPoint={onPoint}
      />
    </section>
  );
}

function ScaleLegend({ scaling }: { scaling: Scaling }) {
  const limit = useStore(sharedLimitOf(useLabHandle()), (state) => state.limit);
  return scaling === 'shared' ? (
    <ColorLegend colors="sign" scale={{ low: -limit, high: limit }} unit="activation" />
  ) : (
    <ColorLegend colors="sign" scale={{ low: -1, high: 1 }} unit="share of the map’s maximum" />
  );
}

/** The logits and the probabilities of the image in focus. */
function FocusBars() {
  const { inspected } = usePaced(useLabHandle().imageInspection.store, everything);
  const classNames = useLab((state) => state.data?.classNames);
  if (!inspected || !classNames) return <SkeletonBlock height={270} />;
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
