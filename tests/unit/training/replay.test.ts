import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchAttack, Engine } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { replay } from '../../../src/ml/training/replay.ts';
import { TrainingRun } from '../../../src/ml/training/run.ts';
import { tinyEngine, tinyNetwork, tinySet } from './tiny.ts';

const data = tinySet(50);
const test = tinySet(20);

describe.each([
  { id: 'tfjs-cpu', create: () => tinyEngine(data) },
  {
    id: 'wasm',
    async create() {
      const engine = await createWasmEngine({ network: tinyNetwork });
      await engine.setData(data.images, data.labels);
      return engine;
    },
  },
])('replay on $id', ({ create }) => {
  let engine: Engine;
  let other: Engine;
  beforeAll(async () => {
    engine = await create();
    other = await create();
  });
  afterAll(async () => {
    await engine.dispose();
    await other.dispose();
  });

  async function freshRun(): Promise<TrainingRun> {
    const run = new TrainingRun(engine, data, test, { batchSize: 8, learningRate: '1e-2 * 0.9^epoch' });
    await run.reset(5);
    return run;
  }

  const advance = (run: TrainingRun, maxSteps: number) =>
    run.train({ epochs: 99, maxSteps }, { next: () => 3 });

  function expectSame(found: Parameters, wanted: Parameters): void {
    for (const name of Object.keys(wanted)) expect(found[name], name).toEqual(wanted[name]);
  }

  it('recomputes every step of a run with changing settings bit by bit', async () => {
    const run = await freshRun();
    const kept = new Map([[0, await engine.parameters()]]);
    const keep = async (steps: number) => {
      await advance(run, steps);
      kept.set(run.position.step, await engine.parameters());
    };
    await keep(4);
    run.set({ learningRate: 3e-3 });
    await keep(5);
    run.set({ batchSize: 5 });
    await keep(8);
    run.set({ batchSize: 11, learningRate: '1e-3 / (1 + step)' });
    await keep(1);
    await keep(6);
    for (const [step, parameters] of kept) {
      const replayed = await replay(other, run.log, data, step);
      expect(replayed.exact).toBe(true);
      expectSame(replayed.parameters, parameters);
    }
    const another = await replay(other, run.log, data, 23);
    expect(another.parameters['conv.weight']).not.toEqual(kept.get(24)?.['conv.weight']);
  });

  it('recomputes adversarial steps and later ones', async () => {
    const run = await freshRun();
    const attack: BatchAttack = {
      norm: 'linf',
      epsilon: 0.1,
      steps: 2,
      stepSize: 0.05,
      randomStart: true,
      seed: 9,
    };
    await advance(run, 3);
    run.set({ attack });
    await advance(run, 4);
    run.set({ attack: undefined });
    await advance(run, 2);
    expectSame((await replay(other, run.log, data, 9)).parameters, await engine.parameters());
  });

  it('rejects steps that the log does not determine, and only those', async () => {
    const run = await freshRun();
    await advance(run, 4);
    const before = await engine.parameters();
    await run.train({ order: Int32Array.of(1, 2, 3) }, { next: () => 9 });
    await expect(replay(other, run.log, data, 5)).rejects.toThrow(
      /from step 4 on, .* order of 3 images.*up to 4 can/,
    );
    expectSame((await replay(other, run.log, data, 4)).parameters, before);
    await run.loadParameters(initialParameters(tinyNetwork, new Mt19937(1)), 'a file');
    await expect(replay(other, run.log, data, 0)).rejects.toThrow(/loaded parameters \(a file\)/);
  });

  it('reports steps made on another engine', async () => {
    const run = await freshRun();
    await advance(run, 2);
    const log = run.log.map((entry) =>
      entry.kind === 'engine' ? { ...entry, arithmetic: 'another' } : entry,
    );
    expect((await replay(other, log, data, 2)).exact).toBe(false);
  });

  it('rejects another network, an invalid step and a log without a start, and obeys its signal', async () => {
    const { log } = await freshRun();
    const [start] = log;
    if (start.kind !== 'reset') throw new Error('expected a reset');
    await expect(replay(other, [{ ...start, filters: 4 }], data, 1)).rejects.toThrow(/4 filters .* found 3/);
    await expect(replay(other, log, data, 1.5)).rejects.toThrow(/whole number of at least 0, found 1.5/);
    await expect(replay(other, [], data, 1)).rejects.toThrow(/begins with a reset, found an empty log/);
    await expect(replay(other, log, data, 9, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});
