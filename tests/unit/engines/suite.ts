import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackBatch } from '../../../src/ml/adversarial/step.ts';
import type { Engine, Objective, TrainingStep } from '../../../src/ml/engines/engine.ts';
import {
  layerShapes,
  type NetworkDescription,
  notebookNetwork,
  shapeAt,
  sizeOf,
} from '../../../src/ml/model/network.ts';
import type { NetworkState, Parameters } from '../../../src/ml/model/parameters.ts';
import { goldenJson, goldenModel, mnist } from './golden.ts';
import {
  batchMasks,
  numbers,
  ReferenceNetwork,
  randomImages,
  randomParameters,
  relativeError,
  splitRows,
} from './referenceNetwork.ts';

export interface SuiteOptions {
  /** Number of golden trajectory steps to follow: 1, 10 and 100 have snapshots. */
  steps: number;
  /** Descriptions that the engine runs; tests that need only one use the first. */
  networks: [string, NetworkDescription][];
}

/** A small network of the notebook's kind. */
export function smallNetwork({
  filters = 8,
  kernelSize = 3,
  height = 9,
  width = 11,
} = {}): NetworkDescription {
  return { ...notebookNetwork({ filters, kernelSize }), input: { channels: 1, height, width } };
}

/** The requirements on every engine, whatever its hardware. */
export function engineSuite(
  name: string,
  create: (network: NetworkDescription) => Promise<Engine>,
  { steps, networks }: SuiteOptions,
): void {
  describe(name, () => {
    it(`follows the golden trajectory for ${steps} steps`, async () => {
      await followTrajectory(await create(notebookNetwork()), steps);
    });

    it('computes the golden logits of the trained network', async () => {
      const engine = await create(notebookNetwork());
      await engine.load({ parameters: goldenModel('model_trained') });
      const logits = await engine.forward(mnist('train', 5).images, 'fc');
      const { fc_activations_f64: expected } = goldenJson<{ fc_activations_f64: number[][] }>('svd_pca');
      expect(relativeError(logits, expected.slice(0, 5).flat())).toBeLessThan(2e-6);
      await engine.dispose();
    });

    describe.each(networks)('on %s', (_, network) => {
      networkSuite(create, network);
    });
    stateSuite(create, networks[0][1]);
  });
}

