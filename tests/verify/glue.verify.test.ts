import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { gaussianMatrix, randomStream } from '../../src/ml/geometry/gaussian.ts';
import { glueSamplesSteps } from '../../src/ml/geometry/glueSamples.ts';
import {
  analyzeManifolds,
  ENSEMBLES,
  GLUE_FIGURES,
  glueGeometry,
  glueSpanSteps,
  type Manifold,
  simulateCapacity,
} from '../../src/ml/geometry/index.ts';
import { drain } from '../../src/ml/linear/steps.ts';
import { byHand } from '../unit/geometry/glueByHand.ts';
import { glueCases, glueInput } from '../unit/geometry/glueGolden.ts';
import { readImages } from '../unit/geometry/network.ts';
import { record } from './record.ts';
import { spreadOf } from './spread.ts';

/** Draws of two spheres, whose spread is the error of one draw. */
const SPHERE_SEEDS = 10;

const show = (value: number, error: number, digits = 4) =>
  `${value.toFixed(digits)} ± ${error.toFixed(digits)}`;

it.each(Object.keys(glueCases))('GLUE gives scipy’s figures on the same t and y, case %s', (name) => {
  const expected = glueCases[name];
  const { manifolds, tVectors, labels } = glueInput(name);
  const found = glueGeometry(manifolds, { tVectors, labels, center: expected.centered });
  const perSample = (['a', 'b', 'c'] as const).flatMap((key) =>
    expected[key].map((value, k) => Math.abs(found.perSample[key][k] / value - 1)),
  );
  const summary = GLUE_FIGURES.map((figure) => Math.abs(found[figure] / expected.summary[figure] - 1));
  const { capacity, utility, radius, dimension } = found;
  const identity = Math.abs((utility * (1 + radius ** -2)) / dimension / capacity - 1);
  record(
    `GLUE, “${name}” (${expected.labels} labels): a, b, c of each sample and ten figures, against non-negative least squares of scipy`,
    'samples within 1e-7, figures within 1e-8, capacity = utility (1 + radius⁻²) / dimension within 1e-9',
    `${Math.max(...perSample).toExponential(1)}, ${Math.max(...summary).toExponential(1)}, ${identity.toExponential(1)}`,
  );
  expect(Math.max(...perSample)).toBeLessThan(1e-7);
  expect(Math.max(...summary)).toBeLessThan(1e-8);
  expect(identity).toBeLessThan(1e-9);
});

it('GLUE of two manifolds of two points, by hand', () => {
  const { manifolds, tVectors, labels, perSample, summary } = byHand;
  const found = glueGeometry(manifolds, { tVectors, labels, center: false });
  const away = [
    ...(['a', 'b', 'c'] as const).flatMap((key) =>
      perSample[key].map((value, k) => Math.abs(found.perSample[key][k] - value)),
    ),
    ...[found.capacity, found.dimension, found.radius, found.utility].map((value, i) =>
      Math.abs(value - summary[i]),
    ),
  ];
  record(
    'GLUE of two manifolds of two points, by hand: a, b, c of six samples, capacity, dimension, radius, utility',
    'the known values, within half of their sixth decimal',
    `largest difference ${Math.max(...away).toExponential(1)}`,
  );
  expect(Math.max(...away)).toBeLessThan(5.1e-7);
});

it('GLUE of single points has capacity 2, and half of its anchors are active', () => {
  const random = randomStream(11);
  const samples = 4000;
  const points = Array.from({ length: 8 }, () => gaussianMatrix(1, 200, random));
  const { capacity, standardErrors } = glueGeometry(points, { samples, center: false });
  record(
    'GLUE, 8 single points in 200 dimensions, 4,000 samples: capacity',
    '2, within three standard errors',
    show(capacity, standardErrors.capacity, 3),
  );
  expect(Math.abs(capacity - 2)).toBeLessThan(3 * standardErrors.capacity);

  const span = drain(glueSpanSteps(points, false));
  const { starts } = drain(
    glueSamplesSteps(span, { seed: 0, ensemble: 'uniform' }, { from: 0, to: samples }),
  );
  const active = spreadOf(Array.from({ length: samples }, (_, k) => (starts[k + 1] - starts[k]) / 8));
  const error = active.deviation / Math.sqrt(samples);
  record(
    'GLUE, 8 single points in 200 dimensions, 4,000 samples: share of active anchors',
    '.5, within three standard errors',
    show(active.mean, error),
  );
  expect(Math.abs(active.mean - 0.5)).toBeLessThan(3 * error);
});

it.each([
  { D: 4, R: 1, dimension: 3.96, radius: 0.979 },
  { D: 8, R: 1, dimension: 6.97, radius: 0.868 },
  { D: 4, R: 2, dimension: 3.96, radius: 1.74 },
])('GLUE finds the dimension $D and radius $R of two spheres', ({ D, R, dimension, radius }) => {
  const seeds = Array.from({ length: SPHERE_SEEDS }, (_, i) => {
    const seed = i + 1;
    const manifolds = [sphere(D, R, 10 * seed), sphere(D, R, 10 * seed + 1)];
    return glueGeometry(manifolds, { samples: 200, seed, center: false });
  });
  const found = {
    dimension: spreadOf(seeds.map((one) => one.dimension)),
    radius: spreadOf(seeds.map((one) => one.radius)),
  };
  const { mean, deviation } = found.dimension;
  record(
    `GLUE, two spheres of dimension ${D} and radius ${R}, 200 points each in 1,000 dimensions: mean and spread over ${SPHERE_SEEDS} seeds`,
    `dimension ${dimension} and radius ${radius} of another implementation, whose one draw lies within three spreads (few points: a lower bound)`,
    `dimension ${show(mean, deviation, 2)}, radius ${show(found.radius.mean, found.radius.deviation, 3)}`,
  );
  // Both the other implementation's draw and the mean over the seeds vary.
  const allowed = 3 * Math.sqrt(1 + 1 / SPHERE_SEEDS);
  expect(Math.abs(mean - dimension)).toBeLessThan(allowed * deviation);
  expect(Math.abs(found.radius.mean - radius)).toBeLessThan(allowed * found.radius.deviation);
});

