import { describe, expect, it } from 'vitest';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import { studentQuantile } from '../../../src/ml/geometry/index.ts';
import type { Matrix } from '../../../src/ml/linear/matrix.ts';
import { drain } from '../../../src/ml/linear/steps.ts';
import {
  debiasedCka,
  debiasedCkaEstimate,
  debiasedCkaEstimates,
  debiasedCkaMatrix,
  represent,
  similaritySteps,
} from '../../../src/ml/similarity/alignment.ts';

/** Units that each see the latent directions in their own mixture, with private noise. */
function seen(latent: Matrix, { units, mixture, noise }: { units: number; mixture: number; noise: number }) {
  const dimensions = latent.columns;
  const mixing = gaussianMatrix(units, dimensions, randomStream(mixture));
  const activations = gaussianMatrix(latent.rows, units, randomStream(noise));
  for (let i = 0; i < latent.rows; i++) {
    for (let q = 0; q < units; q++) {
      for (let l = 0; l < dimensions; l++) {
        activations.data[i * units + q] += latent.data[i * dimensions + l] * mixing.data[q * dimensions + l];
      }
    }
  }
  return activations;
}

const noiseAlone = (examples: number, units: number, seed: number) =>
  gaussianMatrix(examples, units, randomStream(seed));

function withoutExample({ data, rows, columns }: Matrix, left: number): Matrix {
  return {
    data: data.filter((_, at) => Math.floor(at / columns) !== left),
    rows: rows - 1,
    columns,
  };
}