/** Compares values and gradients with the float64 reference network. */
export function networkSuite(
  create: (network: NetworkDescription) => Promise<Engine>,
  network: NetworkDescription,
): void {
  const parameters = randomParameters(network);
  const reference = new ReferenceNetwork(network, parameters);
  const layers = layerShapes(network);
  const classes = sizeOf(layers[layers.length - 1].shape);
  const logits = layers[layers.length - 2].name;
  let engine: Engine;
  beforeAll(async () => {
    engine = await create(network);
    await engine.load({ parameters });
  });
  afterAll(() => engine.dispose());

  it.each(layers)('gives the activations at $name', async ({ name, shape }) => {
    for (const count of [1, 9]) {
      const images = randomImages(network, count);
      const found = await engine.forward(images, name);
      const expected = splitRows(images, count).flatMap((image) => [...reference.activationsAt(image, name)]);
      expect(found.length).toBe(count * sizeOf(shape));
      expect(relativeError(found, expected)).toBeLessThan(2e-6);
    }
  });

  it.each(layers)('gives values and input gradients of every objective at $name', async ({ name, shape }) => {
    const count = 5;
    const units = sizeOf(shape);
    const images = randomImages(network, count);
    const rows = splitRows(images, count);
    const given = numbers(count * units, 1, 3);
    const labels = Uint8Array.from(rows, (_, i) => (i * 7) % classes);
    const reached = rows.map((image) => reference.activationsAt(image, name));
    const ofImage = (i: number) => given.subarray(i * units, (i + 1) * units);
    const logProbabilities = (i: number) => reference.activations(rows[i])[layers.length - 1];
    const minusNll = (i: number) =>
      Float64Array.from({ length: classes }, (_, k) => (k === labels[i] ? -1 : 0));
    const cases: {
      objective: Objective;
      value(i: number): number;
      slope(i: number): ArrayLike<number>;
      at?: string;
    }[] = [
      {
        objective: { kind: 'squaredError', target: given },
        value: (i) => reached[i].reduce((sum, a, k) => sum + (a - ofImage(i)[k]) ** 2 / units, 0),
        slope: (i) => reached[i].map((a, k) => (2 * (a - ofImage(i)[k])) / units),
      },
      {
        objective: { kind: 'cotangent', cotangent: given },
        value: (i) => reached[i].reduce((sum, a, k) => sum + a * ofImage(i)[k], 0),
        slope: ofImage,
      },
      {
        objective: {
          kind: 'callback',
          evaluate: (activations) => ({
            values: Float64Array.from(splitRows(activations, count), (row) =>
              row.reduce((sum, a) => sum + Math.cos(a) / units, 0),
            ),
            cotangent: activations.map((a) => -Math.sin(a) / units),
          }),
        },
        value: (i) => reached[i].reduce((sum, a) => sum + Math.cos(a) / units, 0),
        slope: (i) => reached[i].map((a) => -Math.sin(a) / units),
      },
      {
        objective: { kind: 'crossEntropy', labels },
        value: (i) => -logProbabilities(i)[labels[i]],
        slope: minusNll,
        at: layers[layers.length - 1].name,
      },
      {
        objective: { kind: 'crossEntropy', labels, sign: -1 },
        value: (i) => logProbabilities(i)[labels[i]],
        slope: (i) => minusNll(i).map((value) => -value),
        at: layers[layers.length - 1].name,
      },
    ];
    for (const { objective, value, slope, at = name } of cases) {
      const result = await engine.inputGradient(images, name, objective, { activations: true });
      const pixels = rows.flatMap((image, i) => [...reference.backward(image, at, slope(i)).pixels]);
      expect(
        relativeError(
          result.values,
          rows.map((_, i) => value(i)),
        ),
        `${objective.kind} values`,
      ).toBeLessThan(5e-6);
      expect(relativeError(result.gradient, pixels), `${objective.kind} gradient`).toBeLessThan(1e-5);
      expect(
        relativeError(
          result.activations ?? [],
          reached.flatMap((a) => [...a]),
        ),
      ).toBeLessThan(2e-6);
    }
  });

  it('does not lose the gradient of confident images to cancellation', async () => {
    const images = randomImages(network, 3);
    const rows = splitRows(images, 3);
    // Large weights make one probability nearly 1.
    const confident = Object.fromEntries(
      Object.entries(parameters).map(([key, values]) => [key, values.map((value) => value * 4)]),
    );
    const sure = new ReferenceNetwork(network, confident);
    const labels = Uint8Array.from(rows, (image) => {
      const scores = sure.activationsAt(image, logits);
      return scores.indexOf(Math.max(...scores));
    });
    await engine.load({ parameters: confident });
    const { gradient } = await engine.inputGradient(images, logits, { kind: 'crossEntropy', labels });
    await engine.load({ parameters });
    rows.forEach((image, i) => {
      const given = new Float64Array(classes);
      given[labels[i]] = -1;
      const expected = sure.backward(image, layers[layers.length - 1].name, given).pixels;
      const found = gradient.subarray(i * image.length, (i + 1) * image.length);
      // Compare per image, so that a nearly certain image counts as much as the others.
      expect(relativeError(found, expected)).toBeLessThan(1e-4);
    });
  });

  it.each([1, 7, 64, 65])('trains on a batch of %i as the reference does', async (count) => {
    const images = randomImages(network, count);
    const labels = Uint8Array.from({ length: count }, (_, i) => (i * 3) % classes);
    await engine.load({ parameters });
    const { losses, correct } = await engine.train([{ images, labels, learningRate: 1e-3 }]);
    const masks = batchMasks(network, { seed: 0, step: 0, count });
    expect(losses[0]).toBeCloseTo(reference.loss(images, labels, masks), 5);
    const predicted = splitRows(images, count).map((image, i) => {
      const scores = reference.activations(image, masks[i])[layers.length - 2];
      return scores.indexOf(Math.max(...scores));
    });
    expect(correct[0]).toBe(predicted.filter((prediction, i) => prediction === labels[i]).length);
    // The first moment is a tenth of the first gradient.
    const { exp_avg: firstMoment } = (await engine.state()).optimizer.slots;
    const expected = reference.lossGradient(images, labels, masks);
    for (const [key, values] of Object.entries(expected)) {
      expect(
        relativeError(
          firstMoment[key],
          values.map((g) => g / 10),
        ),
        key,
      ).toBeLessThan(1e-5);
    }
  });

  it('has the parameter gradients of finite differences', async () => {
    const images = randomImages(network, 4, 11);
    const labels = Uint8Array.from([0, 1, 2, 1], (label) => label % classes);
    const masks = batchMasks(network, { seed: 0, step: 0, count: 4 });
    await engine.load({ parameters });
    await engine.train([{ images, labels, learningRate: 1e-3 }]);
    const { exp_avg: firstMoment } = (await engine.state()).optimizer.slots;
    for (const [key, values] of Object.entries(parameters)) {
      for (const index of [0, Math.floor(values.length / 2), values.length - 1]) {
        const lossAt = (change: number) => {
          const moved = Float64Array.from(values);
          moved[index] += change;
          return new ReferenceNetwork(network, { ...parameters, [key]: moved }).loss(images, labels, masks);
        };
        const slope = (lossAt(1e-6) - lossAt(-1e-6)) / 2e-6;
        expect(firstMoment[key][index] * 10, `${key}[${index}]`).toBeCloseTo(slope, 5);
      }
    }
  });
}

