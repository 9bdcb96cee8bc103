import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine, Objective } from '../../../src/ml/engines/engine.ts';
import { layerShapes, type NetworkDescription, sizeOf } from '../../../src/ml/model/network.ts';
import {
  batchMasks,
  numbers,
  ReferenceNetwork,
  randomImages,
  randomParameters,
  relativeError,
  splitRows,
} from './referenceNetwork.ts';

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
    const cases = objectiveCases({ network, reference, rows, reached, given, labels });
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

interface Given {
  network: NetworkDescription;
  reference: ReferenceNetwork;
  rows: readonly number[][];
  /** Each image's activations at the layer, by the reference. */
  reached: readonly Float64Array[];
  /** One value for each activation of each image. */
  given: Float32Array;
  labels: Uint8Array;
}

interface ObjectiveCase {
  objective: Objective;
  /** The objective's value for image `i`. */
  value(i: number): number;
  /** Its slope by the activations of image `i`, at the layer or at `at`. */
  slope(i: number): ArrayLike<number>;
  at?: string;
}

/** Every kind of objective, with its value and its slope in float64. */
function objectiveCases({ network, reference, rows, reached, given, labels }: Given): ObjectiveCase[] {
  const layers = layerShapes(network);
  const last = layers[layers.length - 1];
  const [count, units] = [rows.length, reached[0].length];
  const ofImage = (i: number) => given.subarray(i * units, (i + 1) * units);
  const logProbabilities = (i: number) => reference.activations(rows[i])[layers.length - 1];
  const minusNll = (i: number) =>
    Float64Array.from({ length: sizeOf(last.shape) }, (_, k) => (k === labels[i] ? -1 : 0));
  return [
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
      at: last.name,
    },
    {
      objective: { kind: 'crossEntropy', labels, sign: -1 },
      value: (i) => logProbabilities(i)[labels[i]],
      slope: (i) => minusNll(i).map((value) => -value),
      at: last.name,
    },
  ];
}
