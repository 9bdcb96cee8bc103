import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Objective, TrainingStep } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine, supportsNetwork } from '../../../src/ml/engines/wasm/engine.ts';
import { type NetworkDescription, notebookNetwork, shapeAt, sizeOf } from '../../../src/ml/model/network.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';
import {
  type LayerName,
  numbers,
  Reference,
  randomImages,
  randomParameters,
  relativeError,
} from './wasmReference.ts';

/** One of the family, small unless asked otherwise. */
function describeNetwork({ filters = 8, kernelSize = 3, height = 9, width = 11, classes = 10 } = {}) {
  const network = notebookNetwork({ filters, kernelSize });
  network.input = { channels: 1, height, width };
  network.layers = network.layers.map((layer) =>
    layer.kind === 'linear' ? { ...layer, outputs: classes } : layer,
  );
  return network;
}

async function loaded(network: NetworkDescription, parameters: Parameters): Promise<Engine> {
  const engine = await createWasmEngine({ network });
  await engine.load({ parameters });
  return engine;
}

function imageOf(images: Float32Array, network: NetworkDescription, index: number): Float32Array {
  const pixels = sizeOf(shapeAt(network, 'input'));
  return images.subarray(index * pixels, (index + 1) * pixels);
}

function rows(images: Float32Array, network: NetworkDescription): Float32Array[] {
  const count = images.length / sizeOf(shapeAt(network, 'input'));
  return Array.from({ length: count }, (_, index) => imageOf(images, network, index));
}

const LAYERS: LayerName[] = ['input', 'conv', 'relu', 'flatten', 'fc', 'logSoftmax'];

const NETWORKS: [string, NetworkDescription][] = [
  ['8 filters, 3x3', describeNetwork()],
  ['6 filters, 5x5, 7 classes', describeNetwork({ filters: 6, kernelSize: 5, classes: 7 })],
  ['1 filter, 4x4, 2 classes', describeNetwork({ filters: 1, kernelSize: 4, classes: 2 })],
  ['9 filters, 7x7, 13 classes', describeNetwork({ filters: 9, kernelSize: 7, classes: 13, width: 38 })],
  ['3 filters, 6x6, one position', describeNetwork({ filters: 3, kernelSize: 6, height: 6, width: 6 })],
  [
    '5 filters, 1x1, 1 class',
    describeNetwork({ filters: 5, kernelSize: 1, height: 4, width: 3, classes: 1 }),
  ],
];

