import { beforeAll, describe, expect, it } from 'vitest';
import type { BatchAttack, TrainingStep } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine, type WasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import type { RemoteMember } from '../../../src/ml/engines/wasm/member.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { parseNetworkText } from '../../../src/ml/model/text.ts';
import { firstImage, replay } from '../../../src/ml/training/replay.ts';
import { TrainingRun } from '../../../src/ml/training/run.ts';
import { randomImages, randomParameters } from './referenceNetwork.ts';
import { sameState, sameValues } from './sameBits.ts';
import { bundleMember } from './wasmThreads.ts';

const network = notebookNetwork({ filters: 18 });
network.input = { channels: 1, height: 14, width: 17 };
const pixels = 14 * 17;
const parameters = randomParameters(network);
const data = Uint8Array.from(randomImages(network, 300), (value) => Math.round(value * 255));
const labels = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % 10);
const attack: BatchAttack = {
  norm: 'linf',
  epsilon: 0.1,
  steps: 2,
  stepSize: 0.05,
  randomStart: true,
  seed: 5,
};

/** Batches of different sizes; one is attacked, one is given as floats. */
function steps(from: number, to: number): TrainingStep[] {
  return Array.from({ length: to - from }, (_, i) => {
    const step = from + i;
    const learningRate = 1e-3 * (1 + (step % 3));
    if (step % 5 === 2) {
      return { images: randomImages(network, 9, step), labels: labels.subarray(0, 9), learningRate };
    }
    const length = step % 5 === 4 ? 150 : 21;
    const indices = Int32Array.from({ length }, (_, j) => (step * 21 + j) % 300);
    return { indices, learningRate, attack: step % 5 === 1 ? { ...attack, seed: step } : undefined };
  });
}

let spawn: () => RemoteMember;
beforeAll(async () => {
  spawn = await bundleMember();
});

async function started(workers: number, shared?: boolean): Promise<WasmEngine> {
  const engine = await createWasmEngine({ network, workers, spawn, shared });
  await engine.load({ parameters });
  await engine.setData(data, labels);
  return engine;
}

describe.each([
  { way: 'by message', shared: false, counts: [2, 3, 4] },
  { way: 'by shared memory', shared: true, counts: [2, 3] },
])('a pool that exchanges $way', ({ shared, counts }) => {
  it.each(counts)('of %i workers trains the same bits as one', async (workers) => {
    const alone = await started(1);
    const pool = await started(workers, shared);
    expect(pool.description).toMatch(`${workers} workers, `);
    expect(await pool.train(steps(0, 6))).toEqual(await alone.train(steps(0, 6)));
    const filters = await pool.parameters(['conv.weight']);
    expect(filters).toEqual(await alone.parameters(['conv.weight']));
    const middle = await pool.state();
    expect(sameState(middle, await alone.state())).toBe(true);
    // Another number of workers continues from there.
    const other = await started(5 - workers, shared);
    await other.load(middle);
    for (const engine of [alone, pool, other]) {
      await engine.train(steps(6, 12));
    }
    const end = await alone.state();
    expect(sameState(await pool.state(), end)).toBe(true);
    expect(sameState(await other.state(), end)).toBe(true);
    for (const engine of [alone, pool, other]) {
      await engine.dispose();
    }
  });

  it('gives the same answers as one worker', async () => {
    const alone = await started(1);
    const pool = await started(3, shared);
    await alone.train(steps(0, 2));
    await pool.train(steps(0, 2));
    const count = 101;
    const images = data.subarray(0, count * pixels);
    for (const layer of ['input', 'conv', 'flatten', 'fc', 'logSoftmax']) {
      const activations = await alone.forward(images, layer);
      expect(sameValues(await pool.forward(images, layer), activations)).toBe(true);
      const objectives = [
        { kind: 'squaredError', target: activations.map((value) => value * 0.9) } as const,
        { kind: 'cotangent', cotangent: activations } as const,
        { kind: 'crossEntropy', labels: labels.subarray(0, count), sign: -1 } as const,
      ];
      for (const objective of objectives) {
        const expected = await alone.inputGradient(images, layer, objective);
        const found = await pool.inputGradient(images, layer, objective);
        expect(sameValues(found.gradient, expected.gradient)).toBe(true);
        expect(sameValues(found.values, expected.values)).toBe(true);
      }
    }
    await alone.dispose();
    await pool.dispose();
  });
});

