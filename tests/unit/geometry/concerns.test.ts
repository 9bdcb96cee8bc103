import { describe, expect, it } from 'vitest';
import { concernsOf, type ManifoldGeometry } from '../../../src/ml/geometry/index.ts';

/** Capacities and the remaining norms of the centers; everything else is equal. */
function resultOf(pairs: [capacity: number, ratio: number][]) {
  const perManifold = pairs.map(
    ([capacity, centerNormRatio]): ManifoldGeometry => ({
      ...{ capacity, centerNormRatio, radius: 1, dimension: 10, points: 50, centerNorm: 1 },
      standardErrors: { capacity: 0, radius: 0, dimension: 0 },
    }),
  );
  const capacity = pairs.length / pairs.reduce((sum, [one]) => sum + 1 / one, 0);
  return { perManifold, capacity };
}

describe('the concerns about a result', () => {
  it('are empty if classes are alike', () => {
    expect(concernsOf(resultOf(Array.from({ length: 10 }, () => [0.1, 0.9])))).toEqual({ smallCenters: [] });
  });

  it('name centers that keep less than 15 % of their norm', () => {
    const { smallCenters } = concernsOf(
      resultOf([
        [0.1, 0.9],
        [0.1, 0.15],
        [0.1, 0.149],
      ]),
    );
    expect(smallCenters).toEqual([{ manifold: 2, ratio: 0.149 }]);
  });

  it('name the class that drags the harmonic mean, as digit 9 does in the notebook’s input layer', () => {
    const capacities = [0.112, 0.121, 0.104, 0.109, 0.033, 0.26, 0.147, 0.133, 0.172, 0.098];
    const { drag } = concernsOf(resultOf(capacities.map((capacity) => [capacity, 0.9])));
    expect(drag?.manifold).toBe(4);
    expect(drag?.others).toBeCloseTo(0.1285, 3);
  });

  it('do not name a class that is only slightly low', () => {
    const capacities = [0.093, 0.108, 0.091, 0.09, 0.066, 0.22, 0.13, 0.113, 0.143, 0.088];
    expect(concernsOf(resultOf(capacities.map((capacity) => [capacity, 0.9]))).drag).toBeUndefined();
  });
});
