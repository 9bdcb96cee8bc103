import type { PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { type GeometryResults, resultAt } from '../../lab/geometry/geometryFinding.ts';
import { nearestTo } from '../../ml/training/snapshots.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { classMark } from '../shared/classMarks.ts';
import { type FigureOptions, layerMark, placeOfStep } from './geometryFigure.ts';
import { classFigure, type Figure, figureOf } from './measures.ts';

/** A compared run's figures, drawn hollow and lighter, without bands. */
export interface TheirFigures {
  name: string;
  results: GeometryResults;
}

/** The compared run's measure against the layers, at its analyzed step nearest to the shown one. */
export function theirLayerTraces(
  options: FigureOptions,
  { name, results }: TheirFigures,
  shown: number,
): PlotlyTrace[] {
  const points = options.layers.flatMap((layer): TheirPoint[] => {
    const isInput = layer === 'input';
    const result = isInput ? resultAt(options.results, layer, 0) : theirResult(results, layer, shown)?.result;
    return result ? [{ x: layer, result, isTheirs: !isInput }] : [];
  });
  const style = { name, color: options.colors.muted, symbol: 'diamond', size: 8, width: 1.5 };
  return theirCurves(options, points, name, style);
}

/** The compared run's measure against training, in the colors of the layers or of one layer's classes. */
export function theirTrainingTraces(
  options: FigureOptions & { log: boolean },
  { name, results }: TheirFigures,
): PlotlyTrace[] {
  const { layers, classesOf, colors, log } = options;
  return layers.flatMap((layer, i) => {
    if (classesOf !== undefined && layer !== classesOf) return [];
    const points = [...(results.get(layer) ?? [])]
      .sort(([a], [b]) => a - b)
      .map(([step, result]): TheirPoint => ({ x: placeOfStep(step, log), result, isTheirs: true }));
    const { color, symbol } = layerMark(i);
    const style = { name: `${layer}, ${name}`, color: colors[color], symbol, size: 6, width: 1 };
    return theirCurves(options, points, name, style);
  });
}

interface TheirPoint {
  x: number | string;
  result: LayerGeometry;
  /** Whether the results belong to the compared run alone; both runs share the input's. */
  isTheirs: boolean;
}

interface CurveStyle {
  name: string;
  color: string;
  symbol: string;
  size: number;
  width: number;
}

/** One curve, or one per class where classes are shown; none if the compared run has no figure. */
function theirCurves(
  { measure, radius, resamples, classesOf, classNames, colors }: FigureOptions,
  points: readonly TheirPoint[],
  run: string,
  whole: CurveStyle,
): PlotlyTrace[] {
  const curve = (style: CurveStyle, figureAt: (result: LayerGeometry) => Figure | undefined) => {
    const figures = points.map(({ result }) => figureAt(result)?.value);
    const isEmpty = points.every(({ isTheirs }, i) => !isTheirs || figures[i] === undefined);
    return isEmpty ? [] : [theirCurve(points, figures, style)];
  };
  if (classesOf === undefined || measure === 'centerCorrelation') {
    return curve(whole, (result) => figureOf(result, { measure, radius }, resamples));
  }
  return classNames.flatMap((className, label) => {
    const { color, symbol } = classMark(label);
    const style = { name: `class ${className}, ${run}`, color: colors[color], symbol, size: 6, width: 1 };
    return curve(style, (result) => classFigure(result, measure, label));
  });
}

/** A curve of the compared run, always hollow and dashed. */
function theirCurve(
  points: readonly TheirPoint[],
  figures: readonly (number | undefined)[],
  { name, color, symbol, size, width }: CurveStyle,
): PlotlyTrace {
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x: points.map(({ x }) => x),
    y: figures.map((value) => value ?? Number.NaN),
    opacity: 0.8,
    line: { color, width, dash: 'dash' },
    marker: { color, symbol: symbol.endsWith('-open') ? symbol : `${symbol}-open`, size },
    hovertemplate: '%{y:.4~g} %{fullData.name}<extra></extra>',
  };
}

/** The compared run's result for a layer at its analyzed step nearest to `step`. */
export function theirResult(
  results: GeometryResults,
  layer: string,
  step: number,
): { step: number; result: LayerGeometry } | undefined {
  const known = [...(results.get(layer) ?? [])].map(([step, result]) => ({ step, result }));
  return nearestTo(step, known);
}