it('GLUE, simulation and mean-field theory on the first 50 training images of each digit', () => {
  const manifolds = firstImages(50);
  const expected = { uniform: 0.0725, balanced: 0.0847, oneVersusRest: 0.0378 };
  for (const ensemble of ENSEMBLES) {
    const { capacity, standardErrors } = glueGeometry(manifolds, { ensemble });
    record(
      `GLUE, MNIST’s pixels, ${ensemble} labels, centered: capacity`,
      `${expected[ensemble]} by another implementation, within three standard errors`,
      show(capacity, standardErrors.capacity),
    );
    expect(Math.abs(capacity - expected[ensemble])).toBeLessThan(3 * standardErrors.capacity);
  }
  const { capacity: simulated = 0, standardError = 0 } = simulateCapacity(manifolds, {
    dichotomies: 200,
    expected: 0.075,
  });
  const theory = analyzeManifolds(manifolds);
  const error = theory.standardErrors.capacity;
  record(
    'GLUE, MNIST’s pixels: simulated capacity and mean-field theory beside it',
    '0.0753 ± 0.0011 and 0.1015 by another implementation, within three standard errors',
    `${show(simulated, standardError)} and ${show(theory.capacity, error)}`,
  );
  expect(Math.abs(simulated - 0.0753)).toBeLessThan(3 * Math.hypot(standardError, 0.0011));
  // The other implementation has as many t-vectors, hence the same error.
  expect(Math.abs(theory.capacity - 0.1015)).toBeLessThan(3 * Math.SQRT2 * error);
  expect(theory.capacity).toBeGreaterThan(1.2 * simulated);
});

it.each([
  { count: 50, share: 0.67 },
  { count: 800, share: 0.9 },
])('GLUE finds $share of the dimension of spheres with $count points each', ({ count, share }) => {
  const manifolds = [sphere(10, 1, 10, count), sphere(10, 1, 11, count)];
  const { dimension, standardErrors } = glueGeometry(manifolds, { samples: 200, seed: 1, center: false });
  record(
    `GLUE, two spheres of dimension 10 and radius 1 in 1,000 dimensions: share of the dimension found with ${count} points each`,
    `${share} within three standard errors: with few points dimension is a lower bound`,
    show(dimension / 10, standardErrors.dimension / 10, 2),
  );
  expect(Math.abs(dimension / 10 - share)).toBeLessThan((3 * standardErrors.dimension) / 10);
});

it('GLUE’s errors over t and y are the spread over seeds', () => {
  const manifolds = glueInput('unequal').manifolds;
  const seeds = Array.from({ length: 60 }, (_, seed) =>
    glueGeometry(manifolds, { samples: 200, seed, center: false }),
  );
  const ratios = GLUE_FIGURES.map((figure) => {
    const { deviation } = spreadOf(seeds.map((one) => one[figure]));
    const claimed = seeds.reduce((sum, one) => sum + one.standardErrors[figure], 0) / seeds.length;
    return { figure, ratio: claimed / deviation };
  });
  record(
    'GLUE’s standard errors over t and y, relative to the spread over 60 seeds',
    'all between .7 and 1.45',
    ratios.map(({ figure, ratio }) => `${figure} ${ratio.toFixed(2)}`).join(', '),
  );
  for (const { ratio } of ratios) {
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.45);
  }
});

/** Points on a sphere: the center and D axes are normal of length about 1 in 1,000 dimensions; noise of length .01. */
function sphere(D: number, R: number, seed: number, count = 200): Manifold {
  const N = 1000;
  const random = randomStream(seed, 5);
  const frame = gaussianMatrix(D + 1, N, random).data.map((value) => value / Math.sqrt(N));
  const data = new Float64Array(count * N);
  for (let p = 0; p < count; p++) {
    const direction = Array.from({ length: D }, () => random.normal());
    const length = Math.hypot(...direction);
    for (let k = 0; k < N; k++) {
      let value = frame[k] + (0.01 * random.normal()) / Math.sqrt(N);
      for (let d = 0; d < D; d++) value += (R * direction[d] * frame[(d + 1) * N + k]) / length;
      data[p * N + k] = value;
    }
  }
  return { data, rows: count, columns: N };
}

/** The first training images of each digit, in file order. */
function firstImages(count: number): Manifold[] {
  const file = new URL('../../public/mnist/train-labels-idx1-ubyte.gz', import.meta.url);
  const labels = gunzipSync(readFileSync(file)).subarray(8);
  return Array.from({ length: 10 }, (_, digit) => {
    const indices: number[] = [];
    for (let i = 0; indices.length < count; i++) if (labels[i] === digit) indices.push(i);
    return { data: readImages(indices), rows: count, columns: 784 };
  });
}