describe.each([
  { way: 'by message', shared: false, workers: 3 },
  { way: 'by shared memory', shared: true, workers: 2 },
  { way: 'by shared memory', shared: true, workers: 4 },
])('a layered pool of $workers that exchanges $way', ({ shared, workers }) => {
  const deeper = parseNetworkText(
    'conv 5 3x3 same, relu, pool 2, dropout 0.25, conv 6 3x3, relu, fc 9, relu, dropout 0.5, fc 10',
    { input: network.input },
  );
  const optimizer = { kind: 'sgd', momentum: 0.9, weightDecay: 1e-3 } as const;
  const startedDeeper = async (count: number) => {
    const engine = await createWasmEngine({ network: deeper, optimizer, workers: count, spawn, shared });
    await engine.load({ parameters: randomParameters(deeper) });
    await engine.setData(data, labels);
    return engine;
  };

  it('drops the same units, trains the same bits and gives the same answers as one worker', async () => {
    const [alone, pool] = [await startedDeeper(1), await startedDeeper(workers)];
    expect(pool.description).toMatch(`${workers} workers, `);
    const given = steps(0, 7).map((step) => ({ ...step, dropoutSeed: 111 }));
    expect(await pool.train(given)).toEqual(await alone.train(given));
    expect(sameState(await pool.state(), await alone.state())).toBe(true);
    const images = data.subarray(0, 101 * pixels);
    for (const layer of ['input', 'conv1', 'pool', 'flatten', 'relu3', 'logSoftmax']) {
      const cotangent = await alone.forward(images, layer);
      expect(sameValues(await pool.forward(images, layer), cotangent)).toBe(true);
      const objective = { kind: 'cotangent', cotangent } as const;
      const expected = await alone.inputGradient(images, layer, objective);
      const found = await pool.inputGradient(images, layer, objective);
      expect(sameValues(found.gradient, expected.gradient)).toBe(true);
      expect(sameValues(found.values, expected.values)).toBe(true);
    }
    await alone.dispose();
    await pool.dispose();
  });
});

it.each([false, true])(
  "shares work by the workers' speeds, with the same bits (shared memory: %s)",
  async (shared) => {
    const alone = await started(1);
    const uneven = await createWasmEngine({ network, workers: 2, spawn, shared, speeds: [5, 2] });
    await uneven.load({ parameters });
    await uneven.setData(data, labels);
    expect(await uneven.train(steps(0, 7))).toEqual(await alone.train(steps(0, 7)));
    expect(sameState(await uneven.state(), await alone.state())).toBe(true);
    expect(uneven.waits).toHaveLength(2);
    expect(Math.min(...uneven.waits)).toBeGreaterThanOrEqual(0);
    await alone.dispose();
    await uneven.dispose();
  },
);

it('transfers the batches to a member and back', async () => {
  const sent: unknown[] = [];
  const answered: unknown[] = [];
  const watched = (): RemoteMember => {
    const member = spawn();
    return {
      async call(name, parameters, transfer) {
        const answering = member.call(name, parameters, transfer);
        if (name === 'train') {
          expect(transfer).toMatchObject([{ byteLength: 0 }]);
          sent.push(transfer?.[0]);
        }
        const answer = await answering;
        if (answer && 'buffer' in answer) {
          answered.push(answer.buffer);
        }
        return answer;
      },
      terminate: () => member.terminate(),
    };
  };
  const pool = await createWasmEngine({ network, workers: 2, spawn: watched });
  await pool.load({ parameters });
  await pool.setData(data, labels);
  for (const length of [64, 64, 30]) {
    await pool.train([{ indices: Int32Array.from({ length }, (_, i) => i), learningRate: 1e-3 }]);
  }
  await pool.dispose();
  expect(answered).toHaveLength(3);
  expect(answered[0]).toBe(sent[1]);
  expect(answered[1]).toBe(sent[2]);
});

it('reports a member that cannot start, and has no more members than groups', async () => {
  await expect(createWasmEngine({ network, workers: 2 })).rejects.toThrow(/a way to spawn members/);
  await expect(createWasmEngine({ network, workers: 0 })).rejects.toThrow(/at least one worker/);
  const broken = (): RemoteMember => ({
    call: () => Promise.reject(new Error('no thread')),
    terminate() {},
  });
  await expect(createWasmEngine({ network, workers: 2, spawn: broken })).rejects.toThrow('no thread');
  const engine = await createWasmEngine({ network, workers: 40, spawn });
  expect(engine.description).toMatch(/^5 workers/);
  await engine.dispose();
});

it('replays a run of four workers with two, and reports the replay as exact', async () => {
  const set = { images: data, labels };
  const [four, two] = [await started(4), await started(2)];
  const run = new TrainingRun(four, set, firstImage(set), { batchSize: 30, learningRate: 1e-3 });
  await run.reset(5);
  await run.train({ maxSteps: 4 }, { next: () => 4 });
  const { parameters: again, exact } = await replay(two, run.log, set, 4);
  expect(exact).toBe(true);
  expect(again).toEqual(await four.parameters());
  for (const engine of [four, two]) await engine.dispose();
});
