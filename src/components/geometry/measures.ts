import type { AnalysisSettings } from '../../lab/geometry/geometrySettings.ts';
import { type FigureName, type ResampleKind, studentQuantile } from '../../ml/geometry/index.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { formatValue } from '../shared/format.ts';

export type MeasureId = 'capacity' | 'radius' | 'dimension' | 'centerCorrelation';
export type RadiusKind = 'median' | 'mean';

export interface Measure {
  id: MeasureId;
  title: string;
  symbol: string;
  /** The meaning of the measure, in one sentence. */
  sentence: string;
  /** The direction of change when classes untangle. */
  untangled: 'higher' | 'lower';
}

/** In the notebook's order. */
export const measures: readonly Measure[] = [
  {
    id: 'capacity',
    title: 'Capacity',
    symbol: 'α',
    sentence: 'How many classes per dimension a plane can separate for any labels.',
    untangled: 'higher',
  },
  {
    id: 'radius',
    title: 'Radius',
    symbol: 'R',
    sentence: 'How far a class spreads around its center, in units of the center’s distance.',
    untangled: 'lower',
  },
  {
    id: 'dimension',
    title: 'Dimension',
    symbol: 'D',
    sentence: 'In how many directions that spread matters to a separating plane.',
    untangled: 'lower',
  },
  {
    id: 'centerCorrelation',
    title: 'Center correlation',
    symbol: 'ρ',
    sentence: 'How closely the classes’ centers align: the mean |cosine| over pairs.',
    untangled: 'lower',
  },
];

/** A figure and half the width of its 95 % interval, once known. */
export interface Figure {
  value: number;
  margin?: number;
}

export interface FigureChoice {
  measure: MeasureId;
  radius: RadiusKind;
}

/** Two-sided 95 % quantile of the normal distribution. */
export const NORMAL = 1.96;

/** Two-sided 95 % quantile for an error that this many redraws estimate, by Student's t. */
export function quantileOf(redraws: number): number {
  return redraws > 1 ? studentQuantile(redraws - 1) : NORMAL;
}

/** The measure's name in the results. */
export function figureName({ measure, radius }: FigureChoice): FigureName {
  return measure === 'radius' && radius === 'median' ? 'radiusMedian' : measure;
}

/**
 * A layer's figure. The interval covers the draw of images, the t-vectors and the center problem's minima; only the
 * t-vectors if `resamples` is 0. There is no interval until the resamples are computed.
 */
export function figureOf(result: LayerGeometry, choice: FigureChoice, resamples: number): Figure {
  const name = figureName(choice);
  const value = result[name];
  const own = name === 'centerCorrelation' ? 0 : result.standardErrors[name];
  const { exampleErrors, resampled } = result;
  if (exampleErrors) {
    const quantile = quantileOf(resampled?.resamples.length ?? resamples);
    return { value, margin: quantile * Math.hypot(own, exampleErrors[name]) };
  }
  // Center correlation does not depend on t-vectors.
  return resamples > 0 || name === 'centerCorrelation' ? { value } : { value, margin: NORMAL * own };
}

/** One class's figure; its interval covers only the t-vectors. Center correlation has no per-class value. */
export function classFigure(
  { perManifold, labels }: LayerGeometry,
  measure: MeasureId,
  label: number,
): Figure | undefined {
  const one = perManifold[labels.indexOf(label)];
  if (!one || measure === 'centerCorrelation') return undefined;
  return { value: one[measure], margin: NORMAL * one.standardErrors[measure] };
}

/** The figure as text, with its interval once known. */
export function formatFigure({ value, margin }: Figure): string {
  return margin === undefined ? formatValue(value) : `${formatValue(value)} ± ${formatValue(margin)}`;
}

/** The meaning of ± in the panel, for its legend. */
export function intervalText(
  settings: Pick<AnalysisSettings, 'resamples' | 'indices'>,
  kind?: ResampleKind,
): string {
  const { resamples, indices } = settings;
  if (resamples === 0) return '± and bars: 95 % intervals over the t-vectors, for these images only';
  const isHalves = kind === undefined ? indices !== undefined : kind === 'halves';
  const images = isHalves
    ? `${resamples} random halves of these images`
    : `${resamples} redraws of the images`;
  return `± and bars: 95 % intervals over the draw of images (${images}), the t-vectors and the centers’ minima`;
}
