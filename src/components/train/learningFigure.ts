import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { bestEpoch, type History } from '../../lab/state/history.ts';
import { axisEnd } from '../shared/axisEnd.ts';
import type { Colors } from '../shared/colors.ts';
import { formatShare, formatValue } from '../shared/format.ts';
import type { OverlayLine } from '../shared/plotOverlay.ts';
import { GrowingHeights, indicesToDraw, smoothed } from './curves.ts';

export type CurveScale = 'log' | 'linear';

/** Loss and accuracy have separate charts, because a joint layout would block the page too long during training. */
export type Measure = 'loss' | 'accuracy';

interface TraceOptions {
  measure: Measure;
  history: History;
  scale: CurveScale;
  /** Range of visible steps; all by default. */
  zoom?: [number, number];
  /** History of the compared run. */
  compared?: History;
  colors: Colors;
}

/** On the log scale, accuracy is drawn as the share of errors, upside down; a batch without errors lies at this edge. */
const fewestErrors = 1e-3;

/**
 * Traces in order: raw and smoothed training values, test values, the best epoch's ring (for accuracy), and the compared
 * run's smoothed and test values, dashed and hollow.
 */
export function curveTraces(options: TraceOptions): PlotlyTrace[] {
  const { measure, history, scale, zoom, compared, colors } = options;
  const { length, epochs } = history;
  const from = zoom ? Math.max(0, Math.floor(zoom[0]) - 1) : 0;
  const to = zoom ? Math.min(length, Math.ceil(zoom[1]) + 2) : length;
  const height = heightOf(measure, scale);
  const text = textOf(measure);
  const values = valuesOf(history, measure);
  const indices = indicesToDraw(values, from, to);
  const line = (name: string, source: Float32Array, color: string, width: number): PlotlyTrace => ({
    type: 'scatter',
    mode: 'lines',
    name,
    x: indices,
    y: Array.from(indices, (i) => height(source[i])),
    text: Array.from(indices, (i) => text(source[i])),
    hovertemplate: `%{text} ${name}<extra></extra>`,
    line: { color, width, simplify: false },
  });
  const tested = testedOf(history, measure);
  const traces: PlotlyTrace[] = [
    line(`${measure} of the batch`, values, colors['train-raw'], 1),
    line(`${measure}, smoothed`, smoothed(values, length), colors.train, 2),
    {
      type: 'scatter',
      mode: 'lines+markers',
      name: `test ${measure}`,
      x: epochs.map(({ step }) => step),
      y: tested.map(height),
      text: tested.map(text),
      hovertemplate: `%{text} test ${measure}<extra></extra>`,
      line: { color: colors.test, width: 1, dash: 'dot' },
      marker: { symbol: 'diamond', size: 8, color: colors.test },
      cliponaxis: false,
    },
  ];
  const best = measure === 'accuracy' && bestEpoch(history);
  if (best) traces.push(ringAround(best.step, height(best.testAccuracy), colors));
  if (compared) {
    const last = zoom ? Math.min(compared.length, Math.ceil(zoom[1]) + 2) : compared.length;
    traces.push(...comparedTraces(compared, [Math.min(from, compared.length), last], options));
  }
  return traces;
}

function ringAround(step: number, height: number, colors: Colors): PlotlyTrace {
  return {
    type: 'scatter',
    mode: 'markers',
    name: 'best epoch',
    x: [step],
    y: [height],
    hoverinfo: 'skip',
    marker: { symbol: 'circle-open', size: 17, color: colors.test, line: { width: 2 } },
    cliponaxis: false,
  };
}

/** The compared run's smoothed training values between two steps, and its test values. */
function comparedTraces(
  compared: History,
  [from, to]: readonly [number, number],
  { measure, scale, colors }: TraceOptions,
): PlotlyTrace[] {
  const height = heightOf(measure, scale);
  const text = textOf(measure);
  const values = valuesOf(compared, measure);
  const indices = indicesToDraw(values, from, to);
  const average = smoothed(values, compared.length);
  const tested = testedOf(compared, measure);
  return [
    {
      type: 'scatter',
      mode: 'lines',
      name: `${measure} of the compared run`,
      x: indices,
      y: Array.from(indices, (i) => height(average[i])),
      text: Array.from(indices, (i) => text(average[i])),
      hovertemplate: `%{text} ${measure} of the compared run<extra></extra>`,
      line: { color: colors.muted, width: 1.5, dash: 'dash', simplify: false },
    },
    {
      type: 'scatter',
      mode: 'markers',
      name: `test ${measure} of the compared run`,
      x: compared.epochs.map(({ step }) => step),
      y: tested.map(height),
      text: tested.map(text),
      hovertemplate: `%{text} test ${measure} of the compared run<extra></extra>`,
      marker: { symbol: 'diamond-open', size: 8, color: colors.test },
      cliponaxis: false,
    },
  ];
}

function textOf(measure: Measure): (value: number) => string {
  return measure === 'loss' ? formatValue : (accuracy) => formatShare(accuracy);
}

function testedOf({ epochs }: History, measure: Measure): number[] {
  return epochs.map(({ testLoss, testAccuracy }) => (measure === 'loss' ? testLoss : testAccuracy));
}

function valuesOf({ losses, accuracies }: History, measure: Measure): Float32Array {
  return measure === 'loss' ? losses : accuracies;
}

