import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { type GeometryResults, resultAt } from '../../lab/geometry/geometryFinding.ts';
import { classMark } from '../shared/classMarks.ts';
import type { ColorName, Colors } from '../shared/colors.ts';
import { parseRgb } from '../shared/rgb.ts';
import { classFigure, type Figure, figureOf, type MeasureId, type RadiusKind } from './measures.ts';
import { figuresOverLayers, layersAxis, lineOverLayers } from './overLayers.ts';

interface LayerMark {
  color: ColorName;
  dash: string;
  symbol: string;
  /** The symbol in the key. */
  glyph: string;
}

const layerMarks: readonly LayerMark[] = [
  { color: 'muted', dash: 'dot', symbol: 'circle-open', glyph: '○' },
  { color: 'negative', dash: 'dash', symbol: 'square', glyph: '■' },
  { color: 'positive', dash: 'dashdot', symbol: 'diamond', glyph: '◆' },
  { color: 'train', dash: 'solid', symbol: 'circle', glyph: '●' },
  { color: 'test', dash: 'longdash', symbol: 'triangle-up', glyph: '▲' },
  { color: 'class-3', dash: 'dash', symbol: 'triangle-down', glyph: '▼' },
  { color: 'class-4', dash: 'dashdot', symbol: 'star', glyph: '★' },
  { color: 'class-5', dash: 'solid', symbol: 'square-open', glyph: '□' },
  { color: 'class-6', dash: 'longdash', symbol: 'diamond-open', glyph: '◇' },
  { color: 'class-8', dash: 'dash', symbol: 'triangle-up-open', glyph: '△' },
  { color: 'class-9', dash: 'dashdot', symbol: 'triangle-down-open', glyph: '▽' },
];

/** The mark of a layer, by its index in the network. */
export function layerMark(index: number): LayerMark {
  return layerMarks[index % layerMarks.length];
}

export interface FigureOptions {
  results: GeometryResults;
  /** The layers shown, in the network's order. */
  layers: readonly string[];
  measure: MeasureId;
  radius: RadiusKind;
  /** Number of image redraws behind the intervals. */
  resamples: number;
  /** The layer whose classes get a line each; undefined for one line per layer. */
  classesOf?: string;
  classNames: readonly string[];
  colors: Colors;
}

/** A step's x value. On a logarithmic axis, step 0 needs a positive place. */
export function placeOfStep(step: number, log: boolean): number {
  return log && step === 0 ? 0.5 : step;
}

interface StepLook {
  step: number;
  name: string;
  /** Default: Plotly's. */
  symbol?: string;
  dash: string;
  color: string;
}

/** The measure of all classes against the layers at one step; nothing while no layer is known. */
function stepTrace(options: FigureOptions, { step, symbol, ...look }: StepLook): PlotlyTrace[] {
  const marker = { size: 7, ...(symbol !== undefined && { symbol }) };
  return lineOverLayers(figuresOverLayers(options, step), { ...look, width: 1.5, marker, cap: 3, digits: 4 });
}

/** The measure of each class against the layers at one step; nothing where classes have no figures. */
function classTraces(options: FigureOptions, step: number): PlotlyTrace[] {
  const { results, layers, measure, classNames, colors } = options;
  return classNames.flatMap((name, label): PlotlyTrace[] => {
    const known = layers.flatMap((layer) => {
      const result = resultAt(results, layer, step);
      const figure = result && classFigure(result, measure, label);
      return figure ? [{ layer, figure }] : [];
    });
    if (known.length === 0) return [];
    const mark = classMark(label);
    const color = colors[mark.color];
    return [
      {
        type: 'scatter',
        mode: 'lines+markers',
        name: `class ${name}`,
        x: known.map(({ layer }) => layer),
        y: known.map(({ figure }) => figure.value),
        line: { color, width: 1 },
        marker: { color, symbol: mark.symbol, size: 6 },
        hovertemplate: `%{y:.4~g} class ${name}<extra></extra>`,
      },
    ];
  });
}

/** The measure against the layers: at the shown, first and last steps, or per class. */
export function layerTraces(
  options: FigureOptions,
  { shown, first, last }: { shown: number; first: number; last: number },
): PlotlyTrace[] {
  const classes = options.classesOf === undefined ? [] : classTraces(options, shown);
  if (classes.length > 0) return classes;
  const { train, 'line-strong': quiet } = options.colors;
  const looks: StepLook[] = [
    { step: first, name: 'untrained', symbol: 'circle-open', dash: 'dot', color: quiet },
    { step: last, name: 'last', symbol: 'square-open', dash: 'dash', color: quiet },
  ];
  const others = looks.filter(({ step }, i) => step !== shown && (i === 0 || step !== first));
  const present = { step: shown, name: `step ${shown}`, dash: 'solid', color: train };
  return [...others, present].flatMap((look) => stepTrace(options, look));
}

