import { describe, expect, it } from 'vitest';
import { AnchorSolver, anchorGeometry, solveAnchors } from '../../../src/ml/geometry/anchors.ts';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import { type Matrix, zeros } from '../../../src/ml/linear/matrix.ts';
import { drain } from '../../../src/ml/linear/steps.ts';
import { mftmaArray, mftmaCases, transpose } from './golden.ts';

describe.each(Object.keys(mftmaCases))('anchorGeometry against the reference, case %s', (name) => {
  const { a, R, D, kappa } = mftmaCases[name];

  it.each(a.map((_, i) => i))('manifold %i to 1e-6', (i) => {
    const points = transpose(mftmaArray(`${name}/sD1_${i}`));
    const tVectors = transpose(mftmaArray(`${name}/t_vec_${i}`));
    const found = anchorGeometry(points, tVectors, { kappa });
    expect(Math.abs(found.capacity / a[i] - 1)).toBeLessThan(1e-6);
    expect(Math.abs(found.radius / R[i] - 1)).toBeLessThan(1e-6);
    expect(Math.abs(found.dimension / D[i] - 1)).toBeLessThan(1e-6);
  });

  it('finds every anchor point of manifold 0', () => {
    const points = transpose(mftmaArray(`${name}/sD1_0`));
    const tVectors = transpose(mftmaArray(`${name}/t_vec_0`));
    const { anchors, distances } = drain(solveAnchors(points, tVectors, { kappa }));
    const squared = mftmaArray(`${name}/qp_0/f_vt_sq`).data;
    const expected = mftmaArray(`${name}/qp_0/s_all`);
    for (let i = 0; i < tVectors.rows; i++) {
      expect(Math.abs(distances[i] - squared[i])).toBeLessThan(1e-8);
      if (squared[i] < 1e-6) continue;
      for (let k = 0; k < anchors.columns; k++) {
        const value = expected.data[k * expected.columns + i];
        expect(Math.abs(anchors.data[i * anchors.columns + k] - value)).toBeLessThan(1e-5);
      }
    }
  });
});

describe('every solve', () => {
  it.each([0, 0.2, -0.3])('keeps the margin exactly where it is tight, kappa %f', (kappa) => {
    const points = randomPoints(15, 8);
    const tVectors = gaussianMatrix(200, 9, randomStream(12));
    const solver = new AnchorSolver(points);
    for (let i = 0; i < 200; i++) {
      const found = solver.solve(tVectors.data, i * 9, kappa);
      const v = tVectors.data.slice(i * 9, i * 9 + 9);
      const tight = new Set<number>();
      for (let s = 0; s < (found?.size ?? 0); s++) {
        const p = found?.support[s] ?? 0;
        tight.add(p);
        for (let k = 0; k < 9; k++) v[k] -= (found?.multipliers[s] ?? 0) * points.data[p * 9 + k];
      }
      for (let p = 0; p < 15; p++) {
        let product = kappa;
        for (let k = 0; k < 9; k++) product += v[k] * points.data[p * 9 + k];
        expect(product).toBeLessThan(1e-11);
        if (tight.has(p)) expect(product).toBeGreaterThan(-1e-11);
      }
    }
  });
});

describe('spheres of known radius and dimension', () => {
  it.each([
    { radius: 0.5, kappa: 0 },
    { radius: 1.3, kappa: 0 },
    { radius: 0.8, kappa: 0.5 },
  ])('a circle of radius $radius, kappa $kappa, meets the closed form', ({ radius, kappa }) => {
    const points = circle(radius, 400);
    const tVectors = gaussianMatrix(600, 3, randomStream(21));
    const found = anchorGeometry(points, tVectors, { kappa });
    const expected = sphereByClosedForm(tVectors, radius, kappa);
    // 400 points leave gaps of (pi / 400)^2 / 2 = 3e-5 of the radius.
    expect(found.capacity / expected.capacity).toBeCloseTo(1, 3);
    expect(found.radius / expected.radius).toBeCloseTo(1, 3);
    expect(found.dimension).toBeCloseTo(2, 3);
  });

  it.each([0.4, 2])('a segment of half length %f meets the closed form exactly', (radius) => {
    const points = { data: Float64Array.of(radius, 1, -radius, 1), rows: 2, columns: 2 };
    const tVectors = gaussianMatrix(500, 2, randomStream(22));
    const found = anchorGeometry(points, tVectors);
    const expected = sphereByClosedForm(tVectors, radius, 0);
    expect(found.capacity).toBeCloseTo(expected.capacity, 9);
    expect(found.radius).toBeCloseTo(expected.radius, 9);
    expect(found.dimension).toBeCloseTo(1, 9);
  });

  it('a point has capacity 2, radius 0 and dimension 0', () => {
    const tVectors = gaussianMatrix(40_000, 2, randomStream(23));
    const found = anchorGeometry({ data: Float64Array.of(0, 1), rows: 1, columns: 2 }, tVectors);
    expect(Math.abs(found.capacity - 2)).toBeLessThan(4 * found.standardErrors.capacity);
    expect(found.radius).toBe(0);
    expect(found.dimension).toBe(0);
  });

  it('returns standard errors that agree with repeats', () => {
    const points = randomPoints(20, 10);
    const repeats = Array.from({ length: 60 }, (_, i) =>
      anchorGeometry(points, gaussianMatrix(200, 11, randomStream(100 + i))),
    );
    for (const figure of ['capacity', 'radius', 'dimension'] as const) {
      const mean = repeats.reduce((sum, one) => sum + one[figure], 0) / 60;
      const spread = Math.sqrt(repeats.reduce((sum, one) => sum + (one[figure] - mean) ** 2, 0) / 59);
      const claimed = repeats.reduce((sum, one) => sum + one.standardErrors[figure], 0) / 60;
      expect(claimed / spread).toBeGreaterThan(0.7);
      expect(claimed / spread).toBeLessThan(1.4);
    }
  });
});

