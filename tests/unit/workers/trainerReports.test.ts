import { expect, test } from 'vitest';
import type { Engine } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { buffersOfState } from '../../../src/ml/model/parameters.ts';
import { type LabeledSet, TrainingRun } from '../../../src/ml/training/run.ts';
import { Pace } from '../../../src/workers/pace.ts';
import type { Checkpoint, TrainerEvent } from '../../../src/workers/protocol.ts';
import { createSerial } from '../../../src/workers/serial.ts';
import { TrainerReports } from '../../../src/workers/trainerReports.ts';
import { tinyEngine, tinyNetwork, tinySet } from '../training/tiny.ts';

type Frame = Extract<TrainerEvent, { kind: 'frame' }>;

/** Reports of a run before its first step, the frames and checkpoints that they send, and the lock of the run's engine. */
async function freshReports(createEngine = tinyEngine) {
  const frames: Frame[] = [];
  const checkpoints: Checkpoint[] = [];
  const emit = (event: TrainerEvent) => {
    if (event.kind === 'frame') frames.push(event);
    if (event.kind === 'checkpoint') checkpoints.push(event.checkpoint);
  };
  const train = tinySet(50);
  const settings = { batchSize: 8, learningRate: 1e-2 };
  const run = new TrainingRun(await createEngine(train), train, tinySet(20), settings);
  await run.reset(5);
  const calls = createSerial();
  const exclusively = <Result>(work: () => Promise<Result>) => calls.run(work);
  const reports = new TrainerReports({ run, exclusively }, new Pace(), emit);
  const trainOne = () => run.train({ epochs: 100, maxSteps: 1 }, { next: () => 1 });
  return { run, exclusively, frames, checkpoints, reports, trainOne };
}

/** The engine that most runs use; its copies go to arrays of earlier copies. */
async function wasmEngine({ images, labels }: LabeledSet): Promise<Engine> {
  const engine = await createWasmEngine({ network: tinyNetwork });
  await engine.setData(images, labels);
  return engine;
}

/** The results of two steps, whose losses are the steps' own numbers. */
const chunkAt = (firstStep: number) => ({
  firstStep,
  losses: Float32Array.of(firstStep, firstStep + 1),
  accuracies: Float32Array.of(0, 0),
});

test('a frame that waits for the engine is not overtaken by the frame of a later chunk', async () => {
  const { run, exclusively, frames, reports } = await freshReports();
  await reports.add(chunkAt(0));
  await reports.add(chunkAt(2));
  let release = () => {};
  const chunk = exclusively(() => new Promise<void>((resolve) => (release = resolve)));
  // The page asks for a frame while a chunk uses the engine, and again when it has drawn the last frame of a manual step.
  const waiting = [reports.drawn(), reports.drawn()];
  await reports.add(chunkAt(4));
  release();
  await Promise.all([chunk, ...waiting]);
  await reports.sendFrame();

  expect(frames.flatMap(({ losses }) => [...losses])).toEqual([0, 1, 2, 3, 4, 5]);
  for (const { firstStep, losses } of frames) expect(firstStep).toBe(losses[0]);
  await run.engine.dispose();
});

test('a hundred checkpoints share the arrays of three', async () => {
  const { run, reports, checkpoints, trainOne } = await freshReports(wasmEngine);
  const buffers = new Set<ArrayBufferLike>();
  for (let i = 0; i < 100; i++) {
    await trainOne();
    await reports.sendCheckpoint();
    for (const buffer of buffersOfState(checkpoints[i].state)) buffers.add(buffer);
    // The page holds the newest, and the one before may still be in writing.
    if (i >= 2) reports.giveBack(checkpoints[i - 2].state);
  }
  expect(buffers.size).toBe(3 * buffersOfState(checkpoints[0].state).length);
  await run.engine.dispose();
});

test('a checkpoint does not change with later steps and checkpoints', async () => {
  const { run, reports, checkpoints, trainOne } = await freshReports(wasmEngine);
  await trainOne();
  await reports.sendCheckpoint();
  await trainOne();
  await reports.sendCheckpoint();
  reports.giveBack(checkpoints[0].state);
  const kept = structuredClone(checkpoints[1].state);
  await trainOne();
  await reports.sendCheckpoint();
  expect(checkpoints[2].state.optimizer.step).toBe(3);
  expect(checkpoints[2].state.parameters).not.toEqual(kept.parameters);
  expect(checkpoints[1].state).toEqual(kept);
  await run.engine.dispose();
});

test('arrays of another network are not written', async () => {
  const { run, reports, checkpoints, trainOne } = await freshReports(wasmEngine);
  await trainOne();
  await reports.sendCheckpoint();
  const [{ state }] = checkpoints;
  const other = structuredClone(state);
  for (const name of Object.keys(other.parameters)) other.parameters[name] = new Float32Array(5).fill(7);
  reports.giveBack(other);
  await reports.sendCheckpoint();
  expect(checkpoints[1].state).toEqual(state);
  for (const values of Object.values(other.parameters)) expect(values).toEqual(new Float32Array(5).fill(7));
  await run.engine.dispose();
});
