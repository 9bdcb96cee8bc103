import { memo, useMemo } from 'react';
import { formatValue } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { Plot } from '../shared/Plot.tsx';
import styles from './GeometryPanel.module.css';
import {
  type FigureOptions,
  layerLayout,
  layerTraces,
  trainingLayout,
  trainingTraces,
} from './geometryFigure.ts';
import { figureOf, formatFigure, type Measure } from './measures.ts';
import { type TheirFigures, theirLayerTraces, theirTrainingTraces } from './theirFigure.ts';

interface MeasureColumnProps extends Omit<FigureOptions, 'measure'> {
  measure: Measure;
  /** The layer whose figure appears in the heading. */
  layer: string;
  shown: number;
  last: number;
  stale: boolean;
  log: boolean;
  /** Figures of the compared run. */
  theirs?: TheirFigures;
}

/** The charts of a measure, and of the compared run's, against the layers and against training. */
function useMeasureCharts(props: Omit<MeasureColumnProps, 'layer' | 'stale'>) {
  const { measure, shown, last, log, theirs, ...rest } = props;
  const { results, layers, radius, resamples, classesOf, classNames, colors } = rest;
  const { id } = measure;
  const options = useMemo(
    () => ({ results, layers, radius, resamples, classesOf, classNames, colors, measure: id }),
    [results, layers, radius, resamples, classesOf, classNames, colors, id],
  );
  const overLayers = useMemo(
    () => [
      ...layerTraces(options, { shown, first: 0, last }),
      ...(theirs ? theirLayerTraces(options, theirs, shown) : []),
    ],
    [options, theirs, shown, last],
  );
  const overTraining = useMemo(
    () => [
      ...trainingTraces({ ...options, log }),
      ...(theirs ? theirTrainingTraces({ ...options, log }, theirs) : []),
    ],
    [options, theirs, log],
  );
  const reach = useMemo(
    () => Math.max(last, ...[...(theirs?.results.values() ?? [])].flatMap((own) => [...own.keys()])),
    [theirs, last],
  );
  const layersLayout = useMemo(() => layerLayout(layers), [layers]);
  const stepsLayout = useMemo(
    () => trainingLayout({ log, shown, last, reach, colors }),
    [log, shown, last, reach, colors],
  );
  return {
    againstLayers: { traces: overLayers, layout: layersLayout },
    againstTraining: { traces: overTraining, layout: stepsLayout },
  };
}

/** One measure: its meaning, its chart against the layers, and its chart against training. */
export const MeasureColumn = memo(function MeasureColumn(props: MeasureColumnProps) {
  const { measure, layer, shown, stale, results, radius, resamples } = props;
  const { againstLayers, againstTraining } = useMeasureCharts(props);
  const result = results.get(layer)?.get(layer === 'input' ? 0 : shown);
  const figure = result && figureOf(result, { measure: measure.id, radius }, resamples);
  const summary = figure ? `${layer} at step ${shown}: ${formatFigure(figure)}.` : 'Nothing computed yet.';
  return (
    <section className={styles.measure} aria-label={measure.title}>
      <h3>
        {measure.title} <i>{measure.symbol}</i>
        <span className={styles.figure}>
          <LiveText text={figure ? formatValue(figure.value) : '–'} digits={6} />
          <small>
            <LiveText
              text={`${figure?.margin === undefined ? '' : `± ${formatValue(figure.margin)}, `}${layer}`}
              digits={layer.length + 10}
            />
          </small>
        </span>
      </h3>
      <p className={styles.sentence}>{measure.sentence}</p>
      <div className={stale ? styles.dimmed : undefined}>
        <Plot
          label={`${measure.title} against the layers`}
          summary={summary}
          {...againstLayers}
          height={190}
        />
      </div>
      <Plot
        label={`${measure.title} against training`}
        summary={summary}
        {...againstTraining}
        height={220}
        keyboardTrace={2}
      />
    </section>
  );
});
