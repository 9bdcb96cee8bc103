import { describe, expect, it } from 'vitest';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import {
  analyzeManifolds,
  analyzeManifoldsSteps,
  type GeometryResult,
  groupByLabel,
  type Manifold,
} from '../../../src/ml/geometry/index.ts';
import { type Matrix, zeros } from '../../../src/ml/linear/matrix.ts';
import { randomClouds, randomRotation, reordered, transformed } from './clouds.ts';
import { mftmaArray, mftmaCases, mftmaManifolds, transpose } from './golden.ts';

describe.each(Object.keys(mftmaCases))('against the reference, case %s', (name) => {
  const { a, R, D, kappa, summary, t_spread_with_this_V11: spread } = mftmaCases[name];
  const manifolds = mftmaManifolds(name);
  const V11 = mftmaArray(name.startsWith('synthetic') ? 'synthetic/V11' : `${name}/V11`);

  it('agrees to 1e-6 with its t-vectors and directions', () => {
    const tVectors = a.map((_, i) => transpose(mftmaArray(`${name}/t_vec_${i}`)));
    const found = analyzeManifolds(manifolds, { kappa, tVectors, centerDirections: transpose(V11) });
    found.perManifold.forEach((one, i) => {
      expect(Math.abs(one.capacity / a[i] - 1)).toBeLessThan(1e-6);
      expect(Math.abs(one.radius / R[i] - 1)).toBeLessThan(1e-6);
      expect(Math.abs(one.dimension / D[i] - 1)).toBeLessThan(1e-6);
    });
    expect(found.capacity).toBeCloseTo(summary.alpha_harmonic_mean, 7);
    expect(found.radius).toBeCloseTo(summary.R_mean, 7);
    expect(found.dimension).toBeCloseTo(summary.D_mean, 6);
    expect(found.centerCorrelation).toBeCloseTo(summary.rho, 9);
    expect(found.rank).toBe(summary.K);
    // The reference's orientation of the directions, one per column, is accepted, too.
    expect(analyzeManifolds(manifolds, { kappa, tVectors, centerDirections: V11 })).toEqual(found);
  });

  it('agrees within the t-vectors’ spread with its own t-vectors', () => {
    const found = analyzeManifolds(manifolds, {
      kappa,
      samples: mftmaCases[name].n_t,
      centerDirections: V11,
    });
    const { mean, std } = spread;
    expect(Math.abs(found.capacity - mean.alpha)).toBeLessThan(4 * std.alpha);
    expect(Math.abs(found.dimension - mean.D)).toBeLessThan(4 * std.D);
    expect(Math.abs(found.radius - mean.R)).toBeLessThan(4 * Math.max(std.R, found.standardErrors.radius));
    // Standard deviations of ten repeats are themselves uncertain by a quarter.
    expect(found.standardErrors.capacity / std.alpha).toBeGreaterThan(0.5);
    expect(found.standardErrors.capacity / std.alpha).toBeLessThan(2);
    expect(found.standardErrors.dimension / std.D).toBeGreaterThan(0.5);
    expect(found.standardErrors.dimension / std.D).toBeLessThan(2);
  });
});

function expectSame(a: GeometryResult, b: GeometryResult, digits = 8): void {
  for (const figure of [
    'capacity',
    'radius',
    'radiusMedian',
    'dimension',
    'centerCorrelation',
    'rank',
  ] as const) {
    expect(a[figure]).toBeCloseTo(b[figure], digits);
  }
}