/** Maps a value to its height in the chart. */
function heightOf(measure: Measure, scale: CurveScale): (value: number) => number {
  return measure === 'accuracy' && scale === 'log'
    ? (accuracy) => Math.max(fewestErrors, 1 - accuracy)
    : (value) => value;
}

/** The heights of a measure's curves over a growing run. */
export function growingHeights(measure: Measure, scale: CurveScale): GrowingHeights {
  return new GrowingHeights(heightOf(measure, scale));
}

/** The training curves from step `from` onward, for the overlay. */
export function newestLines(
  history: History,
  {
    measure,
    from,
    heights,
    colors,
  }: { measure: Measure; from: number; heights: GrowingHeights; colors: Colors },
): OverlayLine[] {
  const { length } = history;
  if (from >= length) return [];
  const { raw, smooth } = heights.read(valuesOf(history, measure), length);
  const span = { from: Math.max(0, from - 1), to: length, axis: 'y' } as const;
  return [
    { ...span, y: raw, color: colors['train-raw'], width: 1 },
    { ...span, y: smooth, color: colors.train, width: 2 },
  ];
}

interface LayoutOptions {
  measure: Measure;
  scale: CurveScale;
  history: History;
  zoom?: [number, number];
  stepsPerEpoch: number;
  plannedEpochs: number;
  classes: number;
  colors: Colors;
}

/** Thin lines mark ends of epochs and a dotted line marks guessing. Steps are labeled below accuracy, the lower chart. */
export function curveLayout(options: LayoutOptions): PlotlyLayout {
  const { measure, scale, history, zoom, stepsPerEpoch, plannedEpochs, classes, colors } = options;
  const steps = history.length;
  const log = scale === 'log';
  const guess = heightOf(measure, scale)(measure === 'loss' ? Math.log(classes) : 1 / classes);
  const wholeEpochs = Math.floor(steps / stepsPerEpoch);
  const epochEnds =
    wholeEpochs > 40 ? [] : Array.from({ length: wholeEpochs }, (_, i) => (i + 1) * stepsPerEpoch);
  const named = measure === 'accuracy';
  return {
    // The page keeps the zoom, because both charts share it.
    uirevision: `${scale} ${zoom}`,
    hoverdistance: 30,
    margin: { l: 58, r: 22, t: 6, b: named ? 36 : 8 },
    xaxis: {
      ...(named ? { title: { text: 'step' } } : { showticklabels: false }),
      showgrid: false,
      hoverformat: ',d',
      tickformat: ',d',
      ...(zoom
        ? { range: zoom }
        : steps === 0
          ? { range: [0, stepsPerEpoch] }
          : {
              autorange: true,
              autorangeoptions: { include: [0, axisEnd(steps, plannedEpochs * stepsPerEpoch)] },
            }),
    },
    yaxis: { fixedrange: true, showspikes: false, ...heightAxis(measure, scale, history) },
    shapes: [...epochEnds.map((step) => epochLine(step, colors)), guessLine(guess, colors)],
    annotations: [
      {
        xref: 'paper',
        yref: 'y',
        x: 1,
        // On a log axis, Plotly expects the logarithm of an annotation's position.
        y: log ? Math.log10(guess) : guess,
        xanchor: 'right',
        // Guessing is near the top of the loss axis, so its label stands below the line there.
        yanchor: measure === 'loss' ? 'top' : 'bottom',
        text: 'guessing',
        showarrow: false,
        font: { size: 11, color: colors.muted },
      },
    ],
  };
}

function epochLine(step: number, colors: Colors): object {
  return {
    type: 'line',
    xref: 'x',
    yref: 'paper',
    x0: step,
    x1: step,
    y0: 0,
    y1: 1,
    layer: 'below',
    line: { color: colors.line, width: 1 },
  };
}

function guessLine(height: number, colors: Colors): object {
  return {
    type: 'line',
    xref: 'paper',
    yref: 'y',
    x0: 0,
    x1: 1,
    y0: height,
    y1: height,
    layer: 'below',
    line: { color: colors['line-strong'], width: 1, dash: 'dot' },
  };
}

function heightAxis(measure: Measure, scale: CurveScale, { losses, length }: History): PlotlyLayout {
  const log = scale === 'log';
  if (measure === 'accuracy') {
    return {
      title: { text: 'accuracy' },
      type: log ? 'log' : 'linear',
      ...(log
        ? {
            range: [0.02, Math.log10(fewestErrors)],
            tickvals: [0.9, 0.5, 0.1, 0.02, 0.005, 0.001],
            ticktext: ['10 %', '50 %', '90 %', '98 %', '99.5 %', '100 %'],
          }
        : { range: [0, 1.02], tickformat: '.0%', nticks: 5 }),
    };
  }
  const least = losses.subarray(0, length).reduce((a, b) => Math.min(a, b), 1);
  return {
    title: { text: 'loss' },
    type: log ? 'log' : 'linear',
    ...(log
      ? { tickvals: [0.001, 0.01, 0.1, 1], ticktext: ['0.001', '0.01', '0.1', '1'] }
      : { rangemode: 'tozero', nticks: 5 }),
    ...(length === 0
      ? { range: log ? [-2, 0.6] : [0, 2.6] }
      : { autorange: true, autorangeoptions: { include: log ? [Math.min(0.1, least / 2), 3] : [0, 2.5] } }),
  };
}