function spreadOf(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

describe('debiased CKA', () => {
  const latent = gaussianMatrix(150, 4, randomStream(2));
  const represented = (units: number, seed: number, of = latent) =>
    represent(seen(of, { units, mixture: seed, noise: 500 + seed }));

  it('is 1 for the same units and unchanged by shift and scale', () => {
    const x = gaussianMatrix(40, 12, randomStream(1));
    const moved = { ...x, data: x.data.map((value, i) => 3 * value + (i % 12)) };
    expect(debiasedCka(represent(x), represent(moved), { sharedUnits: true })).toBeCloseTo(1, 9);
    // Without centering, a shift of this size leaves no digit of the criteria.
    const far = { ...x, data: x.data.map((value) => value + 1e5) };
    expect(represent(far).own / represent(x).own).toBeCloseTo(1, 6);
  });

  it('recovers the alignment of many units from few', () => {
    const few = Array.from({ length: 8 }, (_, i) =>
      debiasedCka(represented(20, 10 + i), represented(20, 30 + i)),
    );
    const many = debiasedCka(represented(600, 5), represented(600, 6));
    expect(Math.abs(spreadOf(few).mean - many)).toBeLessThan(0.12);
    expect(many).toBeGreaterThan(0.9);
    const other = gaussianMatrix(150, 4, randomStream(99));
    expect(Math.abs(debiasedCka(represented(600, 5), represented(600, 6, other)))).toBeLessThan(0.1);
  });

  it('counts shared units twice unless told so, and tells unrelated units the same either way', () => {
    const mean = (mixtures: (pair: number) => [number, number], sharedUnits: boolean) =>
      spreadOf(
        Array.from({ length: 40 }, (_, pair) => {
          const [x, y] = mixtures(pair).map((mixture, side) =>
            represent(seen(latent, { units: 10, mixture, noise: 700 + 2 * pair + side })),
          );
          return debiasedCka(x, y, { sharedUnits });
        }),
      ).mean;
    const same = (pair: number): [number, number] => [pair + 1, pair + 1];
    const others = (pair: number): [number, number] => [pair + 1, pair + 101];
    expect(mean(same, false)).toBeGreaterThan(1.3);
    expect(Math.abs(mean(same, true) - 1)).toBeLessThan(0.05);
    expect(Math.abs(mean(others, true) - mean(others, false))).toBeLessThan(0.05);
  });

  it('is a matrix over layers of different widths, and refuses other examples', () => {
    const layers = [5, 8, 13].map((units, seed) => gaussianMatrix(30, units, randomStream(seed)));
    const values = debiasedCkaMatrix(layers);
    const [x, y, z] = layers.map(represent);
    expect(values).toHaveLength(9);
    expect([values[1], values[5], values[6]]).toEqual([
      debiasedCka(x, y),
      debiasedCka(y, z),
      debiasedCka(x, z),
    ]);
    expect(() => debiasedCkaMatrix([layers[0], gaussianMatrix(31, 5, randomStream(4))])).toThrow(
      'the same examples on both sides, found 31 and 30',
    );
    expect(() => debiasedCka(x, y, { sharedUnits: true })).toThrow('the same units on both sides, found 5');
    expect(debiasedCkaMatrix([layers[1], layers[1]], { sharedUnits: true })[1]).toBe(1);
  });

  it('is a symmetric matrix with errors, in which some pairs share their units', () => {
    const all = [1, 2, 3].map((seed) => represented(10, seed));
    const { values, errors } = drain(similaritySteps(all, (i, j) => i + j === 1));
    expect([0, 4, 8].flatMap((i) => [values[i], errors[i]])).toEqual([1, 0, 1, 0, 1, 0]);
    const estimates = [
      debiasedCkaEstimate(all[1], all[0], { sharedUnits: true }),
      debiasedCkaEstimate(all[2], all[0]),
      debiasedCkaEstimate(all[2], all[1]),
    ];
    for (const [i, places] of [
      [1, 3],
      [2, 6],
      [5, 7],
    ].entries()) {
      for (const at of places) expect({ value: values[at], error: errors[at] }).toEqual(estimates[i]);
    }
  });
});

describe('the error of debiased CKA', () => {
  const strong = (examples: number, seed: number) => {
    const latent = gaussianMatrix(examples, 3, randomStream(seed));
    for (let at = 0; at < latent.data.length; at++) latent.data[at] *= 4;
    return [1, 2].map((side) => seen(latent, { units: 9, mixture: side, noise: 10 * seed + side }));
  };

  it.each([5, 6, 40])('comes from the values without one of %i examples each', (examples) => {
    const [x, y] = strong(examples, 3);
    const [whole, other] = [represent(x), represent(y)];
    const places = Array.from({ length: examples }, (_, i) => i);
    const parts = places.map((i) => [represent(withoutExample(x, i)), represent(withoutExample(y, i))]);
    const scale = Math.max(...parts.map(([part]) => Math.abs(part.own)));
    for (const i of places) {
      expect(Math.abs(whole.ownWithout[i] - parts[i][0].own) / scale).toBeLessThan(1e-12);
    }
    // The criterion is a U-statistic, whose values without one example have it as their mean.
    expect(spreadOf([...whole.ownWithout]).mean / whole.own).toBeCloseTo(1, 9);
    if (examples < 40) return;
    for (const sharedUnits of [false, true]) {
      const ratios = parts.map(([a, b]) => debiasedCka(a, b, { sharedUnits }));
      const { value, error } = debiasedCkaEstimate(whole, other, { sharedUnits });
      const expected = ((examples - 1) / Math.sqrt(examples)) * spreadOf(ratios).deviation;
      expect(error / expected).toBeCloseTo(1, 9);
      expect(value).toBe(debiasedCka(whole, other, { sharedUnits }));
    }
  });

  it('is 0 for equal activations of the same units, and missing for four examples', () => {
    const [x, y] = strong(30, 4).map(represent);
    expect(debiasedCkaEstimate(x, x, { sharedUnits: true })).toEqual({ value: 1, error: 0 });
    expect(debiasedCkaEstimate(x, y).error).toBeGreaterThan(0);
    const [few, others] = strong(4, 4).map(represent);
    expect(debiasedCka(few, others)).toBeGreaterThan(0);
    expect(debiasedCkaEstimate(few, others)).toEqual({ value: Number.NaN, error: Number.NaN });
  });

  it.each([
    { examples: 60, units: 20, sharedUnits: false },
    { examples: 100, units: 10, sharedUnits: false },
    { examples: 60, units: 20, sharedUnits: true },
  ])('is the spread over redraws of $examples examples of $units units, shared: $sharedUnits', (of) => {
    const { examples, units, sharedUnits } = of;
    const found = Array.from({ length: 150 }, (_, draw) => {
      const latent = gaussianMatrix(examples, 4, randomStream(1000 + draw));
      const [x, y] = [1, 2].map((side) =>
        represent(seen(latent, { units, mixture: sharedUnits ? 7 : side, noise: 10_000 * side + draw })),
      );
      return debiasedCkaEstimate(x, y, { sharedUnits });
    });
    const { mean, deviation } = spreadOf(found.map(({ value }) => value));
    const ratio = spreadOf(found.map(({ error }) => error)).mean / deviation;
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
    const quantile = studentQuantile(examples - 1);
    const outside = found.filter(({ value, error }) => Math.abs(value - mean) > quantile * error).length;
    expect(outside).toBeLessThanOrEqual(0.12 * found.length);
  });

  it('does not cover the choice of units, by which ten units spread by about .2 and a hundred by .02', () => {
    const latent = gaussianMatrix(200, 4, randomStream(9));
    const spread = (units: number) => {
      const found = Array.from({ length: 40 }, (_, pair) => {
        const [x, y] = [1, 2].map((side) =>
          represent(seen(latent, { units, mixture: 1000 * side + pair, noise: 9000 * side + pair })),
        );
        return debiasedCkaEstimate(x, y);
      });
      return {
        values: spreadOf(found.map(({ value }) => value)).deviation,
        error: spreadOf(found.map(({ error }) => error)).mean,
      };
    };
    const [few, many] = [10, 100].map(spread);
    expect(few.values).toBeGreaterThan(0.15);
    expect(few.values).toBeLessThan(0.27);
    expect(few.error).toBeLessThan(few.values / 3);
    expect(many.values).toBeLessThan(0.03);
  });

  it('gives noise alone no value, where the ratio without errors often has one', () => {
    const pairs = Array.from({ length: 150 }, (_, draw) => [
      represent(noiseAlone(60, 30, 2000 + draw)),
      represent(noiseAlone(60, 20, 7000 + draw)),
    ]);
    const ratios = pairs.map(([x, y]) => debiasedCka(x, y)).filter(Number.isFinite);
    expect(ratios.length).toBeGreaterThan(20);
    expect(ratios.filter((ratio) => Math.abs(ratio) > 0.5).length).toBeGreaterThan(10);
    expect(pairs.filter(([x, y]) => !Number.isNaN(debiasedCkaEstimate(x, y).value))).toHaveLength(0);
    const { deviation } = spreadOf(pairs.map(([{ own }]) => own));
    const error = spreadOf(pairs.map(([{ ownError }]) => ownError)).mean;
    // The criterion is degenerate without structure, where the jackknife's variance is twice too large: on the safe side.
    expect(error / deviation).toBeGreaterThan(1.2);
    expect(error / deviation).toBeLessThan(1.7);
  });

  it('is missing beside a layer of noise, of one unit, or of one value', () => {
    const [x, y] = strong(60, 5);
    const constant = { data: new Float32Array(120).fill(0.1), rows: 60, columns: 2 };
    const layers = [x, noiseAlone(60, 9, 1), y, noiseAlone(60, 1, 2), constant];
    const { values, errors } = debiasedCkaEstimates(layers);
    const raw = debiasedCkaMatrix(layers);
    expect([values[2], values[10]]).toEqual([raw[2], raw[2]]);
    expect(errors[2]).toBeGreaterThan(0);
    const isKnown = (all: Float64Array) => Array.from(all, (each) => !Number.isNaN(each));
    const known = [0, 2, 6, 10, 12, 24];
    expect(isKnown(values)).toEqual(
      layers.flatMap((_, i) => layers.map((_, j) => known.includes(5 * i + j))),
    );
    expect(isKnown(errors)).toEqual(isKnown(values));
  });
});