describe.each(NETWORKS)('%s', (_name, network) => {
  const parameters = randomParameters(network);
  const reference = new Reference(network, parameters);
  const classes = sizeOf(shapeAt(network, 'fc'));
  let engine: Engine;
  beforeAll(async () => {
    engine = await loaded(network, parameters);
  });

  it.each(LAYERS)('gives the activations at %s', async (layer) => {
    for (const count of [1, 8, 19]) {
      const images = randomImages(network, count);
      const found = await engine.forward(images, layer);
      const expected = rows(images, network).flatMap((image) => [...reference.forward(image)[layer]]);
      expect(relativeError(found, expected)).toBeLessThan(2e-6);
    }
  });

  it.each(LAYERS)('gives the input gradient of every objective at %s', async (layer) => {
    const count = 11;
    const images = randomImages(network, count);
    const units = sizeOf(shapeAt(network, layer));
    const given = numbers(count * units, 1, 3);
    const activations = rows(images, network).map((image) => reference.forward(image)[layer]);
    const ofImage = (index: number) => given.subarray(index * units, (index + 1) * units);
    const objectives: [Objective, (value: number, target: number) => { value: number; slope: number }][] = [
      [
        { kind: 'squaredError', target: given },
        (value, target) => ({
          value: (value - target) ** 2 / units,
          slope: (2 / units) * (value - target),
        }),
      ],
      [
        { kind: 'cotangent', cotangent: given },
        (value, target) => ({ value: value * target, slope: target }),
      ],
      [
        {
          kind: 'callback',
          evaluate: (all) => ({
            values: Float64Array.from({ length: count }, (_, i) =>
              all.subarray(i * units, (i + 1) * units).reduce((sum, x) => sum + Math.sin(x), 0),
            ),
            cotangent: all.map(Math.cos),
          }),
        },
        (value) => ({ value: Math.sin(value), slope: Math.cos(value) }),
      ],
    ];
    for (const [objective, evaluate] of objectives) {
      const found = await engine.inputGradient(images, layer, objective, { activations: true });
      const values: number[] = [];
      const gradients = rows(images, network).flatMap((image, index) => {
        const terms = [...activations[index]].map((x, unit) => evaluate(x, ofImage(index)[unit]));
        values.push(terms.reduce((sum, { value }) => sum + value, 0));
        return [
          ...reference.backward(
            image,
            layer,
            terms.map(({ slope }) => slope),
          ).pixels,
        ];
      });
      expect(relativeError(found.values, values)).toBeLessThan(3e-6);
      expect(relativeError(found.gradient, gradients)).toBeLessThan(5e-6);
      expect(found.activations).toEqual(await engine.forward(images, layer));
    }
  });

  it('gives the input gradient of the cross-entropy', async () => {
    const images = randomImages(network, 9);
    const labels = Uint8Array.from({ length: 9 }, (_, i) => i % classes);
    for (const sign of [1, -1] as const) {
      const found = await engine.inputGradient(images, 'input', { kind: 'crossEntropy', labels, sign });
      const values: number[] = [];
      const gradients = rows(images, network).flatMap((image, i) => {
        values.push(-sign * reference.forward(image).logSoftmax[labels[i]]);
        const given = Float64Array.from({ length: classes }, (_, k) => (k === labels[i] ? -sign : 0));
        return [...reference.backward(image, 'logSoftmax', given).pixels];
      });
      expect(relativeError(found.values, values)).toBeLessThan(2e-6);
      expect(relativeError(found.gradient, gradients)).toBeLessThan(5e-6);
    }
  });

  it.each([1, 8, 13, 70])('trains on batches of %i', async (count) => {
    const images = randomImages(network, count);
    const labels = Uint8Array.from({ length: count }, (_, i) => (i * 5) % classes);
    await engine.load({ parameters });
    const { losses, correct } = await engine.train([{ images, labels, learningRate: 1e-3 }]);
    const batch = rows(images, network);
    expect(losses[0]).toBeCloseTo(reference.loss(batch, labels), 5);
    const right = batch.filter((image, i) => {
      const { fc } = reference.forward(image);
      return fc.indexOf(Math.max(...fc)) === labels[i];
    });
    expect(correct[0]).toBe(right.length);
    // The first moment of a fresh optimizer is (1 - beta1) times the gradient.
    const { optimizer } = await engine.state();
    const expected = reference.lossGradient(batch, labels);
    for (const [name, moment] of Object.entries(optimizer.firstMoment)) {
      expect(
        relativeError(
          moment.map((value) => value * 10),
          expected[name],
        ),
        name,
      ).toBeLessThan(1e-5);
      const squares = expected[name].map((value) => value ** 2 * 1e-3);
      expect(relativeError(optimizer.secondMoment[name], squares), name).toBeLessThan(2e-5);
    }
  });
});

it('has the gradient that finite differences of the float64 loss have', async () => {
  const network = describeNetwork();
  const parameters = randomParameters(network);
  const images = randomImages(network, 5);
  const labels = Uint8Array.from([3, 1, 4, 1, 5]);
  const engine = await loaded(network, parameters);
  await engine.train([{ images, labels, learningRate: 0 }]);
  const { optimizer } = await engine.state();
  const batch = rows(images, network);
  for (const [name, values] of Object.entries(parameters)) {
    const moment = optimizer.firstMoment[name];
    const size = Math.max(...moment.map(Math.abs));
    for (let i = 0; i < values.length; i += Math.ceil(values.length / 12)) {
      const lossAt = (change: number) => {
        const moved = Float64Array.from(values);
        moved[i] += change;
        return new Reference(network, { ...parameters, [name]: moved }).loss(batch, labels);
      };
      const slope = (lossAt(1e-5) - lossAt(-1e-5)) / 2e-5;
      expect(Math.abs(10 * moment[i] - slope), `${name} ${i}`).toBeLessThan(1e-5 * 10 * size + 1e-8);
    }
  }
});

