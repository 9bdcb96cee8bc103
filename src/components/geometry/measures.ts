import type { LayerGeometry } from '../../workers/protocol.ts';

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

/** A figure and its standard error, of the t-vectors and, if drawn, of the choice of examples. */
export interface Figure {
  value: number;
  error: number;
}

export function figureOf(result: LayerGeometry, measure: MeasureId, radius: RadiusKind): Figure {
  const key = measure === 'radius' && radius === 'median' ? 'radiusMedian' : measure;
  const own = key === 'centerCorrelation' ? 0 : result.standardErrors[key];
  return { value: result[key], error: Math.hypot(own, result.exampleErrors?.[key] ?? 0) };
}

/** One class's figure; center correlation is a property of all together. */
export function classFigure(
  { perManifold, labels }: LayerGeometry,
  measure: MeasureId,
  label: number,
): Figure | undefined {
  const one = perManifold[labels.indexOf(label)];
  if (!one || measure === 'centerCorrelation') return undefined;
  return { value: one[measure], error: one.standardErrors[measure] };
}