/** Optimizer, state, determinism, attacks during training, and invalid requests, on one network. */
function stateSuite(
  create: (network: NetworkDescription) => Promise<Engine>,
  network: NetworkDescription,
): void {
  const parameters = randomParameters(network);
  const count = 40;
  const images = Uint8Array.from(randomImages(network, count), (value) => Math.round(value * 255));
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7) % 10);
  const steps: TrainingStep[] = [8, 8, 3, 8, 5].map((size, i) => ({
    indices: Int32Array.from({ length: size }, (_, k) => (i * 8 + k * 3) % count),
    learningRate: 1e-3 * (i + 1),
  }));
  const started = async (state: NetworkState = { parameters }) => {
    const engine = await create(network);
    await engine.load(state);
    await engine.setData(images, labels);
    return engine;
  };

  it('updates as Adam does, in float64', async () => {
    const engine = await started();
    const { losses } = await engine.train(steps);
    const expected = adamInFloat64(network, parameters, steps, { images, labels });
    expect(relativeError(losses, expected.losses)).toBeLessThan(1e-5);
    const found = await engine.parameters();
    for (const [key, values] of Object.entries(expected.parameters)) {
      expect(relativeError(found[key], values), key).toBeLessThan(1e-4);
    }
    await engine.dispose();
  });

  it('is bit-identical between runs, however the steps are divided into calls', async () => {
    const engine = await started();
    const whole = await engine.train(steps);
    const state = await engine.state();
    const other = await started();
    const parts = [
      await other.train(steps.slice(0, 2)),
      await other.train([]),
      await other.train(steps.slice(2)),
    ];
    expect(parts.flatMap(({ losses }) => [...losses])).toEqual([...whole.losses]);
    expect(parts.flatMap(({ correct }) => [...correct])).toEqual([...whole.correct]);
    expect(await other.state()).toEqual(state);
    await engine.dispose();
    await other.dispose();
  });

  it('continues from its exported state', async () => {
    const engine = await started();
    await engine.train(steps.slice(0, 3));
    const middle = await engine.state();
    expect(middle.optimizer.step).toBe(3);
    const resumed = await started(middle);
    expect(await resumed.state()).toEqual(middle);
    // The engine shares memory with neither record.
    middle.parameters['conv.weight'].fill(0);
    const rest = steps.slice(3);
    expect([...(await resumed.train(rest)).losses]).toEqual([...(await engine.train(rest)).losses]);
    expect(await resumed.state()).toEqual(await engine.state());
    await engine.dispose();
    await resumed.dispose();
  });

  it('reads some parameters and starts a fresh optimizer', async () => {
    const engine = await started();
    await engine.train(steps.slice(0, 1));
    expect(Object.keys(await engine.parameters(['conv.weight']))).toEqual(['conv.weight']);
    await engine.load({ parameters });
    const { optimizer, parameters: reloaded } = await engine.state();
    expect(reloaded).toEqual(parameters);
    expect(optimizer.step).toBe(0);
    expect(
      Object.values(optimizer.slots.exp_avg_sq).every((values) => values.every((value) => value === 0)),
    ).toBe(true);
    await engine.dispose();
  });

  it.each(['linf', 'l2'] as const)('attacks each batch of adversarial training in %s', async (norm) => {
    const attack = { norm, epsilon: 0.2, steps: 3, stepSize: 0.1, randomStart: true, seed: 5 };
    const engine = await started();
    const indices = Int32Array.of(3, 9, 27);
    const attacked = await engine.train([{ indices, learningRate: 1e-3, attack }]);
    await engine.load({ parameters });
    const pixels = sizeOf(shapeAt(network, 'input'));
    const original = Float32Array.from(
      [...indices].flatMap((index) => [...images.subarray(index * pixels, (index + 1) * pixels)]),
      (byte) => byte / 255,
    );
    const own = Uint8Array.from(indices, (index) => labels[index]);
    const byHand = await attackBatch({
      ...attack,
      original,
      pixels,
      gradient: async (x) =>
        (await engine.inputGradient(x, 'fc', { kind: 'crossEntropy', labels: own })).gradient,
    });
    const plain = await engine.train([{ images: byHand, labels: own, learningRate: 1e-3 }]);
    expect(attacked.losses[0]).toBeCloseTo(plain.losses[0], 5);
    await engine.load({ parameters });
    const clean = await engine.train([{ indices, learningRate: 1e-3 }]);
    expect(attacked.losses[0]).toBeGreaterThan(clean.losses[0] + 0.01);
    await engine.dispose();
  });

  it('explains invalid requests', async () => {
    const engine = await started();
    const floats = randomImages(network, 2);
    const wrong: [Promise<unknown>, RegExp][] = [
      [engine.load({ parameters: { ...parameters, 'fc.bias': new Float32Array(3) } }), /fc\.bias.*3/],
      [engine.parameters(['nothing.weight']), /nothing\.weight/],
      [engine.setData(new Uint8Array(10), new Uint8Array(10)), /expected/],
      [engine.train([{ indices: Int32Array.of(count), learningRate: 1e-3 }]), new RegExp(`${count}`)],
      [engine.train([{ images: floats, labels: Uint8Array.of(1), learningRate: 1e-3 }]), /expected/],
      [engine.forward(floats, 'nowhere'), /nowhere/],
      [engine.forward(floats.subarray(1), 'fc'), /expected/],
      [engine.inputGradient(floats, 'fc', { kind: 'squaredError', target: new Float32Array(3) }), /expected/],
      [engine.inputGradient(floats, 'fc', { kind: 'crossEntropy', labels: Uint8Array.of(1, 10) }), /10/],
    ];
    for (const [promise, message] of wrong) {
      await expect(promise).rejects.toThrow(message);
    }
    expect((await engine.train(steps.slice(0, 1))).losses[0]).toBeGreaterThan(0);
    await engine.dispose();
  });
}