describe.each([
  { name: 'more dimensions than points', dimensions: 30, points: 12 },
  { name: 'more points than dimensions', dimensions: 9, points: 25 },
])('properties, $name', ({ dimensions, points }) => {
  const clouds = randomClouds({ dimensions, points });
  const width = Math.min(dimensions, points) + 1;
  const tVectors = clouds.map((_, i) => gaussianMatrix(60, width, randomStream(50 + i)));
  const original = analyzeManifolds(clouds, { seed: 3, samples: 60 });

  it('is invariant to translation and scale', () => {
    const moved = clouds.map((cloud) => transformed(cloud, { shift: 3, scale: 7 }));
    expectSame(analyzeManifolds(moved, { seed: 3, samples: 60 }), original);
  });

  it('is invariant to rotation, with ambient t-vectors rotated as well', () => {
    const rotation = randomRotation(dimensions);
    const turned = clouds.map((cloud) => transformed(cloud, { rotation }));
    const ambient = dimensions <= points;
    const turnedVectors = tVectors.map((t) => (ambient ? turnAllButLast(t, rotation) : t));
    // Signs of Householder QR depend on the ambient axes, so let the analysis choose its own basis if possible.
    const given = ambient
      ? [
          analyzeManifolds(clouds, { seed: 3, tVectors }),
          analyzeManifolds(turned, { seed: 3, tVectors: turnedVectors }),
        ]
      : [original, analyzeManifolds(turned, { seed: 3, samples: 60 })];
    expectSame(given[0], given[1], 7);
  });

  it('is invariant to the order of manifolds', () => {
    const order = [3, 1, 7, 0, 5, 2, 6, 4];
    const inOrder = analyzeManifolds(clouds, { seed: 3, tVectors });
    const permuted = analyzeManifolds(
      order.map((i) => clouds[i]),
      { seed: 3, tVectors: order.map((i) => tVectors[i]) },
    );
    expectSame(inOrder, permuted, 7);
    order.forEach((from, to) => {
      expect(permuted.perManifold[to].radius).toBeCloseTo(inOrder.perManifold[from].radius, 7);
    });
  });

  it('is invariant to the order of points, exactly or within its error', () => {
    const order = Array.from({ length: points }, (_, i) => (i * 7 + 3) % points);
    const permuted = clouds.map((cloud) => reordered(cloud, order));
    const found = analyzeManifolds(permuted, { seed: 3, samples: 60 });
    if (dimensions <= points) expectSame(found, original);
    else {
      // The Cholesky basis depends on the order, so the same t-vectors mean different directions.
      expect(found.rank).toBe(original.rank);
      expect(Math.abs(found.capacity - original.capacity)).toBeLessThan(4 * original.standardErrors.capacity);
      expect(Math.abs(found.dimension - original.dimension)).toBeLessThan(
        4 * original.standardErrors.dimension,
      );
    }
  });

  it('is the same for the same seed, differs between seeds, and does not modify its input', () => {
    const before = clouds.map((cloud) => cloud.data.slice());
    expect(analyzeManifolds(clouds, { seed: 3, samples: 60 })).toEqual(original);
    expect(analyzeManifolds(clouds, { seed: 4, samples: 60 }).capacity).not.toBe(original.capacity);
    clouds.forEach((cloud, i) => {
      expect(cloud.data).toEqual(before[i]);
    });
  });

  it('accepts float32 rows', () => {
    const rounded = clouds.map((cloud) => ({ ...cloud, data: Float32Array.from(cloud.data) }));
    expectSame(analyzeManifolds(rounded, { seed: 3, samples: 60 }), original, 4);
  });

  it('gives the same result from inner products as from coordinates', () => {
    // Coordinates in QR's basis differ from the Cholesky factor only by signs, so t-vectors with equal values per row
    // agree.
    const same = clouds.map(() => zeros(1, width));
    for (const t of same) t.data[width - 1] = 1.5;
    const viaCoordinates = analyzeManifolds(clouds, { tVectors: same });
    expect(viaCoordinates.capacity).toBeCloseTo(1 / 1.5 ** 2, 6);
  });
});

function turnAllButLast(t: Matrix, rotation: Matrix): Matrix {
  const result = zeros(t.rows, t.columns);
  const size = rotation.rows;
  for (let i = 0; i < t.rows; i++) {
    for (let k = 0; k < size; k++) {
      for (let j = 0; j < size; j++) {
        result.data[i * t.columns + k] += rotation.data[k * size + j] * t.data[i * t.columns + j];
      }
    }
    result.data[i * t.columns + size] = t.data[i * t.columns + size];
  }
  return result;
}