describe('degenerate input', () => {
  const tVectors = gaussianMatrix(50, 4, randomStream(1));
  const withOnes = (rows: number[][]): Matrix => ({
    data: Float64Array.from(rows.flatMap((row) => [...row, 1])),
    rows: rows.length,
    columns: rows[0].length + 1,
  });

  it('counts duplicate points once', () => {
    const once = withOnes([
      [1, 0, 0],
      [-0.5, 0.3, 0],
    ]);
    const twice = withOnes([
      [1, 0, 0],
      [1, 0, 0],
      [-0.5, 0.3, 0],
      [-0.5, 0.3, 0],
      [1, 0, 0],
    ]);
    const [a, b] = [anchorGeometry(once, tVectors), anchorGeometry(twice, tVectors)];
    expect(b.capacity).toBeCloseTo(a.capacity, 10);
    expect(b.radius).toBeCloseTo(a.radius, 10);
    expect(b.dimension).toBeCloseTo(a.dimension, 10);
  });

  it('returns Infinity if no t-vector touches the manifold', () => {
    const away = { data: Float64Array.of(0, -1, 0, -2), rows: 2, columns: 2 };
    const found = anchorGeometry({ data: Float64Array.of(0, 1), rows: 1, columns: 2 }, away);
    expect(found).toEqual({
      capacity: Infinity,
      radius: 0,
      dimension: 0,
      standardErrors: { capacity: Infinity, radius: 0, dimension: 0 },
    });
  });

  it('accepts a t-vector of zeros', () => {
    const found = anchorGeometry(withOnes([[1, 2, 3]]), zeros(2, 4));
    expect(found.dimension).toBe(0);
    expect(Number.isNaN(found.radius)).toBe(false);
  });

  it('explains invalid input', () => {
    const points = withOnes([[1, 2, 3]]);
    expect(() => anchorGeometry(points, zeros(3, 5))).toThrow('expected t-vectors of 4 values');
    expect(() => anchorGeometry(points, zeros(0, 4))).toThrow('at least one t-vector');
    expect(() => anchorGeometry(zeros(0, 4), tVectors)).toThrow('at least one point');
    expect(() => anchorGeometry(zeros(2, 4), tVectors)).toThrow('expected 1 in the last column');
    expect(() => anchorGeometry(withOnes([[1, Number.NaN, 3]]), tVectors)).toThrow(
      'found NaN in row 0, column 1',
    );
    expect(() => anchorGeometry(points, tVectors, { kappa: Number.NaN })).toThrow('finite kappa');
  });
});

function randomPoints(rows: number, depth: number): Matrix {
  const points = gaussianMatrix(rows, depth + 1, randomStream(31));
  for (let p = 0; p < rows; p++) points.data[p * (depth + 1) + depth] = 1;
  return points;
}

function circle(radius: number, count: number): Matrix {
  const points = zeros(count, 3);
  for (let p = 0; p < count; p++) {
    const angle = (2 * Math.PI * p) / count;
    points.data.set([radius * Math.cos(angle), radius * Math.sin(angle), 1], 3 * p);
  }
  return points;
}

/**
 * A ball's anchor points in closed form (PRX 2018, section V): with x = |t| and height h = t0 + kappa, t lies outside
 * the cone's polar if radius x + h > 0; it projects onto the ball's rim unless x <= radius h, where it is in the cone.
 */
function sphereByClosedForm(tVectors: Matrix, radius: number, kappa: number) {
  const { rows, columns, data } = tVectors;
  const depth = columns - 1;
  const anchors = zeros(rows, depth);
  let distance = 0;
  for (let i = 0; i < rows; i++) {
    const t = data.subarray(i * columns, i * columns + depth);
    const x = Math.hypot(...t);
    const height = data[i * columns + depth] + kappa;
    const inside = height > 0 && x <= radius * height;
    if (inside) distance += x * x + height * height;
    else if (radius * x + height > 0) distance += (radius * x + height) ** 2 / (1 + radius * radius);
    for (let k = 0; k < depth; k++)
      anchors.data[i * depth + k] = inside ? t[k] / height : (radius * t[k]) / x;
  }
  let squares = 0;
  for (let k = 0; k < depth; k++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += anchors.data[i * depth + k] / rows;
    for (let i = 0; i < rows; i++) squares += (anchors.data[i * depth + k] - mean) ** 2;
  }
  return { capacity: rows / distance, radius: Math.sqrt(squares / rows) };
}
