import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine, TrainingStep } from '../../../src/ml/engines/engine.ts';
import { layerShapes, type NetworkDescription, sizeOf } from '../../../src/ml/model/network.ts';
import type { OptimizerDescription } from '../../../src/ml/model/optimizer.ts';
import { PRESETS, presetNetwork } from '../../../src/ml/model/presets.ts';
import { parseNetworkText } from '../../../src/ml/model/text.ts';
import { anyNetwork, deeperNetworks } from './deeperNetworks.ts';
import { networkSuite } from './networkSuite.ts';
import {
  batchMasks,
  numbers,
  ReferenceNetwork,
  randomImages,
  randomParameters,
  relativeError,
  splitRows,
} from './referenceNetwork.ts';

const SMALL = { channels: 1, height: 9, width: 8 };

type Create = (network: NetworkDescription, optimizer?: OptimizerDescription) => Promise<Engine>;

/** The requirements on every engine for networks of any depth with each optimizer. */
export function deeperSuite(
  name: string,
  create: Create,
  {
    random,
    presets = false,
  }: {
    /** Number of random descriptions. */
    random: number;
    /** Whether to run the presets too, whose float64 reference takes seconds. */
    presets?: boolean;
  },
): void {
  describe(`${name}, deeper networks`, () => {
    it.each(presets ? PRESETS : [])('agrees with the float64 reference on $id', async ({ id }) => {
      await agreeOn(create, presetNetwork(id), 2);
    });

    it('has the bits of a network without dropout where the rate is 0', async () => {
      const run = async (text: string) => {
        const engine = await create(parseNetworkText(text, { input: SMALL, classes: 4 }));
        const parameters = randomParameters(engine.network);
        await engine.load({ parameters });
        const { losses } = await engine.train(stepsOf(engine.network, 3, 20));
        const state = await engine.state();
        await engine.dispose();
        return { losses, state };
      };
      const without = await run('conv 3 3x3, relu, pool 2, fc 6, relu, fc 4');
      const withRate0 = await run(
        'dropout 0, conv 3 3x3, relu, pool 2, dropout 0, fc 6, relu, dropout 0, fc 4',
      );
      expect(withRate0).toEqual(without);
    });

    describe.each(deeperNetworks)('%s', (_, network) => {
      networkSuite(create, network);
    });

    it('agrees with the float64 reference on any description', { timeout: 60_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(anyNetwork, fc.integer({ min: 1, max: 35 }), async (network, count) => {
          await agreeOn(create, network, count);
        }),
        { numRuns: random, seed: 20 },
      );
    });

    const [[, network]] = deeperNetworks;
    it.each<[string, OptimizerDescription]>([
      ['with momentum and decay', { kind: 'sgd', momentum: 0.9, weightDecay: 0.01 }],
      ['with neither', { kind: 'sgd', momentum: 0, weightDecay: 0 }],
    ])('updates as PyTorch’s SGD %s', async (_, optimizer) => {
      await followSgd(create, network, optimizer);
    });

    it('continues bit-identically from its state, with dropout and momentum', async () => {
      const optimizer = { kind: 'sgd', momentum: 0.5, weightDecay: 1e-3 } as const;
      const parameters = randomParameters(network);
      const steps = stepsOf(network, 6, 20);
      const whole = await create(network, optimizer);
      await whole.load({ parameters });
      const { losses } = await whole.train(steps);
      const first = await create(network, optimizer);
      await first.load({ parameters });
      const before = await first.train(steps.slice(0, 3));
      const second = await create(network, optimizer);
      await second.load(await first.state());
      const after = await second.train(steps.slice(3));
      expect([...before.losses, ...after.losses]).toEqual([...losses]);
      expect(await second.state()).toEqual(await whole.state());
      for (const engine of [whole, first, second]) await engine.dispose();
    });

    it('drops different units for a different step or seed', async () => {
      const engine = await create(network);
      const [step] = stepsOf(network, 1, 24);
      const lossOf = async (dropoutSeed: number, updates: number) => {
        const parameters = randomParameters(network);
        const exp_avg = zerosLike(parameters);
        const slots = { exp_avg, exp_avg_sq: exp_avg };
        await engine.load({ parameters, optimizer: { kind: 'adam', step: updates, slots } });
        return (await engine.train([{ ...step, dropoutSeed }])).losses[0];
      };
      const losses = [
        await lossOf(1, 0),
        await lossOf(2, 0),
        await lossOf(2 ** 32 + 1, 0),
        await lossOf(1, 1),
      ];
      expect(new Set(losses).size).toBe(4);
      expect(await lossOf(1, 0)).toBe(losses[0]);
      await engine.dispose();
    });
  });
}

/** A short sample of the suite, for an engine whose complete suite is in the full set only. */
export function deeperSample(name: string, create: Create): void {
  it(`${name} agrees with the float64 reference on a deeper network`, async () => {
    const [[, network]] = deeperNetworks;
    await agreeOn(create, network, 20);
  });
}