/** The measure against training, with error bands. */
export function trainingTraces(options: FigureOptions & { log: boolean }): PlotlyTrace[] {
  const { results, layers, measure, radius, resamples, classesOf, classNames, colors, log } = options;
  const stepsOf = (layer: string) => [...(results.get(layer)?.keys() ?? [])].sort((a, b) => a - b);
  if (classesOf !== undefined && measure !== 'centerCorrelation') {
    return classNames.flatMap((name, label) => {
      const mark = classMark(label);
      const points = stepsOf(classesOf).flatMap((step) => {
        const result = resultAt(results, classesOf, step);
        const figure = result && classFigure(result, measure, label);
        return figure ? [{ x: placeOfStep(step, log), figure }] : [];
      });
      const style = { color: colors[mark.color], dash: 'solid', symbol: mark.symbol };
      return curve(`class ${name}`, points, style, classesOf === 'input' ? spanOf(results, log) : undefined);
    });
  }
  const shown = classesOf === undefined ? layers : [classesOf];
  return shown.flatMap((layer) => {
    const points = stepsOf(layer).flatMap((step) => {
      const result = resultAt(results, layer, step);
      return result
        ? [{ x: placeOfStep(step, log), figure: figureOf(result, { measure, radius }, resamples) }]
        : [];
    });
    const mark = layerMark(layers.indexOf(layer));
    const style = { ...mark, color: colors[mark.color] };
    return curve(layer, points, style, layer === 'input' ? spanOf(results, log) : undefined);
  });
}

/** First and last steps that have a figure. The input's line, which never changes, spans them. */
function spanOf(results: GeometryResults, log: boolean): [number, number] {
  const steps = [...results].flatMap(([layer, own]) => (layer === 'input' ? [] : [...own.keys()]));
  return [placeOfStep(0, log), placeOfStep(Math.max(0, ...steps), log)];
}

function curve(
  name: string,
  points: { x: number; figure: Figure }[],
  { color, dash, symbol }: { color: string; dash: string; symbol: string },
  span?: [number, number],
): PlotlyTrace[] {
  if (points.length === 0) return [];
  const drawn = span ? span.map((x) => ({ x, figure: points[0].figure })) : points;
  const x = drawn.map((point) => point.x);
  const [red, green, blue] = parseRgb(color);
  const edge = (sign: number, fill: string): PlotlyTrace => ({
    type: 'scatter',
    mode: 'lines',
    x,
    y: drawn.map(({ figure }) => figure.value + sign * (figure.margin ?? 0)),
    line: { width: 0 },
    fill,
    fillcolor: `rgba(${red}, ${green}, ${blue}, 0.16)`,
    hoverinfo: 'skip',
  });
  return [
    edge(-1, 'none'),
    edge(1, 'tonexty'),
    {
      type: 'scatter',
      mode: drawn.length <= 60 ? 'lines+markers' : 'lines',
      name,
      x,
      y: drawn.map(({ figure }) => figure.value),
      line: { color, width: 1.5, dash },
      marker: { color, symbol, size: 5 },
      hovertemplate: `%{y:.4~g} ${name}<extra></extra>`,
    },
  ];
}

/** More layers than this need slanted names below the chart. */
const FEW_LAYERS = 4;

export function layerLayout(layers: readonly string[]): PlotlyLayout {
  const isDeep = layers.length > FEW_LAYERS;
  return {
    margin: { l: 48, r: 12, t: 8, b: isDeep ? 52 : 28 },
    hovermode: 'x unified',
    xaxis: {
      ...layersAxis(layers),
      ...(isDeep && { tickangle: -45 }),
    },
    yaxis: { rangemode: 'tozero', nticks: 5 },
  };
}

export function trainingLayout({
  log,
  shown,
  last,
  reach,
  colors,
}: {
  log: boolean;
  shown: number;
  last: number;
  /** The last step drawn, which may be the compared run's. */
  reach: number;
  colors: Colors;
}): PlotlyLayout {
  const mark = (step: number, color: string, dash: string, text: string) => ({
    shape: {
      type: 'line',
      xref: 'x',
      yref: 'paper',
      x0: placeOfStep(step, log),
      x1: placeOfStep(step, log),
      y0: 0,
      y1: 1,
      line: { color, width: 1, dash },
    },
    note: {
      // On a logarithmic axis, Plotly expects the logarithm of an annotation's position.
      x: log ? Math.log10(placeOfStep(step, log)) : step,
      y: 1,
      xref: 'x',
      yref: 'paper',
      text,
      showarrow: false,
      yanchor: 'bottom',
      font: { size: 11, color: colors.muted },
    },
  });
  const far = Math.max(reach, 10);
  const marks = [
    { ...mark(0, colors['line-strong'], 'dot', 'untrained'), anchor: 'left' },
    ...(last > 0 ? [{ ...mark(last, colors['line-strong'], 'dash', 'final'), anchor: 'right' }] : []),
  ];
  const now = mark(shown, colors.focus, 'solid', '');
  const powers = Array.from({ length: Math.floor(Math.log10(far)) + 1 }, (_, i) => 10 ** i);
  return {
    margin: { l: 48, r: 12, t: 20, b: 36 },
    hovermode: 'x unified',
    xaxis: {
      title: { text: 'step' },
      type: log ? 'log' : 'linear',
      range: log ? [Math.log10(0.45), Math.log10(far * 1.1)] : [-0.02 * far, far * 1.02],
      ...(log ? { tickvals: [0.5, ...powers], ticktext: ['0', ...powers.map(String)] } : { nticks: 5 }),
    },
    yaxis: { rangemode: 'tozero', nticks: 5 },
    shapes: [...marks.map(({ shape }) => shape), ...(shown > 0 && shown < last ? [now.shape] : [])],
    annotations: marks.map(({ note, anchor }) => ({ ...note, xanchor: anchor })),
  };
}
