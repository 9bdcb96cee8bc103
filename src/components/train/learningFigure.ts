import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { bestEpoch, type History } from '../../lab/history.ts';
import { axisEnd } from '../shared/axisEnd.ts';
import type { Colors } from '../shared/colors.ts';
import { formatShare, formatValue } from '../shared/format.ts';
import type { OverlayLine } from '../shared/plotOverlay.ts';
import { indicesToDraw, smoothed } from './curves.ts';

export type CurveScale = 'log' | 'linear';

interface TraceOptions {
  history: History;
  scale: CurveScale;
  /** Visible steps; all by default. */
  zoom?: [number, number];
  colors: Colors;
}

/** On the log scale accuracy is drawn as the share of errors, upside down; a batch without an error lies on this edge. */
const fewestErrors = 1e-3;

/** Per panel: raw and smoothed training values, then the test set's, then the best epoch's ring. */
export function curveTraces({ history, scale, zoom, colors }: TraceOptions): PlotlyTrace[] {
  const { losses, accuracies, length, epochs } = history;
  const from = zoom ? Math.max(0, Math.floor(zoom[0]) - 1) : 0;
  const to = zoom ? Math.min(length, Math.ceil(zoom[1]) + 2) : length;
  const height = accuracyHeight(scale);
  const best = bestEpoch(history);
  const ends = epochs.map(({ step }) => step);
  return [
    ...trainTraces('loss', losses, {
      from,
      to,
      length,
      axis: 'y',
      height: (loss) => loss,
      text: formatValue,
      colors,
    }),
    testTrace(
      'loss',
      ends,
      epochs.map(({ testLoss }) => testLoss),
      { axis: 'y', height: (loss) => loss, text: formatValue, colors },
    ),
    ...trainTraces('accuracy', accuracies, {
      from,
      to,
      length,
      axis: 'y2',
      height,
      text: formatShare,
      colors,
    }),
    testTrace(
      'accuracy',
      ends,
      epochs.map(({ testAccuracy }) => testAccuracy),
      { axis: 'y2', height, text: formatShare, colors },
    ),
    {
      type: 'scatter',
      mode: 'markers',
      name: 'best epoch',
      x: best ? [best.step] : [],
      y: best ? [height(best.testAccuracy)] : [],
      yaxis: 'y2',
      hoverinfo: 'skip',
      marker: { symbol: 'circle-open', size: 17, color: colors.test, line: { width: 2 } },
      cliponaxis: false,
    },
  ];
}

function accuracyHeight(scale: CurveScale): (accuracy: number) => number {
  return scale === 'log' ? (accuracy) => Math.max(fewestErrors, 1 - accuracy) : (accuracy) => accuracy;
}

/** The training curves from step `from` on, for the overlay. */
export function newestLines(
  { losses, accuracies, length }: History,
  from: number,
  scale: CurveScale,
  colors: Colors,
): OverlayLine[] {
  if (from >= length) return [];
  const lines = (
    values: Float32Array,
    axis: 'y' | 'y2',
    height: (value: number) => number,
  ): OverlayLine[] => {
    const x = indicesToDraw(values, Math.max(0, from - 1), length, 600);
    const average = smoothed(values, length);
    const heights = (source: Float32Array) => Float64Array.from(x, (i) => height(source[i]));
    return [
      { x, y: heights(values), axis, color: colors['train-raw'], width: 1 },
      { x, y: heights(average), axis, color: colors.train, width: 2 },
    ];
  };
  return [...lines(losses, 'y', (loss) => loss), ...lines(accuracies, 'y2', accuracyHeight(scale))];
}

interface SeriesOptions {
  axis: 'y' | 'y2';
  /** From the value to where it is drawn. */
  height: (value: number) => number;
  text: (value: number) => string;
  colors: Colors;
}

function trainTraces(
  name: string,
  values: Float32Array,
  options: SeriesOptions & { from: number; to: number; length: number },
): PlotlyTrace[] {
  const { from, to, length, axis, height, text, colors } = options;
  const indices = indicesToDraw(values, from, Math.min(to, length));
  const average = smoothed(values, length);
  const line = (label: string, source: Float32Array, color: string, width: number): PlotlyTrace => ({
    type: 'scatter',
    mode: 'lines',
    name: label,
    x: indices,
    y: Array.from(indices, (i) => height(source[i])),
    text: Array.from(indices, (i) => text(source[i])),
    hovertemplate: `%{text} ${label}<extra></extra>`,
    yaxis: axis,
    line: { color, width, simplify: false },
  });
  return [
    line(`${name} of the batch`, values, colors['train-raw'], 1),
    line(`${name}, smoothed`, average, colors.train, 2),
  ];
}

