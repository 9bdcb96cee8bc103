import { describe, expect, it } from 'vitest';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import {
  analyzeManifolds,
  randomProjection,
  simulateCapacity,
  simulateCapacitySteps,
} from '../../../src/ml/geometry/index.ts';
import { rowGram } from '../../../src/ml/linear/gram.ts';
import { zeros } from '../../../src/ml/linear/matrix.ts';
import { randomClouds } from './clouds.ts';

/**
 * Manifolds whose points vary in `depth` random directions of their own around Gaussian centers of length about 1.
 */
function manyClouds(count: number, points: number, depth: number, radius: number, dimensions: number) {
  const random = randomStream(91);
  const unit = 1 / Math.sqrt(dimensions);
  return Array.from({ length: count }, () => {
    const center = gaussianMatrix(1, dimensions, random).data;
    const axes = gaussianMatrix(depth, dimensions, random).data;
    const cloud = zeros(points, dimensions);
    for (let p = 0; p < points; p++) {
      const along = gaussianMatrix(1, depth, random).data;
      const length = Math.hypot(...along);
      for (let k = 0; k < dimensions; k++) {
        let sum = center[k];
        for (let d = 0; d < depth; d++) sum += ((radius * along[d]) / length) * axes[d * dimensions + k];
        cloud.data[p * dimensions + k] = unit * sum;
      }
    }
    return cloud;
  });
}

describe('simulated capacity', () => {
  it('of points is Cover’s: 2', () => {
    const points = randomClouds({ manifolds: 60, points: 1, dimensions: 80 });
    const found = simulateCapacity(points, { dichotomies: 60, expected: 2 });
    expect(found.capacity).toBeDefined();
    // Subtracting the points' mean removes one of 60 degrees of freedom.
    expect(Math.abs((found.capacity ?? 0) - 2)).toBeLessThan(3 * (found.standardError ?? 0) + 0.05);
  });

  it.each([
    { depth: 3, radius: 0.5 },
    { depth: 5, radius: 1 },
  ])('agrees with the theory for many manifolds, dimension $depth, radius $radius', ({ depth, radius }) => {
    const manifolds = manyClouds(30, 9, depth, radius, 260);
    const theory = analyzeManifolds(manifolds, { samples: 600, centerDirections: zeros(0, 260) }).capacity;
    const found = simulateCapacity(manifolds, { dichotomies: 24, expected: theory });
    expect(Math.abs((found.capacity ?? 0) / theory - 1)).toBeLessThan(0.12);
  });

  it('is the same for the same seed and rises with dimensions', () => {
    const manifolds = randomClouds({ manifolds: 10, points: 5, dimensions: 40 });
    const found = simulateCapacity(manifolds, { dichotomies: 25, seed: 3 });
    expect(simulateCapacity(manifolds, { dichotomies: 25, seed: 3, expected: 0.4 })).toEqual(found);
    expect(simulateCapacity(manifolds, { dichotomies: 25, seed: 4 })).not.toEqual(found);
    found.fraction.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(i === 0 ? 0 : found.fraction[i - 1]);
    });
    expect(found.fraction[found.fraction.length - 1]).toBe(1);
  });

  it('is higher with a bias, which adds a dimension', () => {
    const manifolds = randomClouds({ manifolds: 8, points: 4, dimensions: 30 });
    const without = simulateCapacity(manifolds, { dichotomies: 40 });
    const withBias = simulateCapacity(manifolds, { dichotomies: 40, bias: true });
    expect(withBias.capacity ?? 0).toBeGreaterThan(without.capacity ?? Infinity);
  });

  it('reports if no number of dimensions separates half', () => {
    const overlapping = randomClouds({ manifolds: 8, points: 30, dimensions: 3, spread: 3 });
    const found = simulateCapacity(overlapping, { dichotomies: 20 });
    expect(found.capacity).toBeUndefined();
    expect(found.standardError).toBeUndefined();
    expect(Array.from(found.dimensions)).toEqual([1, 2, 3]);
    expect(found.fraction[2]).toBeLessThan(0.5);
  });

  it('can be canceled between tests, and names invalid input', () => {
    const manifolds = randomClouds({ manifolds: 6, points: 4, dimensions: 20 });
    const steps = simulateCapacitySteps(manifolds);
    for (let i = 0; i < 20; i++) expect(steps.next().done).toBe(false);
    expect(() => simulateCapacity(manifolds.slice(0, 1))).toThrow('at least two manifolds');
    expect(() => simulateCapacity([...manifolds, zeros(1, 3)])).toThrow('expected 20 values per point');
    expect(() => simulateCapacity(manifolds, { dichotomies: 0 })).toThrow('at least one dichotomy');
  });
});

describe('random projection', () => {
  const manifolds = randomClouds({ manifolds: 3, points: 6, dimensions: 400, spread: 1 });

  it('keeps inner products within the expected variation, times dimensions / units', () => {
    const projected = randomProjection(manifolds, { dimensions: 300, seed: 2 });
    expect(projected.map(({ rows, columns }) => [rows, columns])).toEqual([
      [6, 300],
      [6, 300],
      [6, 300],
    ]);
    const before = rowGram(manifolds[1]);
    const after = rowGram(projected[1]);
    before.data.forEach((value, i) => {
      const scale = Math.sqrt(before.data[Math.floor(i / 6) * 7] * before.data[(i % 6) * 7]);
      expect(Math.abs((after.data[i] * 400) / 300 - value) / scale).toBeLessThan(5 / Math.sqrt(300));
    });
  });

  it('uses directions of length 1: no projected coordinate exceeds the norm', () => {
    const axis = { data: Float64Array.of(0, 3, 0), rows: 1, columns: 3 };
    const values = Array.from(
      { length: 2000 },
      (_, seed) => randomProjection([axis], { dimensions: 1, seed })[0].data[0],
    );
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(3);
    // A coordinate of a uniform direction in three dimensions is uniform in [-1, 1].
    const squares = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(squares).toBeCloseTo(3, 0);
    expect(values.filter((value) => value > 1.5).length / values.length).toBeCloseTo(0.25, 1);
  });

  it('is the same for the same seed, and does not change narrower layers', () => {
    expect(randomProjection(manifolds, { dimensions: 50, seed: 1 })).toEqual(
      randomProjection(manifolds, { dimensions: 50, seed: 1 }),
    );
    expect(randomProjection(manifolds, { dimensions: 400 })).toEqual(manifolds);
    expect(() => randomProjection(manifolds, { dimensions: 0 })).toThrow('at least one dimension');
    expect(() => randomProjection([])).toThrow('at least one manifold');
  });

  it('changes the geometry only slightly', () => {
    const wide = randomClouds({ manifolds: 8, points: 10, dimensions: 2000 });
    const exact = analyzeManifolds(wide, { seed: 1 });
    const projected = analyzeManifolds(randomProjection(wide, { dimensions: 1000 }), { seed: 1 });
    expect(projected.capacity / exact.capacity).toBeCloseTo(1, 0.8);
    expect(projected.dimension / exact.dimension).toBeCloseTo(1, 0.8);
  });
});
