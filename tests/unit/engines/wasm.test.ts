import { describe, expect, it } from 'vitest';
import type { TrainingStep } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine, supportsNetwork } from '../../../src/ml/engines/wasm/engine.ts';
import { describeFamily } from '../../../src/ml/engines/wasm/family.ts';
import { Instance } from '../../../src/ml/engines/wasm/instance.ts';
import { createMember } from '../../../src/ml/engines/wasm/member.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { goldenArray, goldenModel, mnist } from './golden.ts';
import { randomImages, randomParameters, relativeError } from './referenceNetwork.ts';
import { sameState, sameValues } from './sameBits.ts';
import { smallNetwork } from './suite.ts';

it('explains which networks its fused program rejects, and rejects invalid networks', async () => {
  const network = notebookNetwork();
  expect(supportsNetwork(network)).toBeUndefined();
  const color = { ...network, input: { ...network.input, channels: 3 } };
  expect(supportsNetwork(color)).toMatch(/one channel, not 3/);
  const deeper = { ...network, layers: [network.layers[0], ...network.layers] };
  expect(supportsNetwork(deeper)).toMatch(/not conv - conv - relu/);
  await expect(createWasmEngine({ network: deeper, program: 'fused' })).rejects.toThrow(/.* conv - conv/);
  const endless = { ...network, layers: network.layers.slice(0, -1) };
  await expect(createWasmEngine({ network: endless })).rejects.toThrow(/ends in logSoftmax.*found linear/);
});

it('names its arithmetic, and uses the requested one', async () => {
  const network = smallNetwork();
  const engine = await createWasmEngine({ network, arithmetic: 'plain' });
  expect(engine.arithmetic).toBe('plain');
  expect(engine.description).toBe('1 worker, plain multiply and add');
  await engine.dispose();
  await expect(engine.forward(randomImages(network, 1), 'fc')).rejects.toThrow(/disposed/);
});

it('rejects the state of another network, and steps before data', async () => {
  const network = smallNetwork();
  const engine = await createWasmEngine({ network });
  const parameters = randomParameters(network);
  await engine.load({ parameters });
  const optimizer = { kind: 'adam' as const, step: 1, slots: { exp_avg: parameters, exp_avg_sq: {} } };
  await expect(engine.load({ parameters, optimizer })).rejects.toThrow(/.*conv.weight/);
  const indices = Int32Array.of(0);
  await expect(engine.train([{ indices, learningRate: 1e-3 }])).rejects.toThrow(/setData/);
  await expect(
    engine.train([{ images: new Uint8Array(0), labels: new Uint8Array(0), learningRate: 1e-3 }]),
  ).rejects.toThrow(/at least one image/);
});

it('gives the same results for images as bytes and as floats, at any position in a batch', async () => {
  const network = notebookNetwork({ filters: 10 });
  const engine = await createWasmEngine({ network });
  await engine.load({ parameters: randomParameters(network) });
  const bytes = Uint8Array.from(randomImages(network, 77), (value) => value * 255);
  const floats = Float32Array.from(bytes, (value) => value / 255);
  for (const layer of ['conv', 'relu', 'fc', 'logSoftmax']) {
    const all = await engine.forward(floats, layer);
    expect(sameValues(await engine.forward(bytes, layer), all)).toBe(true);
    const one = await engine.forward(floats.subarray(75 * 784, 76 * 784), layer);
    const units = all.length / 77;
    expect(sameValues(one, all.slice(75 * units, 76 * units))).toBe(true);
  }
});

it('has the golden gradients', async () => {
  const engine = await createWasmEngine({ network: notebookNetwork() });
  await engine.load({ parameters: goldenModel('model_trained') });
  const { images, labels } = mnist('t10k', 4);
  const { gradient } = await engine.inputGradient(images, 'fc', { kind: 'crossEntropy', labels });
  const expected = goldenArray('adversarial', 'grad_first4_f64');
  const signs = goldenArray('adversarial', 'fgsm_sign_first4');
  const agreeing = signs.filter((sign, i) => Math.sign(gradient[i]) === sign).length;
  expect(agreeing / signs.length).toBeGreaterThan(0.999);
  for (let image = 0; image < 4; image++) {
    const range = [image * 784, (image + 1) * 784];
    expect(relativeError(gradient.slice(...range), expected.slice(...range))).toBeLessThan(2e-4);
  }
});

describe('a run', () => {
  const network = notebookNetwork({ filters: 12 });
  const parameters = randomParameters(network);
  const images = Uint8Array.from(randomImages(network, 200), (value) => Math.round(value * 255));
  const labels = Uint8Array.from({ length: 200 }, (_, i) => (i * 7) % 10);
  const steps = (from: number, to: number, size = 20): TrainingStep[] =>
    Array.from({ length: to - from }, (_, i) => ({
      indices: Int32Array.from({ length: size }, (_, j) => ((from + i) * size + j) % 200),
      learningRate: 1e-3,
    }));
  const started = async () => {
    const engine = await createWasmEngine({ network });
    await engine.load({ parameters });
    await engine.setData(images, labels);
    return engine;
  };

  it('of 50 and 50 steps is bit-identical to one of 100', async () => {
    const whole = await started();
    await whole.train(steps(0, 100));
    const first = await started();
    await first.train(steps(0, 50));
    const second = await started();
    await second.load(await first.state());
    await second.train(steps(50, 100));
    expect(sameState(await second.state(), await whole.state())).toBe(true);
  });

  it('depends only on the seed of its attacks', async () => {
    const [step] = steps(0, 1);
    const trainedWith = async (seed: number) => {
      const engine = await started();
      const attack = {
        norm: 'l2' as const,
        epsilon: 1,
        steps: 2,
        stepSize: 0.7,
        randomStart: true,
        seed,
      };
      await engine.train([{ ...step, attack }]);
      return engine.state();
    };
    const once = await trainedWith(5);
    expect(sameState(await trainedWith(5), once)).toBe(true);
    expect(sameState(await trainedWith(6), once)).toBe(false);
  });

  it('does not grow its memory', async () => {
    const instance = await Instance.create(describeFamily(network), 'plain');
    const batch = images.subarray(0, 100 * 784);
    const work = () => {
      instance.pack(batch);
      instance.update(instance.logits(100), { first: 0, end: 3 }, { stepSize: 0, correction: 1 });
      instance.pack(batch.subarray(0, 16 * 784));
      instance.hiddenActivations(16, true, new Float32Array(16 * 8112));
    };
    work();
    const { memoryBytes } = instance;
    for (let i = 0; i < 20; i++) {
      work();
    }
    expect(instance.memoryBytes).toBe(memoryBytes);
    expect(memoryBytes).toBeLessThan(8 * 2 ** 20);
  });
});

it('has members that must be created first', async () => {
  await expect(createMember().train({ steps: [], buffer: new ArrayBuffer(0) })).rejects.toThrow(
    /expected create before/,
  );
});