/** PyTorch's Adam over the reference network. */
function adamInFloat64(
  network: NetworkDescription,
  start: Parameters,
  steps: TrainingStep[],
  data: { images: Uint8Array; labels: Uint8Array },
): { losses: number[]; parameters: Record<string, Float64Array> } {
  const parameters: Record<string, Float64Array> = Object.fromEntries(
    Object.entries(start).map(([key, values]) => [key, Float64Array.from(values)]),
  );
  const zeros = () =>
    Object.fromEntries(Object.entries(start).map(([key, { length }]) => [key, new Float64Array(length)]));
  const [first, second] = [zeros(), zeros()];
  const pixels = sizeOf(shapeAt(network, 'input'));
  const losses = steps.map((step, index) => {
    const indices = 'indices' in step ? [...step.indices] : [];
    const images = indices.flatMap((i) =>
      Array.from(data.images.subarray(i * pixels, (i + 1) * pixels), (byte) => Math.fround(byte / 255)),
    );
    const labels = indices.map((i) => data.labels[i]);
    const reference = new ReferenceNetwork(network, parameters);
    const loss = reference.loss(images, labels);
    for (const [key, gradient] of Object.entries(reference.lossGradient(images, labels))) {
      gradient.forEach((g, i) => {
        first[key][i] = 0.9 * first[key][i] + 0.1 * g;
        second[key][i] = 0.999 * second[key][i] + 0.001 * g * g;
        const corrected = second[key][i] / (1 - 0.999 ** (index + 1));
        const direction = first[key][i] / (1 - 0.9 ** (index + 1)) / (Math.sqrt(corrected) + 1e-8);
        parameters[key][i] -= step.learningRate * direction;
      });
    }
    return loss;
  });
  return { losses, parameters };
}

