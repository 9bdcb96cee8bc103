import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import { ActiveSet, type ConeProjection } from '../../../src/ml/linear/activeSet.ts';
import { BlockPivoting } from '../../../src/ml/linear/blockPivoting.ts';
import { rowGram } from '../../../src/ml/linear/gram.ts';
import type { Matrix } from '../../../src/ml/linear/matrix.ts';

/** Residual of the projection, and the largest violation of each Karush-Kuhn-Tucker condition. */
function conditions(points: Matrix, vector: Float64Array, { size, support, multipliers }: ConeProjection) {
  const { columns, rows, data } = points;
  const residual = vector.slice();
  let negative = 0;
  for (let i = 0; i < size; i++) {
    negative = Math.max(negative, -multipliers[i]);
    for (let k = 0; k < columns; k++) residual[k] -= multipliers[i] * data[support[i] * columns + k];
  }
  const slack = Array.from({ length: rows }, (_, p) => {
    const row = data.subarray(p * columns, (p + 1) * columns);
    return row.reduce((sum, value, k) => sum + value * residual[k], 0) / (Math.hypot(...row) || 1);
  });
  const active = Array.from(support.subarray(0, size), (p) => Math.abs(slack[p]));
  return { residual, negative, violation: Math.max(...slack), slackness: Math.max(0, ...active) };
}

const shapes = [
  { name: 'fewer points than dimensions', rows: 20, columns: 30 },
  { name: 'as many', rows: 15, columns: 15 },
  { name: 'more points than dimensions', rows: 60, columns: 6 },
  { name: 'one point', rows: 1, columns: 4 },
  { name: 'one dimension', rows: 5, columns: 1 },
];

describe.each(shapes)('projection onto a cone, $name', ({ rows, columns }) => {
  it('meets the KKT conditions of every solve', () => {
    const points = gaussianMatrix(rows, columns, randomStream(3));
    const vectors = gaussianMatrix(200, columns, randomStream(4));
    const solver = new ActiveSet(points);
    for (let i = 0; i < 200; i++) {
      const vector = vectors.data.slice(i * columns, (i + 1) * columns);
      const { negative, violation, slackness } = conditions(points, vector, solver.project(vector));
      expect(negative).toBe(0);
      expect(violation).toBeLessThan(1e-11);
      expect(slackness).toBeLessThan(1e-11);
    }
  });
});

describe('points that enter several at once', () => {
  it.each([
    { name: 'dependent points', rows: 150, columns: 90 },
    { name: 'as many points as fill the space', rows: 150, columns: 40 },
    { name: 'independent points', rows: 100, columns: 120 },
  ])('find the projection of one at a time, $name', ({ rows, columns }) => {
    const points = gaussianMatrix(rows, columns, randomStream(5));
    points.data.copyWithin(columns, 0, columns);
    points.data.fill(0, 2 * columns, 3 * columns);
    const vectors = gaussianMatrix(20, columns, randomStream(6));
    const single = new ActiveSet(points);
    const several = new ActiveSet(points, { isBatched: true, gram: rowGram(points) });
    for (let i = 0; i < 20; i++) {
      const vector = vectors.data.slice(i * columns, (i + 1) * columns);
      const { negative, violation, slackness, residual } = conditions(
        points,
        vector,
        several.project(vector),
      );
      expect(negative).toBe(0);
      expect(Math.max(violation, slackness)).toBeLessThan(1e-10);
      const expected = conditions(points, vector, single.project(vector)).residual;
      residual.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[k], 9);
      });
    }
  });
});

describe('block pivoting', () => {
  it('finds the active set method’s projection', () => {
    const points = gaussianMatrix(25, 40, randomStream(8));
    const vectors = gaussianMatrix(300, 40, randomStream(9));
    const activeSet = new ActiveSet(points);
    const blocks = new BlockPivoting(rowGram(points));
    expect(blocks.isDefinite()).toBe(true);
    let settled = 0;
    for (let i = 0; i < 300; i++) {
      const vector = vectors.data.slice(i * 40, (i + 1) * 40);
      const targets = Float64Array.from({ length: 25 }, (_, p) =>
        vector.reduce((sum, value, k) => sum + value * points.data[p * 40 + k], 0),
      );
      const found = blocks.project(targets);
      if (!found) continue;
      settled++;
      const { negative, violation, slackness, residual } = conditions(points, vector, found);
      expect(Math.max(negative, violation, slackness)).toBeLessThan(1e-11);
      const expected = conditions(points, vector, activeSet.project(vector)).residual;
      residual.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[k], 10);
      });
    }
    expect(settled).toBeGreaterThan(295);
  });

  it('declines dependent points', () => {
    const points = gaussianMatrix(6, 10, randomStream(2));
    points.data.copyWithin(50, 0, 10);
    expect(new BlockPivoting(rowGram(points)).isDefinite()).toBe(false);
    expect(new BlockPivoting(rowGram(gaussianMatrix(6, 3, randomStream(2)))).isDefinite()).toBe(false);
  });
});

describe('hard input', () => {
  it('ends at the optimum with duplicates, dependent and tiny points', () => {
    const small = fc.integer({ min: -3, max: 3 });
    const rows = fc.array(fc.array(small, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 12 });
    const vector = fc.array(small, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(rows, vector, fc.constantFrom(1, 1e-6, 1e6), (values, target, scale) => {
        const data = Float64Array.from(values.flat(), (value) => value * scale);
        const points = { data, rows: values.length, columns: 3 };
        const t = Float64Array.from(target);
        const { negative, violation, slackness } = conditions(points, t, new ActiveSet(points).project(t));
        expect(Math.max(negative, violation, slackness)).toBeLessThan(1e-9);
      }),
      { numRuns: 400 },
    );
  });

  it('ends at the optimum with many duplicates that enter several at once', () => {
    const small = fc.integer({ min: -2, max: 2 });
    const row = fc.array(small, { minLength: 6, maxLength: 6 });
    const rows = fc.array(row, { minLength: 65, maxLength: 120 });
    fc.assert(
      fc.property(rows, row, (values, target) => {
        const points = { data: Float64Array.from(values.flat()), rows: values.length, columns: 6 };
        const t = Float64Array.from(target);
        const solver = new ActiveSet(points, { isBatched: true, gram: rowGram(points) });
        const { negative, violation, slackness } = conditions(points, t, solver.project(t));
        expect(Math.max(negative, violation, slackness)).toBeLessThan(1e-9);
      }),
      { numRuns: 100 },
    );
  });
});
