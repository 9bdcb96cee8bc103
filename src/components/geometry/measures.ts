import type { AnalysisSettings } from '../../lab/geometry/geometryFinding.ts';
import { type FigureName, type ResampleKind, studentQuantile } from '../../ml/geometry/index.ts';
import type { LayerGeometry } from '../../workers/protocol.ts';
import { formatValue } from '../shared/format.ts';

export type MeasureId = 'capacity' | 'radius' | 'dimension' | 'centerCorrelation';
export type RadiusKind = 'median' | 'mean';

export interface Measure {
  id: MeasureId;
  title: string;
  symbol: string;
  /** What it says, in a sentence. */
  sentence: string;
  /** Which way it goes when classes untangle. */
  untangled: 'higher' | 'lower';
}

/** In the notebook's order. */
export const measures: readonly Measure[] = [
  {
    id: 'capacity',
    title: 'Capacity',
    symbol: 'α',
    sentence: 'How many classes per dimension a plane can still tell apart, whatever the labels.',
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
    sentence: 'How much the classes’ centers point the same ways: the mean |cosine| of pairs.',
    untangled: 'lower',
  },
];

/** A figure and half the width of its 95 % interval, once that is known. */
export interface Figure {
  value: number;
  margin?: number;
}

export interface FigureChoice {
  measure: MeasureId;
  radius: RadiusKind;
}

/** Two-sided 95 % quantile of the normal distribution. */
const NORMAL = 1.96;

/** The name under which results hold the measure. */
export function figureName({ measure, radius }: FigureChoice): FigureName {
  return measure === 'radius' && radius === 'median' ? 'radiusMedian' : measure;
}

/**
 * A layer's figure. Its interval covers the draw of images, the t-vectors and the center problem's minima; where
 * `resamples` is 0 the t-vectors only. Where resamples are still to come there is none yet.
 */
export function figureOf(result: LayerGeometry, choice: FigureChoice, resamples: number): Figure {
  const name = figureName(choice);
  const value = result[name];
  const own = name === 'centerCorrelation' ? 0 : result.standardErrors[name];
  const { exampleErrors, resampled } = result;
  if (exampleErrors) {
    const count = resampled?.resamples.length ?? resamples;
    const quantile = count > 1 ? studentQuantile(count - 1) : NORMAL;
    return { value, margin: quantile * Math.hypot(own, exampleErrors[name]) };
  }
  // Center correlation does not depend on t-vectors.
  return resamples > 0 || name === 'centerCorrelation' ? { value } : { value, margin: NORMAL * own };
}

/** One class's figure, its interval over the t-vectors only; center correlation is a property of all together. */
export function classFigure(
  { perManifold, labels }: LayerGeometry,
  measure: MeasureId,
  label: number,
): Figure | undefined {
  const one = perManifold[labels.indexOf(label)];
  if (!one || measure === 'centerCorrelation') return undefined;
  return { value: one[measure], margin: NORMAL * one.standardErrors[measure] };
}

/** The figure, and its interval once that is known. */
export function formatFigure({ value, margin }: Figure): string {
  return margin === undefined ? formatValue(value) : `${formatValue(value)} ± ${formatValue(margin)}`;
}

/** What every ± of the panel is, for its key. */
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
