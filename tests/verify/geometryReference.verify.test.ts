import { expect, it } from 'vitest';
import {
  analyzeManifolds,
  type CenterRule,
  type GeometryResult,
  type Manifold,
  simulateCapacity,
} from '../../src/ml/geometry/index.ts';
import {
  type MftmaNotebook,
  mftmaArray,
  mftmaCases,
  mftmaManifolds,
  readJson,
  transpose,
} from '../unit/geometry/golden.ts';
import { forward, type Layer, readImages, readTensors } from '../unit/geometry/network.ts';
import { record } from './record.ts';

interface Spread {
  stat: Record<'alpha' | 'R' | 'D', [mean: number, deviation: number]>;
}
interface Golden extends MftmaNotebook {
  notebook_printed: Record<string, { alpha: number; R: number; D: number; rho: number }>;
  spread_10_seeds_trained_float32: Record<string, Spread>;
  spread_n_reps_10: Record<string, Spread>;
}

/** The notebook's own 500 images in the reference's trained network, one manifold per class. */
const golden = readJson<Golden>('mftma_notebook.json');
const order = ['3', '2', '8', '4', '9', '1', '6', '7', '0', '5'];
const activations = forward(
  readTensors('model_trained.safetensors'),
  readImages(order.flatMap((label) => golden.indices[label])),
);
const SEEDS = 10;
const names = { input: 'layer_0_Input', conv: 'layer_1_Conv2d', fc: 'layer_4_Linear' } as const;
const figures = [
  { figure: 'capacity', key: 'alpha', tolerance: 0.08, digits: 4 },
  { figure: 'radius', key: 'R', tolerance: 0.03, digits: 3 },
  { figure: 'dimension', key: 'D', tolerance: 0.03, digits: 2 },
] as const;

function manifoldsOf(layer: Layer): Manifold[] {
  const { data, columns } = activations[layer];
  return order.map((_, i) => ({
    data: new Float32Array(data.subarray(i * 50 * columns, (i + 1) * 50 * columns)),
    rows: 50,
    columns,
  }));
}

function overSeeds(layer: Layer, rule: CenterRule): GeometryResult[] {
  const manifolds = manifoldsOf(layer);
  return Array.from({ length: SEEDS }, (_, seed) => analyzeManifolds(manifolds, { seed, rule }));
}

function meanAndDeviation(values: readonly number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / (values.length - 1))];
}

const show = ([mean, deviation]: readonly [number, number], digits: number) =>
  `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;

it.each(Object.keys(mftmaCases))('agrees with the original code on the same t-vectors, case %s', (name) => {
  const { a, R, D, kappa } = mftmaCases[name];
  const V11 = mftmaArray(name.startsWith('synthetic') ? 'synthetic/V11' : `${name}/V11`);
  const tVectors = a.map((_, i) => transpose(mftmaArray(`${name}/t_vec_${i}`)));
  const found = analyzeManifolds(mftmaManifolds(name), { kappa, tVectors, centerDirections: transpose(V11) });
  const differences = found.perManifold.flatMap((one, i) => [
    Math.abs(one.capacity / a[i] - 1),
    Math.abs(one.radius / R[i] - 1),
    Math.abs(one.dimension / D[i] - 1),
  ]);
  record(
    `“${name}”: each class’s capacity, radius and dimension from the original code’s t-vectors and directions`,
    'within 1e-6',
    `largest relative difference ${Math.max(...differences).toExponential(1)}`,
  );
  expect(Math.max(...differences)).toBeLessThan(1e-6);
});

it.each(['input', 'conv', 'fc'] as const)(
  'gives the notebook’s figures of %s on its own images, over seeds',
  (layer) => {
    const printed = golden.notebook_printed[names[layer]];
    const original = golden.spread_10_seeds_trained_float32[names[layer]].stat;
    const ours = overSeeds(layer, 'lowestCost');
    for (const { figure, key, tolerance, digits } of figures) {
      const found = meanAndDeviation(ours.map((one) => one[figure]));
      record(
        `${layer}, the notebook’s images: ${figure} over ten seeds`,
        `notebook ${printed[key].toFixed(digits)}, within ${100 * tolerance} %; original code over ten seeds ${show(original[key], digits)}`,
        show(found, digits),
      );
      for (const one of ours) expect(Math.abs(one[figure] / printed[key] - 1)).toBeLessThan(tolerance);
    }
    record(
      `${layer}, the notebook’s images: center correlation`,
      `notebook ${printed.rho.toFixed(4)}, within .001${layer === 'conv' ? ' (the notebook projects this layer at random)' : ''}`,
      ours[0].centerCorrelation.toFixed(4),
    );
    expect(Math.abs(ours[0].centerCorrelation - printed.rho)).toBeLessThan(1e-3);
  },
);

it.each(['input', 'conv', 'fc'] as const)(
  'follows the original code’s own rule at %s, over seeds',
  (layer) => {
    const golden10 = Object.entries(golden.spread_n_reps_10).find(([name]) => name.includes(names[layer]));
    if (!golden10) throw new Error(`expected the original code's repeats of ${layer}, found none`);
    const ours = overSeeds(layer, 'reference');
    const [mean, deviation] = meanAndDeviation(ours.map(({ capacity }) => capacity));
    const theirs = golden10[1].stat.alpha;
    record(
      `${layer}, the notebook’s images: capacity by the original code’s center rule with ten starts`,
      `original code ${show(theirs, 4)}`,
      show([mean, deviation], 4),
    );
    expect(Math.abs(mean - theirs[0])).toBeLessThan(3 * Math.hypot(deviation, theirs[1]));
  },
);

it.each(['input', 'conv', 'relu', 'fc'] as const)('shows theory and simulation of %s together', (layer) => {
  const manifolds = manifoldsOf(layer);
  const { capacity } = analyzeManifolds(manifolds);
  const [through, offset] = [false, true].map((bias) =>
    simulateCapacity(manifolds, { bias, expected: capacity }),
  );
  const text = ({ capacity: found, standardError }: typeof through) =>
    found === undefined ? 'not measurable' : `${found.toFixed(4)} ± ${standardError?.toFixed(4) ?? '?'}`;
  record(
    `${layer}, the notebook’s images: mean-field capacity beside measured separability`,
    'no line: the theory assumes many classes, ten are few',
    `theory ${capacity.toFixed(4)}; measured, plane through the mean ${text(through)}; with an offset ${text(offset)}`,
  );
  if (layer === 'fc') expect(through.capacity).toBeUndefined();
  else expect(through.capacity ?? Infinity).toBeLessThan(capacity);
});