function testTrace(name: string, steps: number[], values: number[], options: SeriesOptions): PlotlyTrace {
  const { axis, height, text, colors } = options;
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name: `test ${name}`,
    x: steps,
    y: values.map((value) => height(value)),
    text: values.map((value) => text(value)),
    hovertemplate: `%{text} test ${name}<extra></extra>`,
    yaxis: axis,
    line: { color: colors.test, width: 1, dash: 'dot' },
    marker: { symbol: 'diamond', size: 8, color: colors.test },
    cliponaxis: false,
  };
}

interface LayoutOptions {
  scale: CurveScale;
  history: History;
  stepsPerEpoch: number;
  plannedEpochs: number;
  classes: number;
  colors: Colors;
}

/** Loss above accuracy over one axis of steps; hairlines where epochs end, dots where guessing would stand. */
export function curveLayout(options: LayoutOptions): PlotlyLayout {
  const { scale, history, stepsPerEpoch, plannedEpochs, classes, colors } = options;
  const steps = history.length;
  const least = history.losses.subarray(0, steps).reduce((a, b) => Math.min(a, b), 1);
  const log = scale === 'log';
  const guessedLoss = Math.log(classes);
  const guessedHeight = log ? 1 - 1 / classes : 1 / classes;
  const epochEnd = (step: number) => ({
    type: 'line',
    xref: 'x',
    yref: 'paper',
    x0: step,
    x1: step,
    y0: 0,
    y1: 1,
    layer: 'below',
    line: { color: colors.line, width: 1 },
  });
  const guess = (yref: 'y' | 'y2', height: number) => ({
    type: 'line',
    xref: 'paper',
    yref,
    x0: 0,
    x1: 1,
    y0: height,
    y1: height,
    layer: 'below',
    line: { color: colors['line-strong'], width: 1, dash: 'dot' },
  });
  const note = (yref: 'y' | 'y2', height: number, text: string) => ({
    xref: 'paper',
    yref,
    x: 1,
    // Annotations on a log axis are placed by the logarithm.
    y: log ? Math.log10(height) : height,
    xanchor: 'right',
    yanchor: 'bottom',
    text,
    showarrow: false,
    font: { size: 11, color: colors.muted },
  });
  const wholeEpochs = Math.floor(steps / stepsPerEpoch);
  const epochEnds =
    wholeEpochs > 40 ? [] : Array.from({ length: wholeEpochs }, (_, i) => (i + 1) * stepsPerEpoch);
  return {
    // A zoom is kept while the run grows, but not from one scale to the other.
    uirevision: scale,
    hoversubplots: 'axis',
    hoverdistance: 30,
    margin: { l: 58, r: 10, t: 6, b: 36 },
    xaxis: {
      anchor: 'y2',
      title: { text: 'step' },
      showgrid: false,
      hoverformat: ',d',
      tickformat: ',d',
      ...(steps === 0
        ? { range: [0, stepsPerEpoch] }
        : {
            autorange: true,
            autorangeoptions: { include: [0, axisEnd(steps, plannedEpochs * stepsPerEpoch)] },
          }),
    },
    yaxis: {
      domain: [0.5, 1],
      title: { text: 'loss' },
      type: log ? 'log' : 'linear',
      ...(log
        ? { tickvals: [0.001, 0.01, 0.1, 1], ticktext: ['0.001', '0.01', '0.1', '1'] }
        : { rangemode: 'tozero', nticks: 5 }),
      ...(steps === 0
        ? { range: log ? [-2, 0.6] : [0, 2.6] }
        : { autorange: true, autorangeoptions: { include: log ? [Math.min(0.1, least / 2), 3] : [0, 2.5] } }),
    },
    yaxis2: {
      domain: [0, 0.45],
      title: { text: 'accuracy' },
      type: log ? 'log' : 'linear',
      ...(log
        ? {
            range: [0.02, Math.log10(fewestErrors)],
            tickvals: [0.9, 0.5, 0.1, 0.02, 0.005, 0.001],
            ticktext: ['10 %', '50 %', '90 %', '98 %', '99.5 %', '100 %'],
          }
        : { range: [0, 1.02], tickformat: '.0%', nticks: 5 }),
    },
    shapes: [...epochEnds.map((step) => epochEnd(step)), guess('y', guessedLoss), guess('y2', guessedHeight)],
    annotations: [note('y', guessedLoss, 'guessing'), note('y2', guessedHeight, 'guessing')],
  };
}