interface Trajectory {
  sample_idx: Record<string, number[]>;
  float64: {
    loss: number[];
    acc: number[];
    snap: Record<string, Record<string, { norm: number; sample: number[] }>>;
  };
}

/**
 * Follows the golden trajectory: Adam from model_init over training images in file order, 64 per step. Fails outside
 * the tolerances of tests/golden/README.md. Disposes the engine.
 * @returns the largest
 * loss - float64 loss
 * .
 */
export async function followTrajectory(engine: Engine, steps: number): Promise<number> {
  const { float64, sample_idx } = goldenJson<Trajectory>('trajectory');
  const { images, labels } = mnist('train', 64 * steps);
  await engine.load({ parameters: goldenModel('model_init') });
  await engine.setData(images, labels);
  let deviation = 0;
  for (let done = 0; done < steps; ) {
    const until = [1, 10, 100].find((updates) => updates > done && updates <= steps) ?? steps;
    const { losses, correct } = await engine.train(
      Array.from({ length: until - done }, (_, i) => ({
        indices: Int32Array.from({ length: 64 }, (_, k) => 64 * (done + i) + k),
        learningRate: 1e-3,
      })),
    );
    losses.forEach((loss, i) => {
      const expected = float64.loss[done + i];
      const tolerance = done + i === 0 ? 1e-6 : done + i < 10 ? 5e-6 : Math.min(5e-5, 2e-4 * expected);
      const difference = Math.abs(loss - expected);
      expect(difference, `loss of step ${done + i + 1}`).toBeLessThanOrEqual(tolerance);
      deviation = Math.max(deviation, difference);
    });
    expect([...correct]).toEqual(float64.acc.slice(done, until));
    done = until;
    if (float64.snap[done]) {
      checkSnapshot(await engine.parameters(), float64.snap[done], sample_idx, done);
    }
  }
  await engine.dispose();
  return deviation;
}

function checkSnapshot(
  parameters: Parameters,
  snapshot: Trajectory['float64']['snap'][string],
  indices: Trajectory['sample_idx'],
  updates: number,
): void {
  for (const [name, { norm, sample }] of Object.entries(snapshot)) {
    const values = parameters[name];
    const found = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    expect(Math.abs(found / norm - 1), `norm of ${name}`).toBeLessThanOrEqual(updates === 100 ? 2e-5 : 1e-6);
    const late = name === 'fc.weight' ? 1e-3 : name === 'fc.bias' ? 1e-6 : 2e-4;
    const tolerance = updates === 1 ? 1e-7 : updates === 10 ? 1e-6 : late;
    sample.forEach((expected, i) => {
      const difference = Math.abs(values[indices[name][i]] - expected);
      expect(difference, `${name} sample ${i} after ${updates} updates`).toBeLessThanOrEqual(tolerance);
    });
  }
}
