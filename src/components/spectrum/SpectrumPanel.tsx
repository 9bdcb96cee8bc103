import type { PlotlyPoint } from 'plotly.js-cartesian-dist-min';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { analyzedLayers } from '../../lab/ask/selection.ts';
import { dataSetImage } from '../../lab/images/dataSetImage.ts';
import type { SpectrumView } from '../../lab/spectrum/spectrumFollow.ts';
import { MOST_SPECTRUM_IMAGES } from '../../lab/spectrum/spectrumQuestion.ts';
import { destinations, sendTo } from '../context/destinations.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { classMark } from '../shared/classMarks.ts';
import { useColors } from '../shared/colors.ts';
import { formatCount, formatValue } from '../shared/format.ts';
import { ImageThumb } from '../shared/ImageThumb.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { Plot } from '../shared/Plot.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { SkeletonBlock } from '../shared/Skeleton.tsx';
import { NumberField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useWhileInView } from '../shared/useWhileInView.ts';
import { SpacePlot } from './SpacePlot.tsx';
import styles from './SpectrumPanel.module.css';
import {
  componentLayout,
  componentTraces,
  type SpectrumAxis,
  type SpectrumValues,
  valueLayout,
  valueTraces,
} from './spectrumFigure.ts';

const HEIGHT = 340;

const valueOptions = [
  { value: 'raw', label: 'Values' },
  { value: 'normalized', label: 'Normalized' },
  { value: 'cumulative', label: 'Cumulative' },
] as const;
const axisOptions = [
  { value: 'log', label: 'Log' },
  { value: 'linear', label: 'Linear' },
] as const;
const spaceOptions = [
  { value: 'plane', label: '2-D' },
  { value: 'space', label: '3-D' },
] as const;

/** Singular values and principal components of a layer's activations at the moment shown. */
export default function SpectrumPanel() {
  const { spectrum } = useLabHandle();
  const place = useRef<HTMLDivElement>(null);
  const network = useLab((state) => state.network);
  const classNames = useLab((state) => state.data?.classNames);
  const { answer, stale, computing, problem } = useStore(spectrum.query.store);
  const { layer, count } = useStore(spectrum.settings);
  useWhileInView(place, spectrum.query.watch);
  const layers = useMemo(() => analyzedLayers(network).map((value) => ({ value, label: value })), [network]);
  const dimmed = stale || (answer !== undefined && answer.layer !== layer);
  return (
    <div ref={place}>
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
            maximum={MOST_SPECTRUM_IMAGES}
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
            <Values view={answer} />
            <Components view={answer} classNames={classNames} />
          </div>
        </>
      ) : (
        <SkeletonBlock height={440} />
      )}
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
      <span>
        {view.layer} at step {formatCount(view.step)}
        {stale ? ', not yet of the moment shown' : ''}
      </span>
      <span>
        participation ratio <strong>{view.participationRatio.toFixed(2)}</strong> of{' '}
        {view.singularValues.length}
      </span>
      <span>
        <strong>{view.componentsFor95}</strong> {view.componentsFor95 === 1 ? 'component' : 'components'}{' '}
        carry 95 % of the sum of squares, not centered
      </span>
      <span>
        centered, as in PCA: participation ratio <strong>{view.centeredParticipationRatio.toFixed(2)}</strong>
      </span>
    </p>
  );
}

function Values({ view }: { view: SpectrumView }) {
  const colors = useColors();
  const [values, setValues] = useState<SpectrumValues>('raw');
  const [axis, setAxis] = useState<SpectrumAxis>('log');
  const traces = useMemo(() => valueTraces(view, values, colors), [view, values, colors]);
  const layout = useMemo(() => valueLayout(view, { values, axis, colors }), [view, values, axis, colors]);
  return (
    <section>
      <div className={styles.heading}>
        <h3>Singular values</h3>
        <ToggleGroup
          label="Values"
          hideLabel
          compact
          value={values}
          options={valueOptions}
          onChange={setValues}
        />
        <ToggleGroup label="Axis" hideLabel compact value={axis} options={axisOptions} onChange={setAxis} />
      </div>
      <Plot
        label={`Singular values of the ${view.layer} layer`}
        summary={`The largest is ${formatValue(view.singularValues[0])}; ${view.componentsFor95} of ${view.singularValues.length} carry 95 percent of the sum of squares, not centered.`}
        traces={traces}
        layout={layout}
        height={HEIGHT}
      />
      <p className={styles.note}>
        The size of the activations along each direction. If only a few values are large, the images differ in
        few ways at this layer. The participation ratio counts the directions that matter.
      </p>
    </section>
  );
}

function Components({ view, classNames }: { view: SpectrumView; classNames: readonly string[] }) {
  const lab = useLabHandle();
  const data = useLab((state) => state.data);
  const colors = useColors();
  const [shown, setShown] = useState<'plane' | 'space'>('plane');
  const [hovered, setHovered] = useState<number>();
  const space = shown === 'space' && view.deep !== undefined;
  const traces = useMemo(
    () => componentTraces(view, { space, classNames, colors }),
    [view, space, classNames, colors],
  );
  const layout = useMemo(() => componentLayout(view, space), [view, space]);
  const imageAt = useCallback(
    (spot: unknown) =>
      data && typeof spot === 'number' && spot < view.indices.length
        ? dataSetImage(data, 'train', view.indices[spot])
        : undefined,
    [data, view],
  );
  const hover = (points: PlotlyPoint[] | undefined) => {
    // The last image stays when the pointer leaves, so that its menu can be reached.
    const spot = points?.[0]?.customdata;
    if (typeof spot === 'number') setHovered(spot);
  };
  const select = (points: PlotlyPoint[]) => {
    const image = imageAt(points[0]?.customdata);
    if (image) sendTo(destinations[0], lab, image);
  };
  const image = useMemo(() => imageAt(hovered), [imageAt, hovered]);
  const label = `${view.labels.length} images along the leading directions of the ${view.layer} layer`;
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
      {space ? (
        <SpacePlot
          label={label}
          traces={traces}
          layout={layout}
          height={HEIGHT}
          onHover={hover}
          onSelect={select}
        />
      ) : (
        <Plot
          label={label}
          summary="One point per image, by its class."
          traces={traces}
          layout={layout}
          height={HEIGHT}
          onHover={hover}
          onSelect={select}
        />
      )}
      <div className={styles.below}>
        <ul className={styles.key} aria-label="Classes">
          {classNames.map((name, label) => (
            <li key={name} className="data-color" style={{ color: colors[classMark(label).color] }}>
              {classMark(label).glyph} {name}
            </li>
          ))}
        </ul>
        <div className={styles.hovered}>{image && <ImageThumb image={image} size={56} caption />}</div>
      </div>
      <p className={styles.note}>
        Point at an image to see it; click to open it in Activations. Between moments the axes are rotated to
        keep the clusters in place, so only distances are meaningful, not directions.
      </p>
    </section>
  );
}
