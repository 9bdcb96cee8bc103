import type { PlotlyPoint } from 'plotly.js-cartesian-dist-min';
import { useCallback, useMemo, useRef, useState } from 'react';
import { analyzedLayers } from '../../lab/ask/layers.ts';
import { dataSetImage } from '../../lab/images/dataSetImage.ts';
import type { SpectrumView } from '../../lab/spectrum/spectrumFollow.ts';
import { MOST_SPECTRUM_IMAGES } from '../../lab/spectrum/spectrumQuestion.ts';
import { destinations, sendTo } from '../context/destinations.ts';
import { useLab, useLabHandle, usePaced } from '../context/LabContext.tsx';
import { everything, useStore } from '../context/useStore.ts';
import { ActivationsSource } from '../data/ActivationsSource.tsx';
import { useColors } from '../shared/colors.ts';
import { formatCount } from '../shared/format.ts';
import { ImageThumb } from '../shared/ImageThumb.tsx';
import { LiveText } from '../shared/LiveText.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { Plot } from '../shared/Plot.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { pictureLayout, SaveChart } from '../shared/SaveChart.tsx';
import { SkeletonBlock } from '../shared/Skeleton.tsx';
import { NumberField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useAwaited } from '../shared/useAwaited.ts';
import { useWhileInView } from '../shared/useWhileInView.ts';
import { ActivationsSpectrum } from './ActivationsSpectrum.tsx';
import { ClassKey } from './ClassKey.tsx';
import { LayerTable } from './LayerTable.tsx';
import { SpacePlot } from './SpacePlot.tsx';
import styles from './SpectrumPanel.module.css';
import { SpectrumValuesChart } from './SpectrumValuesChart.tsx';
import { componentLayout, componentsCsv, componentTraces } from './spectrumFigure.ts';

const HEIGHT = 340;

const spaceOptions = [
  { value: 'plane', label: '2-D' },
  { value: 'space', label: '3-D' },
] as const;

/** The spectrum of the page's network, or of activations from elsewhere. */
export default function SpectrumPanel() {
  const { activations } = useLabHandle();
  const shown = useStore(activations.store, (state) => (state.shown ? state.info : undefined));
  return (
    <>
      <ActivationsSource />
      {shown ? <ActivationsSpectrum info={shown} /> : <NetworkSpectrum />}
    </>
  );
}

/** Singular values and principal components of a layer's activations at the moment shown. */
function NetworkSpectrum() {
  const { spectrum } = useLabHandle();
  const place = useRef<HTMLDivElement>(null);
  const network = useLab((state) => state.network);
  const classNames = useLab((state) => state.data?.classNames);
  const { answer, stale, computing, problem } = usePaced(spectrum.query.store, everything);
  const most = useLab(({ data }) =>
    Math.min(MOST_SPECTRUM_IMAGES, data?.train.count ?? MOST_SPECTRUM_IMAGES),
  );
  const { layer, count: asked } = useStore(spectrum.settings);
  const count = Math.min(asked, most);
  useWhileInView(place, spectrum.query.watch);
  const layers = useMemo(() => analyzedLayers(network).map((value) => ({ value, label: value })), [network]);
  const awaited = useAwaited({ stale, problem });
  const dimmed = stale || (answer !== undefined && answer.layer !== layer);
  return (
    <div ref={place} data-waiting={awaited}>
      <div className={styles.controls}>
        <ToggleGroup
          label="Layer"
          value={layer}
          options={layers}
          onChange={(next) => spectrum.set({ layer: next })}
        />
        <div className={styles.short}>
          <NumberField
            label="Images"
            value={count}
            minimum={2}
            maximum={most}
            integer
            onCommit={(next) => spectrum.set({ count: next })}
          />
        </div>
        {computing && <SpectrumProgress />}
      </div>
      {problem && <ErrorNotice message={problem} onRetry={spectrum.query.renew} />}
      {answer && classNames ? (
        <>
          <Reading view={answer} stale={dimmed} />
          <div className={`${styles.charts} ${dimmed ? styles.dimmed : ''}`}>
            <SpectrumValuesChart
              view={answer}
              subject={`${answer.layer} at step ${formatCount(answer.step)}`}
              file={`${answer.layer}-step-${answer.step}`}
            />
            <Components view={answer} classNames={classNames} />
          </div>
        </>
      ) : (
        <SkeletonBlock height={440} />
      )}
      <LayerTable count={count} layer={layer} onLayer={(next) => spectrum.set({ layer: next })} />
    </div>
  );
}

