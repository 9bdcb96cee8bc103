import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { createTfjsEngine } from '../../../src/ml/engines/tfjs/engine.ts';
import type { NetworkDescription } from '../../../src/ml/model/network.ts';
import type { OptimizerDescription } from '../../../src/ml/model/optimizer.ts';
import { followDeeper } from './deeperGolden.ts';
import { deeperSample } from './deeperSuite.ts';
import { randomImages, randomParameters } from './referenceNetwork.ts';
import { engineSuite, smallNetwork } from './suite.ts';

const deepNetwork: NetworkDescription = {
  input: { channels: 2, height: 8, width: 7 },
  layers: [
    { kind: 'conv', name: 'conv1', filters: 3, kernelSize: 3 },
    { kind: 'relu', name: 'relu1' },
    { kind: 'conv', name: 'conv2', filters: 4, kernelSize: 2 },
    { kind: 'relu', name: 'relu2' },
    { kind: 'flatten', name: 'flatten' },
    { kind: 'linear', name: 'hidden', outputs: 6 },
    { kind: 'relu', name: 'relu3' },
    { kind: 'linear', name: 'fc', outputs: 5 },
    { kind: 'logSoftmax', name: 'logSoftmax' },
  ],
};

const linearNetwork: NetworkDescription = {
  input: { channels: 1, height: 4, width: 5 },
  layers: [
    { kind: 'flatten', name: 'flatten' },
    { kind: 'linear', name: 'fc', outputs: 3 },
    { kind: 'logSoftmax', name: 'logSoftmax' },
  ],
};

const create = (network: NetworkDescription) => createTfjsEngine({ network, backend: 'cpu' });

engineSuite('tfjs-cpu', create, {
  steps: 1,
  networks: [
    ['the notebook network, small', smallNetwork()],
    ['two convolutions and a hidden layer', deepNetwork],
    ['a linear classifier', linearNetwork],
  ],
});

deeperSample('tfjs-cpu', (network, optimizer) => createTfjsEngine({ network, optimizer, backend: 'cpu' }));

/** A sample; `tests/full/tfjsGolden.test.ts` covers all golden networks. */
describe('tfjs-cpu on golden mlp', () => {
  it('follows adam for a few steps', async () => {
    const createWith = (network: NetworkDescription, optimizer?: OptimizerDescription) =>
      createTfjsEngine({ network, optimizer, backend: 'cpu' });
    await followDeeper(createWith, 'mlp', 'adam', 3);
  });
});

describe('tfjs', () => {
  it('leaks no tensor over a run, and none when disposed', async () => {
    const network = smallNetwork();
    const before = tf.memory().numTensors;
    const engine = await create(network);
    await engine.load({ parameters: randomParameters(network) });
    const images = randomImages(network, 12);
    const labels = new Uint8Array(12).map((_, i) => i % 10);
    const attack = {
      norm: 'linf',
      epsilon: 0.1,
      steps: 2,
      stepSize: 0.05,
      randomStart: true,
      seed: 1,
    } as const;
    const work = async () => {
      await engine.train([
        { images, labels, learningRate: 1e-3 },
        { images, labels, learningRate: 1e-3, attack },
      ]);
      await engine.forward(images, 'relu');
      await engine.parameters();
      await engine.state();
      const options = { activations: true };
      await engine.inputGradient(images, 'conv', { kind: 'crossEntropy', labels }, options);
      await engine.inputGradient(
        images,
        'fc',
        { kind: 'cotangent', cotangent: new Float32Array(120) },
        options,
      );
      await expect(engine.forward(images, 'nowhere')).rejects.toThrow('nowhere');
    };
    await work();
    const during = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) {
      await work();
    }
    expect(tf.memory().numTensors).toBe(during);
    await engine.load(await engine.state());
    expect(tf.memory().numTensors).toBe(during);
    await engine.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives the same results for images in chunks', async () => {
    const engine = await create(linearNetwork);
    await engine.load({ parameters: randomParameters(linearNetwork) });
    const images = randomImages(linearNetwork, 600);
    const labels = new Uint8Array(600).map((_, i) => i % 3);
    const whole = await engine.inputGradient(images, 'fc', { kind: 'crossEntropy', labels });
    const end = await engine.inputGradient(images.subarray(20 * 250), 'fc', {
      kind: 'crossEntropy',
      labels: labels.subarray(250),
    });
    expect([...end.values]).toEqual([...whole.values.subarray(250)]);
    expect([...end.gradient]).toEqual([...whole.gradient.subarray(20 * 250)]);
    await engine.dispose();
  });

  it('rejects an invalid label', async () => {
    const engine = await create(linearNetwork);
    await engine.load({ parameters: randomParameters(linearNetwork) });
    const step = { images: randomImages(linearNetwork, 1), labels: Uint8Array.of(3), learningRate: 1e-3 };
    await expect(engine.train([step])).rejects.toThrow('expected labels below 3, found 3');
    await engine.dispose();
  });

  it('rejects a missing backend, and a second backend beside a live engine', async () => {
    await expect(createTfjsEngine({ network: linearNetwork, backend: 'webgl' })).rejects.toThrow(
      'expected a working "webgl" backend',
    );
    await expect(createTfjsEngine({ network: linearNetwork, backend: 'webgpu' })).rejects.toThrow('WebGPU');
    const engine = await create(linearNetwork);
    await expect(createTfjsEngine({ network: linearNetwork, backend: 'webgl' })).rejects.toThrow(
      'expected the "cpu" backend, which a live engine uses, found "webgl"',
    );
    await engine.dispose();
  });
});
