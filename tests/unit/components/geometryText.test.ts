import { describe, expect, it } from 'vitest';
import {
  figureOf,
  formatFigure,
  intervalText,
  type Measure,
  measures,
} from '../../../src/components/geometry/measures.ts';
import { separabilityText } from '../../../src/components/geometry/separability.ts';
import { verdictOn } from '../../../src/components/geometry/verdict.ts';
import type { Resample } from '../../../src/ml/geometry/index.ts';
import type { LayerGeometry } from '../../../src/workers/geometryProtocol.ts';
import { geometry } from '../lab/keep/examples.ts';

const capacity: Measure = measures[0];
const settings = { resamples: 10, samples: 300 };

/** A result whose resampled capacities lie around its own as given. */
function resultWith(value: number, deviations: readonly number[]): LayerGeometry {
  const resamples = deviations.map((deviation): Resample => {
    const figures = {
      ...{ capacity: value + deviation, radius: 1, radiusMedian: 1, dimension: 1 },
      centerCorrelation: 0.5,
    };
    return { figures, halves: [figures, figures] };
  });
  const exampleErrors = {
    ...{ capacity: 0.0075, radius: 0, radiusMedian: 0, dimension: 0, centerCorrelation: 0 },
  };
  return {
    ...geometry.result,
    capacity: value,
    standardErrors: { capacity: 0.001, radius: 0, radiusMedian: 0, dimension: 0 },
    exampleErrors,
    resampled: { kind: 'redraws', samples: 100, resamples },
  };
}

/** The difference between the two moments equals conv's variation between draws. */
const one = [0.005, -0.006, 0.002, 0.009, -0.004, 0, 0.003, -0.008, 0.001, -0.002];
const other = [-0.003, 0.004, 0.006, -0.007, 0.002, 0.008, -0.005, 0.001, -0.004, -0.002];

describe('a verdict', () => {
  it('finds no clear change in conv’s -.0016, although the error of the t-vectors alone would make it clear', () => {
    const { text, change } = verdictOn(
      capacity,
      'median',
      { before: resultWith(0.102, one), now: resultWith(0.098, other) },
      settings,
    );
    expect(text).toBe('no clear change');
    expect(change).toMatch(/^−0\.0040 ± 0\.0\d+$/);
  });

  it('finds a clear change if both moments vary together between draws', () => {
    const { text } = verdictOn(
      capacity,
      'median',
      { before: resultWith(0.102, one), now: resultWith(0.106, one) },
      settings,
    );
    expect(text).toBe('rose: untangling');
  });

  it('waits for the errors, and needs redraws', () => {
    const before = resultWith(0.1, one);
    const now = { ...resultWith(0.3, one), exampleErrors: undefined, resampled: undefined };
    expect(verdictOn(capacity, 'mean', { before, now }, settings).text).toBe('errors not computed yet');
    expect(verdictOn(capacity, 'mean', { before, now }, { ...settings, resamples: 0 }).text).toBe(
      'no verdict without redraws',
    );
    expect(verdictOn(capacity, 'mean', { before, now: before }, settings).text).toBe('');
    const kept = { ...before, resampled: undefined };
    expect(verdictOn(capacity, 'mean', { before: kept, now: resultWith(0.3, one) }, settings).text).toBe(
      'no verdict: saved without redraws',
    );
  });
});

describe('an interval', () => {
  const choice = { measure: 'capacity', radius: 'median' } as const;

  it('uses Student’s quantile over redraws, also for the center correlation, and only t-vectors without redraws', () => {
    const result = resultWith(0.1, one);
    expect(figureOf(result, choice, 10).margin).toBeCloseTo(2.2622 * Math.hypot(0.001, 0.0075), 6);
    const correlated = { ...geometry.result, resampled: result.resampled };
    const correlation = figureOf(correlated, { measure: 'centerCorrelation', radius: 'mean' }, 10);
    expect(correlation.margin).toBeCloseTo(2.2622 * 0.4, 4);
    const plain = { ...result, exampleErrors: undefined, resampled: undefined };
    expect(figureOf(plain, choice, 0).margin).toBeCloseTo(0.00196, 8);
    expect(formatFigure(figureOf(plain, choice, 10))).toBe('0.1000');
  });

  it('names its sources of error', () => {
    expect(intervalText({ resamples: 0, indices: undefined })).toMatch(
      /over the t-vectors, for these images/,
    );
    expect(intervalText({ resamples: 10, indices: undefined })).toMatch(/10 redraws .* minima/);
    expect(intervalText({ resamples: 10, indices: [1] })).toMatch(/10 random halves of these images/);
    expect(intervalText({ resamples: 10, indices: undefined }, 'halves')).toMatch(/random halves/);
  });
});

describe('theory and simulation', () => {
  const shape = { classes: 10, dichotomies: 50 };

  it('in fc: explain that a capacity below 1 cannot be measured', () => {
    const text = separabilityText({ ...shape, layer: 'fc', units: 10, theory: 0.3628 });
    expect(text).toMatch(/fc has 10 dimensions/);
    expect(text).toMatch(/10 \/ 0\.3628 = 28/);
    expect(text).toMatch(/does not contradict the theory/);
    expect(text).toMatch(/overall mean/);
  });

  it('in a wide layer: explain why the simulation is lower', () => {
    const text = separabilityText({ ...shape, layer: 'conv', units: 21632, theory: 0.1036 });
    expect(text).toMatch(/10 is few\. .* above what simulation measures/);
    expect(text).not.toMatch(/cannot be measured/);
  });
});