function SpectrumProgress() {
  const fraction = useStore(useLabHandle().spectrum.progress, (state) => state.fraction);
  return <ProgressBar label="Computing" value={fraction} total={1} />;
}

function Reading({ view, stale }: { view: SpectrumView; stale: boolean }) {
  return (
    <p className={styles.reading} role="status">
      <LiveText
        text={`${view.layer} at step ${formatCount(view.step)}${stale ? ', not yet of the moment shown' : ''}`}
        digits={view.layer.length + 42}
        flows
      />
      <span>
        participation ratio{' '}
        <strong>
          <LiveText text={view.participationRatio.toFixed(2)} digits={5} />
        </strong>{' '}
        of {view.singularValues.length}
      </span>
      <span>
        components that carry 95 % of the sum of squares, not centered:{' '}
        <strong>
          <LiveText text={String(view.componentsFor95)} digits={3} />
        </strong>
      </span>
      <span>
        centered, as in PCA: participation ratio{' '}
        <strong>
          <LiveText text={view.centeredParticipationRatio.toFixed(2)} digits={5} />
        </strong>
      </span>
    </p>
  );
}

/** The images along the leading directions, in two or three dimensions. */
function Components({ view, classNames }: { view: SpectrumView; classNames: readonly string[] }) {
  const colors = useColors();
  const [shown, setShown] = useState<'plane' | 'space'>('plane');
  const space = shown === 'space' && view.deep !== undefined;
  const traces = useMemo(
    () => componentTraces(view, { space, classNames, colors }),
    [view, space, classNames, colors],
  );
  const layout = useMemo(() => componentLayout(view, space), [view, space]);
  const { image, onHover, onSelect } = useHoveredImage(view);
  const label = `${view.labels.length} images along the leading directions of the ${view.layer} layer`;
  const chart = { label, traces, layout, height: HEIGHT, onHover, onSelect };
  return (
    <section>
      <div className={styles.heading}>
        <h3>Principal components</h3>
        <ToggleGroup
          label="Dimensions"
          hideLabel
          compact
          value={shown}
          options={spaceOptions}
          onChange={setShown}
        />
      </div>
      {space ? <SpacePlot {...chart} /> : <Plot summary="One point per image, by its class." {...chart} />}
      {!space && (
        <SaveChart
          what="the principal components"
          file={`${view.layer}-step-${view.step}-components`}
          traces={traces}
          layout={pictureLayout(
            layout,
            `Principal components: ${view.layer} at step ${formatCount(view.step)}`,
          )}
          csv={() => componentsCsv(view, classNames)}
        />
      )}
      <div className={styles.below}>
        <ClassKey classNames={classNames} />
        <div className={styles.hovered}>{image && <ImageThumb image={image} size={56} caption />}</div>
      </div>
      <p className={styles.note}>
        Point at an image to see it; click to open it in Activations. Between moments the axes are rotated to
        keep the clusters in place, so only distances are meaningful, not directions.
      </p>
    </section>
  );
}

/** The image of the point under the pointer. A click opens a point's image in Activations. */
function useHoveredImage(view: SpectrumView) {
  const lab = useLabHandle();
  const data = useLab((state) => state.data);
  const [hovered, setHovered] = useState<number>();
  const imageAt = useCallback(
    (spot: unknown) =>
      data && typeof spot === 'number' && spot < view.indices.length
        ? dataSetImage(data, 'train', view.indices[spot])
        : undefined,
    [data, view],
  );
  const onHover = (points: PlotlyPoint[] | undefined) => {
    // The last image stays when the pointer leaves, so that its menu can be reached.
    const spot = points?.[0]?.customdata;
    if (typeof spot === 'number') setHovered(spot);
  };
  const onSelect = (points: PlotlyPoint[]) => {
    const image = imageAt(points[0]?.customdata);
    if (image) sendTo(destinations[0], lab, image);
  };
  const image = useMemo(() => imageAt(hovered), [imageAt, hovered]);
  return { image, onHover, onSelect };
}
