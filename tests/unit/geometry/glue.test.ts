import { describe, expect, it } from 'vitest';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import {
  ENSEMBLES,
  finishGlue,
  GLUE_FIGURES,
  type GluePiece,
  glueGeometry,
  glueGeometrySteps,
  glueSample,
  glueSpanSteps,
  glueSummarySteps,
  glueWorkSteps,
  joinPieces,
} from '../../../src/ml/geometry/index.ts';
import { drain } from '../../../src/ml/linear/steps.ts';
import { randomClouds } from './clouds.ts';
import { byHand, matrix } from './glueByHand.ts';
import { glueCases, glueInput } from './glueGolden.ts';

const worst = (found: ArrayLike<number>, expected: readonly number[]) =>
  expected.reduce((most, value, i) => Math.max(most, Math.abs(found[i] - value) / Math.abs(value || 1)), 0);

const clouds = (manifolds: number, points: number, dimensions: number) =>
  randomClouds({ manifolds, points, dimensions });

/** capacity = utility (1 + radius^-2) / dimension */
function identityError({ capacity, utility, radius, dimension }: ReturnType<typeof glueGeometry>): number {
  return Math.abs((utility * (1 + radius ** -2)) / dimension / capacity - 1);
}

describe('GLUE on the reference cases', () => {
  it.each(Object.keys(glueCases))('gives the reference’s samples and figures: %s', (name) => {
    const expected = glueCases[name];
    const { manifolds, tVectors, labels } = glueInput(name);
    const found = glueGeometry(manifolds, { tVectors, labels, center: expected.centered });
    expect(found.rank).toBe(expected.rank);
    expect(found.worstViolation).toBeLessThan(1e-12);
    expect(found.inseparableShare).toBe(0);
    for (const key of ['a', 'b', 'c'] as const) {
      expect(worst(found.perSample[key], expected[key]), key).toBeLessThan(1e-9);
    }
    for (const figure of GLUE_FIGURES) {
      expect(Math.abs(found[figure] / expected.summary[figure] - 1), figure).toBeLessThan(1e-10);
    }
    expect(identityError(found)).toBeLessThan(1e-9);
  });
});

describe('GLUE by hand', () => {
  const { manifolds, tVectors, labels, perSample, summary } = byHand;

  it('gives the figures of two manifolds of two points', () => {
    const found = glueGeometry(manifolds, { tVectors, labels, center: false });
    for (const [key, bound] of [
      ['a', 1e-6],
      ['b', 1e-6],
      ['c', 2e-6],
    ] as const) {
      expect(worst(found.perSample[key], perSample[key]), key).toBeLessThan(bound);
    }
    const { capacity, dimension, radius, utility } = found;
    expect(worst([capacity, dimension, radius, utility], summary)).toBeLessThan(1e-6);
  });

  it('gives v and the anchors of one t and one labeling', () => {
    for (let k = 0; k < 6; k++) {
      const t = tVectors.data.slice(3 * k, 3 * k + 3);
      const y = labels.slice(2 * k, 2 * k + 2);
      const { v, a, anchors } = glueSample(manifolds, t, y);
      expect(a).toBeCloseTo(glueGeometry(manifolds, { tVectors, labels, center: false }).perSample.a[k], 12);
      const whole = t.reduce((sum, value, i) => sum + (value - v[i]) ** 2, 0);
      expect(whole).toBeCloseTo(a, 12);
      anchors.forEach((anchor, m) => {
        const product = anchor?.reduce((sum, value, i) => sum + y[m] * value * v[i], 0) ?? 0;
        expect(product).toBeCloseTo(0, 10);
      });
    }
    expect(() => glueSample(manifolds, Float64Array.of(1), labels)).toThrow('expected t of 3 values');
  });

  it('counts a labeling that no plane separates, and reaches the lowest capacity there', () => {
    const opposite = [matrix([[1, 0]]), matrix([[-1, 0]]), matrix([[0, 1]]), matrix([[0, -1]])];
    // t often lies in the cone of these two points, where v = 0 as well.
    const two = [matrix([[1, 0]]), matrix([[0, 1]])];
    expect(glueGeometry(two, { center: false, samples: 50 }).inseparableShare).toBe(0);
    const all = glueGeometry(opposite, { labels: Int8Array.of(1, 1, 1, 1), center: false, samples: 50 });
    expect(all.inseparableShare).toBe(1);
    const squares = all.perSample.a.reduce((sum, a) => sum + a, 0) / 50;
    expect(all.capacity).toBeCloseTo(4 / squares, 12);
    expect(all.lowestCapacity).toBe(2);
  });
});

