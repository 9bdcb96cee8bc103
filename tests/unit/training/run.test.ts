import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/ml/engines/engine.ts';
import { evaluate } from '../../../src/ml/evaluation/evaluate.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { skipEvaluationDraw, trainingOrder } from '../../../src/ml/random/order.ts';
import { TrainingRun, type TrainRequest } from '../../../src/ml/training/run.ts';
import { tinyEngine, tinyNetwork, tinySet } from './tiny.ts';

const train = tinySet(50);
const test = tinySet(20);
let engine: Engine;

beforeAll(async () => {
  engine = await tinyEngine(train);
});
afterAll(() => engine.dispose());

async function freshRun(settings = {}): Promise<TrainingRun> {
  const run = new TrainingRun(engine, train, test, { batchSize: 8, learningRate: 1e-2, ...settings });
  await run.reset(5);
  return run;
}

/** Trains in chunks of at most `chunk` steps. */
function advance(run: TrainingRun, request: TrainRequest, chunk = 3) {
  return run.train(request, { next: () => chunk });
}

function expectSame(a: Parameters, b: Parameters): void {
  for (const name of Object.keys(b)) expect(a[name], name).toEqual(b[name]);
}

describe('TrainingRun', () => {
  it('starts from the parameters of the seed', async () => {
    const run = await freshRun();
    expectSame(await engine.parameters(), initialParameters(tinyNetwork, new Mt19937(5)));
    expect(run.position.step).toBe(0);
    expect(run.stepsPerEpoch).toBe(6);
  });

  it('drops the last partial batch and reports true means over the images seen', async () => {
    const run = await freshRun();
    const { steps, epochs, losses } = await advance(run, { epochs: 2 });
    expect(steps).toBe(12);
    expect(epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 6],
      [2, 12],
    ]);
    const mean = losses.slice(0, 6).reduce((sum, loss) => sum + loss / 6, 0);
    expect(epochs[0].trainLoss).toBeCloseTo(mean, 6);
    const after = await evaluate(engine, test.images, test.labels);
    expect(epochs[1].testLoss).toBe(after.loss);
    expect(epochs[1].testAccuracy).toBe(after.accuracy);
  });

  it('uses the batches of the seeded shuffle, epoch after epoch', async () => {
    const run = await freshRun();
    const { losses } = await advance(run, { epochs: 2 });
    const generator = new Mt19937(5);
    initialParameters(tinyNetwork, generator);
    const first = trainingOrder(generator, 50);
    skipEvaluationDraw(generator);
    const second = trainingOrder(generator, 50);
    const explicit = await freshRun();
    const order = Int32Array.from([...first.subarray(0, 48), ...second.subarray(0, 48)]);
    expect((await advance(explicit, { order })).losses).toEqual(losses);
  });

  it('makes the same updates however they are divided into calls and chunks', async () => {
    const whole = await freshRun();
    const { losses } = await advance(whole, { epochs: 9, maxSteps: 15 }, 100);
    const expected = await engine.parameters();
    const pieces = await freshRun();
    const parts: number[] = [];
    for (const maxSteps of [1, 4, 2, 8]) {
      parts.push(...(await advance(pieces, { epochs: 9, maxSteps }, 3)).losses);
    }
    expect(Float32Array.from(parts)).toEqual(losses);
    expectSame(await engine.parameters(), expected);
    expect(pieces.position).toMatchObject({ step: 15, epoch: 2, offset: 24 });
  });

  it('continues from a checkpoint like an uninterrupted run', async () => {
    const run = await freshRun();
    await advance(run, { epochs: 9, maxSteps: 8 });
    const checkpoint = structuredClone({ position: run.position, state: await engine.state(), log: run.log });
    await advance(run, { epochs: 9, maxSteps: 7 });
    const expected = await engine.parameters();
    const restored = new TrainingRun(engine, train, test, { batchSize: 8, learningRate: 1e-2 });
    await restored.restore(checkpoint.position, checkpoint.state, checkpoint.log);
    await advance(restored, { epochs: 9, maxSteps: 7 });
    expectSame(await engine.parameters(), expected);
    expect(restored.log).toEqual(run.log);
  });

  it('gives the schedule the epoch and the step, both from 0', async () => {
    const run = await freshRun({ learningRate: '1e-2 * 0.5^epoch / (1 + step)' });
    await advance(run, { epochs: 2 });
    const scheduled = await engine.parameters();
    const constant = await freshRun();
    for (let step = 0; step < 12; step++) {
      constant.set({ learningRate: (1e-2 * 0.5 ** Math.floor(step / 6)) / (1 + step) });
      await advance(constant, { epochs: 9, maxSteps: 1 });
    }
    expectSame(await engine.parameters(), scheduled);
  });

  it('leaves the shuffle alone under an explicit order, uses its partial batch and never evaluates', async () => {
    const run = await freshRun();
    const { steps, epochs } = await advance(run, { order: Int32Array.from({ length: 20 }, (_, i) => i) });
    expect(steps).toBe(3);
    expect(epochs).toEqual([]);
    expect(run.position).toMatchObject({ step: 3, epoch: 0, offset: 0 });
  });

  it('ends an explicit order at its last image, however many steps a chunk may have', async () => {
    const run = await freshRun();
    const order = Int32Array.from({ length: 11 }, (_, i) => i);
    expect((await advance(run, { order, epochs: 2 }, 100)).steps).toBe(4);
  });

  it('continues an unfinished explicit order that is given again', async () => {
    const order = Int32Array.from({ length: 40 }, (_, i) => 49 - i);
    const whole = await freshRun();
    const { losses } = await advance(whole, { order });
    const halves = await freshRun();
    const first = await advance(halves, { order, maxSteps: 2 });
    const second = await advance(halves, { order: order.slice() });
    expect(Float32Array.from([...first.losses, ...second.losses])).toEqual(losses);
  });

  it('logs changes of the arithmetic with their steps', async () => {
    const run = await freshRun();
    await advance(run, { maxSteps: 2 });
    run.set({ batchSize: 4, learningRate: '2e-3' });
    expect(run.log.map(({ step, kind }) => [step, kind])).toEqual([
      [0, 'reset'],
      [0, 'engine'],
      [0, 'setting'],
      [0, 'setting'],
      [2, 'setting'],
      [2, 'setting'],
    ]);
  });

  it('ends at once when the hook asks, with the steps made', async () => {
    const run = await freshRun();
    let chunks = 0;
    const outcome = await run.train({ epochs: 3 }, { next: () => (chunks++ < 2 ? 1 : 0) });
    expect(outcome.steps).toBe(2);
    expect(outcome.losses).toHaveLength(2);
  });
});