describe('a run', () => {
  const network = notebookNetwork({ filters: 12 });
  const parameters = randomParameters(network);
  const data = randomImages(network, 200).map((value) => Math.round(value * 255));
  const labels = Uint8Array.from({ length: 200 }, (_, i) => (i * 7) % 10);
  const steps = (from: number, to: number): TrainingStep[] =>
    Array.from({ length: to - from }, (_, i) => ({
      indices: Int32Array.from({ length: 20 }, (_, j) => ((from + i) * 20 + j) % 200),
      learningRate: 1e-3,
    }));
  const started = async (arithmetic?: 'plain') => {
    const engine = await createWasmEngine({ network, arithmetic });
    await engine.load({ parameters });
    await engine.setData(Uint8Array.from(data), labels);
    return engine;
  };

  it('is bit-identical when repeated, and when cut in two', async () => {
    const whole = await started();
    const result = await whole.train(steps(0, 10));
    const again = await started();
    expect(await again.train(steps(0, 10))).toEqual(result);
    expect(await again.state()).toEqual(await whole.state());
    const first = await started();
    await first.train(steps(0, 5));
    const second = await started();
    await second.load(await first.state());
    await second.train(steps(5, 10));
    expect(await second.state()).toEqual(await whole.state());
  });

  it('names its arithmetic, and keeps the one asked for', async () => {
    const engine = await started('plain');
    expect(engine.arithmetic).toBe('plain');
    expect(engine.description).toBe('1 worker, plain multiply and add');
  });

  it('takes the images of a step given as floats or bytes alike', async () => {
    const bytes = Uint8Array.from(data.subarray(0, 20 * 784));
    const floats = Float32Array.from(bytes, (value) => value / 255);
    const first = await started();
    const second = await started();
    const rest = { labels: labels.subarray(0, 20), learningRate: 1e-3 };
    await first.train([{ images: bytes, ...rest }]);
    await second.train([{ images: floats, ...rest }]);
    expect(await second.state()).toEqual(await first.state());
  });

  it('attacks each batch first: deterministic, and harder', async () => {
    const attack = {
      norm: 'linf' as const,
      epsilon: 0.1,
      steps: 3,
      stepSize: 0.05,
      randomStart: true,
      seed: 5,
    };
    const [step] = steps(0, 1);
    for (const norm of ['linf', 'l2'] as const) {
      const attacked = await started();
      const { losses } = await attacked.train([{ ...step, attack: { ...attack, norm } }]);
      const again = await started();
      await again.train([{ ...step, attack: { ...attack, norm } }]);
      expect(await again.state()).toEqual(await attacked.state());
      const other = await started();
      await other.train([{ ...step, attack: { ...attack, norm, seed: 6 } }]);
      expect(await other.state()).not.toEqual(await attacked.state());
      const clean = await started();
      expect(losses[0]).toBeGreaterThan((await clean.train([step])).losses[0]);
    }
  });
});

it('says what it does not support', async () => {
  const network = notebookNetwork();
  expect(supportsNetwork(network)).toBeUndefined();
  const color = { ...network, input: { ...network.input, channels: 3 } };
  expect(supportsNetwork(color)).toMatch(/one channel/);
  const deeper = { ...network, layers: [network.layers[0], ...network.layers] };
  expect(supportsNetwork(deeper)).toMatch(/conv - conv/);
  await expect(createWasmEngine({ network: deeper })).rejects.toThrow(/createWasmEngine/);
});

it('explains bad input', async () => {
  const network = describeNetwork();
  const engine = await loaded(network, randomParameters(network));
  const image = randomImages(network, 1);
  await expect(engine.forward(image, 'pool')).rejects.toThrow(/forward: expected a layer among input, conv/);
  await expect(engine.forward(image.subarray(1), 'fc')).rejects.toThrow(/images of 99 pixels/);
  await expect(engine.train([{ indices: new Int32Array(1), learningRate: 1 }])).rejects.toThrow(/setData/);
  await expect(engine.train([{ images: image, labels: Uint8Array.of(10), learningRate: 1 }])).rejects.toThrow(
    /labels from 0 to 9, found 10/,
  );
  await expect(
    engine.inputGradient(image, 'fc', { kind: 'cotangent', cotangent: new Float32Array(9) }),
  ).rejects.toThrow(/1 x 10 values, found 9/);
  await expect(engine.parameters(['fc.scale'])).rejects.toThrow(/expected names among conv.weight/);
});