describe('GLUE drawn by a seed', () => {
  const manifolds = clouds(6, 12, 30);

  it('gives the same bits for the same seed, and others for another', () => {
    const first = glueGeometry(manifolds, { samples: 20, seed: 4 });
    expect(glueGeometry(manifolds, { samples: 20, seed: 4 })).toEqual(first);
    expect(glueGeometry(manifolds, { samples: 20, seed: 5 }).capacity).not.toBe(first.capacity);
  });

  it('gives the same bits in parts', () => {
    const span = drain(glueSpanSteps(manifolds, true));
    const draws = { seed: 4, ensemble: 'uniform' } as const;
    // Two threads that take samples in turns: one takes more of them.
    const next = new Int32Array(new SharedArrayBuffer(4));
    const threads = [0, 1].map(() => glueWorkSteps(span, draws, { next, samples: 60 }));
    const ended: GluePiece[][] = [];
    for (let turn = 0; ended.length < 2; turn++) {
      const step = threads[turn % 3 === 0 ? 1 : 0].next();
      if (step.done && step.value) ended.push(step.value);
    }
    expect(ended.every((pieces) => pieces.length > 5)).toBe(true);
    const shared = joinPieces(ended.flat());
    const ranges = [0, 25, 50].flatMap((from) =>
      drain(glueWorkSteps(span, draws, { from, to: Math.min(60, from + 25) })),
    );
    expect(joinPieces(ranges.reverse())).toEqual(shared);
    const whole = glueGeometry(manifolds, { samples: 60, seed: 4 });
    for (const parts of [1, 2, 7, 70]) {
      const own = Array.from({ length: parts }, (_, part) =>
        drain(glueSummarySteps(span, shared, { part, parts })),
      );
      expect(finishGlue(span, shared, own)).toEqual(whole);
    }
  });

  it.each([30, 100])('agrees with given t-vectors of the same law, %i dimensions', (columns) => {
    const same = clouds(6, 12, columns);
    const { capacity, standardErrors } = glueGeometry(same, { samples: 300 });
    const given = glueGeometry(same, { tVectors: gaussianMatrix(300, columns, randomStream(9, 9)), seed: 9 });
    expect(Math.abs(given.capacity - capacity)).toBeLessThan(5 * standardErrors.capacity);
  });

  it('changes little where the points change little', () => {
    const moved = manifolds.map(({ data, rows, columns }) => ({
      data: Float64Array.from(data, (value, i) => value + 1e-7 * Math.sin(i)),
      rows,
      columns,
    }));
    const [a, b] = [manifolds, moved].map((points) => glueGeometry(points, { samples: 20 }));
    expect(Math.abs(a.capacity / b.capacity - 1)).toBeLessThan(1e-4);
  });

  it('draws labelings of the ensemble: the identity holds, and capacities differ', () => {
    const found = ENSEMBLES.map((ensemble) => glueGeometry(manifolds, { samples: 40, ensemble }));
    expect(new Set(found.map(({ capacity }) => capacity)).size).toBe(3);
    for (const one of found) expect(identityError(one)).toBeLessThan(1e-9);
  });

  it('reports progress up to 1 and stops when asked', () => {
    const fractions = [...glueGeometrySteps(manifolds, { samples: 10 })];
    expect(fractions.at(-1)).toBeCloseTo(1, 12);
    expect(fractions.every((value, i) => i === 0 || value >= fractions[i - 1])).toBe(true);
    expect(() =>
      glueGeometry(manifolds, {}, () => {
        throw new Error('canceled');
      }),
    ).toThrow('canceled');
  });
});

describe('GLUE on difficult points', () => {
  it('solves duplicates and a point at the mean by the active set', () => {
    const [first, ...others] = clouds(4, 5, 40);
    const twice = { ...first, data: first.data.slice() };
    twice.data.copyWithin(twice.columns, 0, twice.columns);
    const found = glueGeometry([twice, ...others], { samples: 30 });
    expect(found.worstViolation).toBeLessThan(1e-10);
    expect(identityError(found)).toBeLessThan(1e-9);
    const origin = [matrix([[0, 0, 0]]), matrix([[1, 0, 0]]), matrix([[0, 1, 1]])];
    expect(glueGeometry(origin, { center: false, samples: 30 }).capacity).toBeGreaterThan(1);
  });

  it.each([
    [5, 10, 80],
    [5, 12, 30],
  ])('solves %i x %i points in %i dimensions that are closer than inner products resolve', (P, n, N) => {
    // Each manifold lies within 3e-6 of a plane of four dimensions. Without care, violations reach 4e-7.
    for (let seed = 0; seed < 4; seed++) {
      const flat = Array.from({ length: P }, (_, m) => {
        const random = randomStream(seed, m);
        const frame = gaussianMatrix(5, N, random).data;
        const weights = gaussianMatrix(n, 4, random).data;
        const data = Float64Array.from({ length: n * N }, (_, i) => {
          const [p, k] = [Math.floor(i / N), i % N];
          const inPlane = [0, 1, 2, 3].reduce((sum, d) => sum + weights[4 * p + d] * frame[d * N + k], 0);
          return frame[4 * N + k] + inPlane + 3e-6 * random.normal();
        });
        return { data, rows: n, columns: N };
      });
      const found = glueGeometry(flat, { samples: 40, seed, center: seed % 2 === 0 });
      expect(found.worstViolation).toBeLessThan(1e-11);
      expect(identityError(found)).toBeLessThan(1e-9);
    }
  });

  it('drops directions of float32 noise', () => {
    const noisy = clouds(4, 8, 20).map(({ data, rows, columns }) => ({
      data: Float64Array.from(data, (value, i) => (i % columns < 5 ? value : 1e-8 * value)),
      rows,
      columns,
    }));
    expect(glueGeometry(noisy, { samples: 5 }).rank).toBe(5);
  });

  it('says what is wrong with its input', () => {
    const manifolds = clouds(3, 4, 5);
    expect(() => glueGeometry(manifolds.slice(0, 1))).toThrow('expected at least two manifolds, found 1');
    expect(() => glueGeometry(manifolds, { labels: Int8Array.of(1, -1) })).toThrow('found 2');
    expect(() => glueGeometry(manifolds, { labels: Int8Array.of(1, 0, -1) })).toThrow('found 0 at place 1');
    expect(() => glueGeometry(manifolds, { samples: 0 })).toThrow('at least one sample');
    expect(() => glueGeometry([matrix([[1, 1]]), matrix([[1, 1]])])).toThrow('all points coincide');
    expect(() => glueGeometry(manifolds, { tVectors: matrix([[1, 2]]) })).toThrow('t-vectors of 1 x 5');
  });
});
