import { expect, it } from 'vitest';
import type { Engine, TrainingStep } from '../../../src/ml/engines/engine.ts';
import { type NetworkDescription, shapeAt, sizeOf } from '../../../src/ml/model/network.ts';
import type { NetworkState, Parameters } from '../../../src/ml/model/parameters.ts';
import { attackBatch } from '../../../src/ml/perturbations/step.ts';
import { ReferenceNetwork, randomImages, randomParameters, relativeError } from './referenceNetwork.ts';

/** Optimizer, state, determinism, attacks during training, and invalid requests, on one network. */
export function stateSuite(
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
