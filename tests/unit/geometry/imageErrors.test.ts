import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/ml/geometry/gaussian.ts';
import {
  analyzeManifolds,
  changesBetween,
  FIGURES,
  type Figures,
  imageErrors,
  type Manifold,
  type Resample,
  randomHalves,
  resampleSteps,
  studentQuantile,
} from '../../../src/ml/geometry/index.ts';
import { drain } from '../../../src/ml/linear/steps.ts';
import { randomClouds } from './clouds.ts';

/** New points around the same eight centers. */
function freshClouds(seed: number, points = 16): Manifold[] {
  return randomClouds({ manifolds: 8, points, dimensions: 6, spread: 0 }).map((cloud, m) => {
    const random = randomStream(seed, m);
    return { ...cloud, data: cloud.data.map((value) => value + 0.2 * random.normal()) };
  });
}

const same = (value: number): Figures => ({
  capacity: value,
  radius: value,
  radiusMedian: value,
  dimension: value,
  centerCorrelation: value,
});
/** A resample whose halves of t-vectors differ from it by `noise` in both directions. */
const resample = (value: number, noise = 0): Resample => ({
  figures: same(value),
  halves: [same(value - noise), same(value + noise)],
});

describe('Student’s quantile', () => {
  // Values from scipy.stats.t.ppf(0.975, degrees).
  it.each([
    [1, 12.7062],
    [2, 4.3027],
    [3, 3.1824],
    [4, 2.7764],
    [9, 2.2622],
    [10, 2.2281],
    [30, 2.0423],
    [99, 1.9842],
  ])('of %i degrees of freedom is scipy’s', (degrees, expected) => {
    expect(studentQuantile(degrees)).toBeCloseTo(expected, 4);
  });

  it('rejects invalid arguments', () => {
    expect(() => studentQuantile(0)).toThrow(/at least one degree/);
    expect(() => studentQuantile(3, 1)).toThrow(/between 0 and 1/);
  });
});

describe('the error over images', () => {
  it('is the resamples’ standard deviation, minus their t-vectors’ noise', () => {
    const values = [1, 2, 3, 4];
    expect(imageErrors(values.map((value) => resample(value))).capacity).toBeCloseTo(Math.sqrt(5 / 3), 12);
    // Halves 0.5 above and below: the noise variance of the mean is 0.25.
    const noisy = imageErrors(values.map((value) => resample(value, 0.5)));
    expect(noisy.centerCorrelation).toBeCloseTo(Math.sqrt(5 / 3 - 0.25), 12);
    expect(imageErrors([resample(1, 3), resample(1, 3)]).radius).toBe(0);
    expect(() => imageErrors([resample(1)])).toThrow(/at least two resamples, found 1/);
  });

  it('agrees with new draws', () => {
    const draws = Array.from({ length: 24 }, (_, i) => analyzeManifolds(freshClouds(500 + i), { seed: 1 }));
    const estimated = imageErrors(
      Array.from({ length: 24 }, (_, i) => drain(resampleSteps(freshClouds(900 + i), { seed: 40 + i }))),
    );
    for (const figure of ['capacity', 'dimension', 'radiusMedian', 'centerCorrelation'] as const) {
      const mean = draws.reduce((sum, one) => sum + one[figure], 0) / draws.length;
      const squares = draws.reduce((sum, one) => sum + (one[figure] - mean) ** 2, 0);
      const ratio = estimated[figure] / Math.sqrt(squares / (draws.length - 1));
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    }
  });
});

describe('a change', () => {
  const before = [0, 1, 2, 3].map((value) => resample(value));
  const after = [10, 11.1, 12, 12.9].map((value) => resample(value));

  it('is judged on the same images: variation that both moments share does not count', () => {
    const changes = changesBetween(
      { figures: same(1), resamples: before },
      { figures: same(11), resamples: after },
      1 / 3,
    );
    expect(changes?.capacity).toMatchObject({ difference: 10, isClear: true });
    expect(changes?.capacity.error).toBeCloseTo(Math.sqrt(0.02 / 3), 12);
    expect(changes?.capacity.quantile).toBeCloseTo(3.1824, 4);
  });

  it('is not clear within Student’s quantile of the difference’s error', () => {
    // A normal quantile, 1.96 errors, would call this clear.
    const error = Math.sqrt(0.02 / 3);
    const changes = changesBetween(
      { figures: same(0), resamples: before },
      { figures: same(2.5 * error), resamples: after },
      1 / 3,
    );
    for (const name of FIGURES) expect(changes?.[name].isClear).toBe(false);
  });

  it('is not clear where the figures differ by rounding alone, as capacities of inseparable labelings do', () => {
    const moment = { figures: same(1), resamples: before };
    const rounded = changesBetween(moment, { figures: same(1 + 4e-16), resamples: before }, 1 / 3);
    expect(rounded?.capacity).toMatchObject({ difference: 0, error: 0, isClear: false });
    const small = changesBetween(moment, { figures: same(1 + 1e-6), resamples: before }, 1 / 3);
    expect(small?.capacity.isClear).toBe(true);
  });

  it('is unknown without resamples of both moments, and never clear where a capacity is infinite', () => {
    const moment = { figures: same(1), resamples: before };
    expect(changesBetween(moment, { figures: same(2), resamples: [] }, 1)).toBeUndefined();
    const infinite = [...after.slice(0, 3), resample(Infinity)];
    const changes = changesBetween(moment, { figures: same(20), resamples: infinite }, 1);
    expect(changes?.capacity.isClear).toBe(false);
  });
});

describe('a resample', () => {
  const manifolds = freshClouds(1);

  it('has the figures of an analysis with the same number of t-vectors', () => {
    const options = { seed: 5, samples: 60, restarts: 40 };
    const { figures, halves } = drain(resampleSteps(manifolds, options));
    const whole = analyzeManifolds(manifolds, options);
    for (const name of FIGURES) expect(figures[name]).toBeCloseTo(whole[name], 12);
    // Inverse capacities average over t-vectors.
    const [a, b] = halves.map(({ capacity }) => 1 / capacity);
    expect((a + b) / 2).toBeCloseTo(1 / whole.capacity, 10);
    expect(halves[0].centerCorrelation).toBe(figures.centerCorrelation);
  });

  it('of halves uses each point at most once, and needs four of each class', () => {
    const halves = randomHalves(manifolds, 3);
    halves.forEach((half, m) => {
      expect(half.rows).toBe(8);
      const rows = new Set(Array.from({ length: 8 }, (_, i) => String(half.data.slice(i * 6, (i + 1) * 6))));
      const all = Array.from({ length: 16 }, (_, i) => String(manifolds[m].data.slice(i * 6, (i + 1) * 6)));
      expect(rows.size).toBe(8);
      for (const row of rows) expect(all).toContain(row);
    });
    expect(randomHalves(manifolds, 3)).toEqual(halves);
    expect(randomHalves(manifolds, 4)).not.toEqual(halves);
    expect(() => randomHalves(freshClouds(1, 3), 0)).toThrow(/at least four examples/);
    expect(() => drain(resampleSteps(manifolds, { samples: 1 }))).toThrow(/at least two t-vectors/);
  });
});
