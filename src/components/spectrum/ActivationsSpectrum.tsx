import { useEffect, useMemo, useState } from 'react';
import { type SpectrumView, viewOf } from '../../lab/spectrum/spectrumFollow.ts';
import { MOST_SPECTRUM_IMAGES } from '../../lab/spectrum/spectrumQuestion.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import styles from '../data/ActivationsSource.module.css';
import { useColors } from '../shared/colors.ts';
import { formatCount } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { Plot } from '../shared/Plot.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { pictureLayout, SaveChart } from '../shared/SaveChart.tsx';
import { NumberField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useRequest } from '../shared/useRequest.ts';
import { ClassKey } from './ClassKey.tsx';
import { SpectrumValuesChart } from './SpectrumValuesChart.tsx';
import { componentLayout, componentsCsv, componentTraces } from './spectrumFigure.ts';

const HEIGHT = 340;

/** Singular values and principal components of activations from elsewhere. */
export function ActivationsSpectrum({ info }: { info: ActivationInfo }) {
  const [wanted, setWanted] = useState(info.layers[0].name);
  const [asked, setAsked] = useState(100);
  const most = Math.min(info.count, MOST_SPECTRUM_IMAGES);
  const count = Math.min(asked, most);
  const layer = info.layers.some(({ name }) => name === wanted) ? wanted : info.layers[0].name;
  const { view, fraction, problem } = useActivationsSpectrum({ info, layer, count });
  return (
    <>
      <div className={styles.controls}>
        <ToggleGroup
          label="Layer"
          value={layer}
          options={info.layers.map(({ name }) => ({ value: name, label: name }))}
          onChange={setWanted}
        />
        <NumberField label="Images" value={count} minimum={2} maximum={most} integer onCommit={setAsked} />
        {fraction !== undefined && <ProgressBar label="Computing" value={fraction} total={1} />}
      </div>
      {problem && <ErrorNotice message={problem} />}
      {view && <Charts view={view} info={info} />}
    </>
  );
}

interface SpectrumRequest {
  info: ActivationInfo;
  layer: string;
  count: number;
}

/** The spectrum of a layer; `fraction` is the progress while it is computed. */
function useActivationsSpectrum({ info, layer, count }: SpectrumRequest) {
  const { activations } = useLabHandle();
  const [view, setView] = useState<SpectrumView>();
  const { fraction, problem, run, cancel } = useRequest();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other activations have other values
  useEffect(() => {
    void run(async ({ signal, onProgress }) => {
      const answer = await activations.spectrum({ layer, count, signal, onProgress });
      const found = await viewOf({ ...answer, step: 0 }, undefined);
      signal.throwIfAborted();
      setView(found);
    });
    return cancel;
  }, [activations, info, layer, count]);
  return { view, fraction, problem };
}

/** The reading of the spectrum, its values, and the images along the leading directions. */
function Charts({ view, info: { name, classNames } }: { view: SpectrumView; info: ActivationInfo }) {
  const colors = useColors();
  const traces = useMemo(
    () => componentTraces(view, { space: false, classNames, colors }),
    [view, classNames, colors],
  );
  const layout = useMemo(() => componentLayout(view, false), [view]);
  const subject = `${view.layer} of ${name}`;
  const file = `${name.replace(/\.\w+$/, '')}-${view.layer}`;
  return (
    <>
      <p role="status">
        {view.layer} of {name}, {formatCount(view.labels.length)} images: participation ratio{' '}
        <strong>{view.participationRatio.toFixed(2)}</strong> of {view.singularValues.length};{' '}
        <strong>{view.componentsFor95}</strong> carry 95 % of the sum of squares, not centered; centered, as
        in PCA: participation ratio <strong>{view.centeredParticipationRatio.toFixed(2)}</strong>
      </p>
      <div className={styles.charts}>
        <SpectrumValuesChart view={view} subject={subject} file={file} />
        <section>
          <h3>Principal components</h3>
          <Plot
            label={`${view.labels.length} images along the leading directions of the ${view.layer} layer`}
            summary="One point per image, by its class."
            traces={traces}
            layout={layout}
            height={HEIGHT}
          />
          <SaveChart
            what="the principal components"
            file={`${file}-components`}
            traces={traces}
            layout={pictureLayout(layout, `Principal components: ${subject}`)}
            csv={() => componentsCsv(view, classNames)}
          />
          <ClassKey classNames={classNames} />
        </section>
      </div>
    </>
  );
}