describe('the errors of TrainingRun', () => {
  it('says that training diverged, and when', async () => {
    const run = await freshRun({ learningRate: 100 });
    const weights = await engine.parameters();
    weights['fc.bias'].set([3e38, -3e38, 0]);
    await run.loadParameters(weights, 'test');
    await expect(advance(run, { epochs: 3 })).rejects.toThrow(
      /loss became .* at step \d+.*Lower the learning/,
    );
  });

  it.each([
    [{ batchSize: 0 }, /batchSize/],
    [{ batchSize: 51 }, /at most the 50/],
    [{ batchSize: 2.5 }, /whole number/],
    [{ learningRate: 0 }, /learning rate/],
    [{ learningRate: 'import("x")' }, /./],
  ])('refuses the setting %o and keeps the old ones', async (changes, message) => {
    const run = await freshRun();
    expect(() => run.set(changes)).toThrow(message);
    expect((await advance(run, { maxSteps: 1 })).steps).toBe(1);
  });

  it('rejects an order outside the data', async () => {
    const run = await freshRun();
    await expect(advance(run, { order: Int32Array.of(0, 50) })).rejects.toThrow(
      /from 0 to 49, found 50 at 1/,
    );
    await expect(advance(run, { order: new Int32Array() })).rejects.toThrow(/found none/);
  });
});

describe('evaluate', () => {
  it('counts every image once in the confusion matrix', async () => {
    await freshRun();
    const whole = await evaluate(engine, test.images, test.labels);
    const pieces = await evaluate(engine, test.images, test.labels, { chunk: 3 });
    expect(pieces.predictions).toEqual(whole.predictions);
    expect(pieces.loss).toBeCloseTo(whole.loss, 6);
    expect(whole.confusion.reduce((sum, count) => sum + count)).toBe(20);
    expect([0, 1, 2].reduce((sum, label) => sum + whole.confusion[label * 4], 0)).toBe(whole.correct);
  });

  it('rejects images that do not fit their labels', async () => {
    await expect(evaluate(engine, test.images, new Uint8Array(3))).rejects.toThrow(/36 pixels for each of 3/);
  });
});