function zerosLike(values: Record<string, Float32Array>): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(values).map(([key, { length }]) => [key, new Float32Array(length)]),
  );
}

function classesOf(network: NetworkDescription): number {
  return sizeOf(layerShapes(network).at(-1)?.shape ?? []);
}

function stepsOf(network: NetworkDescription, steps: number, count: number): TrainingStep[] {
  const classes = classesOf(network);
  return Array.from({ length: steps }, (_, i) => ({
    images: randomImages(network, count, 100 + i),
    labels: Uint8Array.from({ length: count }, (__, k) => (k * 5 + i) % classes),
    learningRate: 0.02,
    dropoutSeed: 111,
  }));
}

/**
 * Compares activations at every layer, a step's loss and gradients with dropout, and input gradients with the
 * reference.
 */
async function agreeOn(create: Create, network: NetworkDescription, count: number): Promise<void> {
  const parameters = randomParameters(network, count);
  const reference = new ReferenceNetwork(network, parameters);
  const images = randomImages(network, count, 3 * count);
  const rows = splitRows(images, count);
  const classes = classesOf(network);
  const labels = Uint8Array.from(rows, (_, i) => (i * 7) % classes);
  const engine = await create(network);
  try {
    await engine.load({ parameters });
    const reached = rows.map((image) => reference.activations(image));
    for (const [index, { name, shape }] of layerShapes(network).entries()) {
      const expected = reached.flatMap((layers) => [...layers[index]]);
      expect(relativeError(await engine.forward(images, name), expected), name).toBeLessThan(4e-6);
      const cotangent = numbers(count * sizeOf(shape), 1, index);
      const { gradient } = await engine.inputGradient(images, name, { kind: 'cotangent', cotangent });
      const slopes = rows.flatMap((image, i) => {
        const own = cotangent.subarray(i * sizeOf(shape), (i + 1) * sizeOf(shape));
        return [...reference.backward(image, name, own).pixels];
      });
      expect(relativeError(gradient, slopes), `gradient from ${name}`).toBeLessThan(2e-5);
    }
    const masks = batchMasks(network, { seed: 5, step: 0, count });
    const { losses } = await engine.train([{ images, labels, learningRate: 1e-3, dropoutSeed: 5 }]);
    const loss = reference.loss(images, labels, masks);
    expect(Math.abs(losses[0] - loss)).toBeLessThan(1e-5 * Math.max(1, loss));
    const { exp_avg } = (await engine.state()).optimizer.slots;
    for (const [key, values] of Object.entries(reference.lossGradient(images, labels, masks))) {
      const expected = values.map((value) => value / 10);
      expect(relativeError(exp_avg[key], expected), key).toBeLessThan(3e-5);
    }
  } finally {
    await engine.dispose();
  }
}

/** PyTorch's SGD on the float64 reference, for a few steps with dropout. */
async function followSgd(
  create: Create,
  network: NetworkDescription,
  optimizer: OptimizerDescription,
): Promise<void> {
  const { momentum, weightDecay } = optimizer.kind === 'sgd' ? optimizer : { momentum: 0, weightDecay: 0 };
  const start = randomParameters(network);
  const steps = stepsOf(network, 4, 18);
  const engine = await create(network, optimizer);
  expect(engine.optimizer).toEqual(optimizer);
  await engine.load({ parameters: start });
  const { losses } = await engine.train(steps);
  const parameters: Record<string, Float64Array> = Object.fromEntries(
    Object.entries(start).map(([key, values]) => [key, Float64Array.from(values)]),
  );
  const buffers = new Map<string, Float64Array>();
  const expected = steps.map((step, index) => {
    if (!('images' in step)) throw new Error('followSgd: expected steps with images');
    const { images, labels } = step;
    const masks = batchMasks(network, { seed: 111, step: index, count: labels.length });
    const reference = new ReferenceNetwork(network, parameters);
    const loss = reference.loss(images, labels, masks);
    for (const [key, gradient] of Object.entries(reference.lossGradient(images, labels, masks))) {
      const buffer = buffers.get(key);
      const direction = gradient.map((g, i) => {
        const decayed = g + weightDecay * parameters[key][i];
        return buffer ? momentum * buffer[i] + decayed : decayed;
      });
      buffers.set(key, direction);
      parameters[key] = parameters[key].map((value, i) => value - step.learningRate * direction[i]);
    }
    return loss;
  });
  expect(relativeError(losses, expected)).toBeLessThan(1e-5);
  const state = await engine.state();
  expect(Object.keys(state.optimizer.slots)).toEqual(momentum > 0 ? ['momentum_buffer'] : []);
  for (const [key, values] of Object.entries(parameters)) {
    expect(relativeError(state.parameters[key], values), key).toBeLessThan(2e-5);
  }
  const wrong = { kind: 'adam', step: 1, slots: {} } as const;
  await expect(engine.load({ parameters: start, optimizer: wrong })).rejects.toThrow(/sgd.*adam/);
  await engine.dispose();
}
