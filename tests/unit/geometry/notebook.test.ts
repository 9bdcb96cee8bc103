import { describe, expect, it } from 'vitest';
import { analyzeManifolds, type GeometryResult, type Manifold } from '../../../src/ml/geometry/index.ts';
import { type MftmaNotebook, mftmaCases, readJson } from './golden.ts';
import { forward, type Layer, readImages, readTensors } from './network.ts';

/** The notebook's own 500 images, with the float32 activations of an engine. */
const { indices, fa_landscape_float64: landscape } = readJson<MftmaNotebook>('mftma_notebook.json');
const images = readImages(
  ['3', '2', '8', '4', '9', '1', '6', '7', '0', '5'].flatMap((label) => indices[label]),
);

const activations = {
  trained: forward(readTensors('model_trained.safetensors'), images),
  init: forward(readTensors('model_init.safetensors'), images),
};

function manifoldsOf(model: 'trained' | 'init', layer: Layer): Manifold[] {
  const { data, columns } = activations[model][layer];
  return Array.from({ length: 10 }, (_, i) => ({
    data: new Float32Array(data.subarray(i * 50 * columns, (i + 1) * 50 * columns)),
    rows: 50,
    columns,
  }));
}

/** Each cost is at most the lowest of the reference's 40 restarts, which are printed with four digits. */
function expectCosts(result: GeometryResult, name: string): void {
  for (const rank of [1, 2]) {
    const costs = landscape[name].distinct[rank].map(([text]) => Number(/cost (\S+)/.exec(text)?.[1]));
    const candidate = result.centers.candidates.find((one) => one.rank === rank);
    expect(candidate?.cost).toBeLessThan(Math.min(...costs) + 5e-5);
    expect(candidate?.smallestNormRatio).toBeGreaterThanOrEqual(0.05);
  }
}

describe('the notebook’s 500 images', () => {
  it.each([0, 1, 111])('give the fc layer’s figures, seed %i', (seed) => {
    const found = analyzeManifolds(manifoldsOf('trained', 'fc'), { seed });
    const { std } = mftmaCases.linear.t_spread_with_this_V11;
    expect(Math.abs(found.capacity - 0.366)).toBeLessThan(3 * std.alpha);
    expect(Math.abs(found.radius - 0.908)).toBeLessThan(3 * std.R);
    expect(Math.abs(found.dimension - 4.57)).toBeLessThan(3 * std.D);
    expect(found.rank).toBe(2);
    expect(found.centerCorrelation).toBeCloseTo(0.3072, 4);
    expectCosts(found, 'trained/linear');
  });

  it('reproduce the input layer’s figures', () => {
    const found = analyzeManifolds(manifoldsOf('trained', 'input'), { seed: 0 });
    // The notebook's own draw of t-vectors has an error, too.
    expect(Math.abs(found.capacity - 0.1022)).toBeLessThan(3 * Math.SQRT2 * found.standardErrors.capacity);
    expect(Math.abs(found.radius - 1.097)).toBeLessThan(3 * Math.SQRT2 * found.standardErrors.radius);
    expect(Math.abs(found.dimension - 16.76)).toBeLessThan(3 * Math.SQRT2 * found.standardErrors.dimension);
    expect(found.rank).toBe(1);
    expect(found.centerCorrelation).toBeCloseTo(0.2376, 4);
    expectCosts(found, 'trained/input');
  });

  it.each(['trained', 'init'] as const)('give the conv layer’s, unprojected, %s', (model) => {
    const found = analyzeManifolds(manifoldsOf(model, 'conv'), { seed: 0 });
    expect(found.rank).toBe(1);
    expectCosts(found, model === 'trained' ? 'trained/conv_unprojected' : 'untrained/conv_unprojected');
    if (model === 'trained') {
      // Mean over ten repeats of the reference on the projected layer, and its spread.
      expect(Math.abs(found.capacity - 0.1061)).toBeLessThan(4 * 0.0013);
      expect(Math.abs(found.radius - 1.0666)).toBeLessThan(4 * 0.0041);
      expect(Math.abs(found.dimension - 16.99)).toBeLessThan(4 * 0.13);
      expect(found.centerCorrelation).toBeCloseTo(0.23338, 5);
    }
  });

  it('show that training doubles the fc layer’s capacity', () => {
    const untrained = analyzeManifolds(manifoldsOf('init', 'fc'), { seed: 0 });
    const trained = analyzeManifolds(manifoldsOf('trained', 'fc'), { seed: 0 });
    expect(untrained.capacity).toBeCloseTo(0.17, 2);
    expect(trained.capacity).toBeCloseTo(0.36, 1);
    expect(untrained.rank).toBe(2);
    expectCosts(untrained, 'untrained/linear');
  });
});