describe('degenerate manifolds', () => {
  const clouds = randomClouds({ manifolds: 6, points: 8, dimensions: 12 });
  const analyze = (manifolds: Manifold[]) => analyzeManifolds(manifolds, { samples: 40, seed: 1 });

  function expectFinite(result: GeometryResult): void {
    const figures = [result, ...result.perManifold].flatMap((one) => [
      one.capacity,
      one.radius,
      one.dimension,
      ...Object.values(one.standardErrors),
    ]);
    expect(figures.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
    expect(result.centerCorrelation).toBeGreaterThanOrEqual(0);
  }

  it.each([2, 3, 4, 5])('takes %i manifolds', (count) => {
    const result = analyze(clouds.slice(0, count));
    expectFinite(result);
    if (count <= 3) expect(result.rank).toBe(0);
    if (count === 2) expect(result.centerCorrelation).toBeCloseTo(1, 10);
  });

  it.each([1, 2, 3])('takes data of %i dimensions', (dimensions) => {
    expectFinite(analyze(randomClouds({ manifolds: 8, points: 6, dimensions })));
  });

  it('accepts manifolds of one point: radius 0, dimension 0, capacity about 2', () => {
    const result = analyzeManifolds(randomClouds({ manifolds: 8, points: 1 }), { samples: 4000 });
    expectFinite(result);
    expect(result.radius).toBe(0);
    expect(result.dimension).toBe(0);
    expect(Math.abs(result.capacity - 2)).toBeLessThan(4 * result.standardErrors.capacity);
  });

  it('accepts duplicate points, and manifolds of one repeated point', () => {
    const doubled = clouds.map((cloud) => reordered(cloud, [0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 7]));
    expectFinite(analyze(doubled));
    const collapsed = clouds.map((cloud) => reordered(cloud, [0, 0, 0, 0, 0, 0, 0, 0]));
    const result = analyze(collapsed);
    expectFinite(result);
    expect(result.radius).toBeLessThan(1e-6);
  });

  it('accepts dead units, which count only as null directions', () => {
    const dead = clouds.map(({ data, rows, columns }) => {
      const wider = zeros(rows, 2 * columns);
      for (let p = 0; p < rows; p++) {
        wider.data.set(data.subarray(p * columns, (p + 1) * columns), 2 * p * columns);
      }
      return wider;
    });
    expectSame(analyze(dead), analyze(clouds));
  });

  it('accepts unequal sizes, with more and fewer points than dimensions', () => {
    const unequal = clouds.map((cloud, i) => reordered(cloud, [0, 1, 2, 3, 4, 5, 6, 7].slice(0, 2 + i)));
    const large = randomClouds({ manifolds: 1, points: 40, dimensions: 12, seed: 9 });
    const result = analyze([...unequal, ...large]);
    expectFinite(result);
    expect(result.perManifold.map(({ points }) => points)).toEqual([2, 3, 4, 5, 6, 7, 40]);
  });

  it('accepts two equal manifolds', () => {
    expectFinite(analyze([...clouds, clouds[0]]));
  });

  it('accepts values of any scale', () => {
    const small = clouds.map((cloud) => transformed(cloud, { scale: 1e-30 }));
    expectSame(analyze(small), analyze(clouds), 6);
  });

  it('names a center at the mean', () => {
    const around = randomClouds({ manifolds: 4, points: 5, dimensions: 6 });
    const mirrored = around.map((cloud) => transformed(cloud, { scale: -1 }));
    const middle = { data: Float64Array.of(1, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0), rows: 2, columns: 6 };
    expect(() => analyzeManifolds([...around, ...mirrored, middle], { names: [...'abcdefghi'] })).toThrow(
      'the center of manifold 8 (i) lies at the mean of all',
    );
  });

  it('names a layer of zeros or constants', () => {
    const constant = clouds.map(() => ({ data: new Float64Array(24).fill(0.3), rows: 2, columns: 12 }));
    expect(() => analyze(clouds.map(() => zeros(3, 12)))).toThrow('all centers coincide');
    expect(() => analyze(constant)).toThrow('all centers coincide');
  });

  it('names a center that the given directions remove', () => {
    const points = [
      { data: Float64Array.of(1, 0, 0, 1.2, 0.1, 0), rows: 2, columns: 3 },
      { data: Float64Array.of(-1, 0, 0, -1.2, -0.1, 0), rows: 2, columns: 3 },
    ];
    const centerDirections = { data: Float64Array.of(1.1, 0.05, 0), rows: 1, columns: 3 };
    expect(() => analyzeManifolds(points, { centerDirections })).toThrow(
      'take away the center of manifold 0',
    );
    const dependent = { data: Float64Array.of(1, 0, 0, 2, 0, 0), rows: 2, columns: 3 };
    expect(() => analyzeManifolds(points, { centerDirections: dependent })).toThrow(
      'independent center directions',
    );
  });

  it('names values that are not finite, wrong shapes and wrong options', () => {
    const broken = clouds.map((cloud) => ({ ...cloud, data: cloud.data.slice() }));
    broken[2].data[13] = Number.NaN;
    expect(() => analyze(broken)).toThrow(
      'manifold 2: expected finite values below 1e100, found NaN at row 1, column 1',
    );
    broken[2].data[13] = Infinity;
    expect(() => analyze(broken)).toThrow('found Infinity');
    expect(() => analyze(clouds.slice(0, 1))).toThrow('at least two manifolds');
    expect(() => analyze([...clouds, zeros(0, 12)])).toThrow('at least one row');
    expect(() => analyze([...clouds, zeros(2, 11)])).toThrow(
      'expected 12 values per point in manifold 6, found 11',
    );
    expect(() => analyzeManifolds(clouds, { samples: 0 })).toThrow('at least one sample');
    expect(() => analyzeManifolds(clouds, { kappa: Infinity })).toThrow('finite kappa');
    expect(() => analyzeManifolds(clouds, { seed: 0.5 })).toThrow('whole number as seed');
    expect(() => analyzeManifolds(clouds, { tVectors: [zeros(3, 9)] })).toThrow('each of 6 manifolds');
    expect(() => analyzeManifolds(clouds, { tVectors: clouds.map(() => zeros(3, 13)) })).toThrow(
      'min(12, 8) + 1 = 9 values',
    );
    expect(() => analyzeManifolds(clouds, { centerDirections: zeros(2, 5) })).toThrow(
      'directions of 12 values',
    );
  });
});

describe('work in steps', () => {
  const clouds = randomClouds();

  it('reports growing progress and ends at the same result', () => {
    const steps = analyzeManifoldsSteps(clouds, { seed: 2 });
    let last = 0;
    let step = steps.next();
    while (!step.done) {
      expect(step.value.fraction).toBeGreaterThanOrEqual(last);
      last = step.value.fraction;
      step = steps.next();
    }
    expect(last).toBeGreaterThan(0.9);
    expect(last).toBeLessThanOrEqual(1);
    expect(step.value).toEqual(analyzeManifolds(clouds, { seed: 2 }));
  });

  it('ends when onProgress throws', () => {
    let calls = 0;
    const cancel = () => {
      calls++;
      if (calls === 3) throw new Error('canceled');
    };
    expect(() => analyzeManifolds(clouds, { onProgress: cancel })).toThrow('canceled');
    expect(calls).toBe(3);
  });
});

describe('groupByLabel', () => {
  it('keeps the order of first appearance', () => {
    const activations = { data: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 3, columns: 2 };
    const { labels, manifolds } = groupByLabel(activations, [7, 3, 7]);
    expect(labels).toEqual([7, 3]);
    expect(manifolds[0]).toEqual({ data: Float32Array.of(1, 2, 5, 6), rows: 2, columns: 2 });
    expect(() => groupByLabel(activations, [1])).toThrow('expected 3 labels');
  });
});
