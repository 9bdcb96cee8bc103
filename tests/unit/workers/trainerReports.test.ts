import { expect, test } from 'vitest';
import { TrainingRun } from '../../../src/ml/training/run.ts';
import { Pace } from '../../../src/workers/pace.ts';
import type { TrainerEvent } from '../../../src/workers/protocol.ts';
import { createSerial } from '../../../src/workers/serial.ts';
import { TrainerReports } from '../../../src/workers/trainerReports.ts';
import { tinyEngine, tinySet } from '../training/tiny.ts';

type Frame = Extract<TrainerEvent, { kind: 'frame' }>;

/** Reports of a run before its first step, the frames that they send, and the lock of the run's engine. */
async function freshReports() {
  const frames: Frame[] = [];
  const emit = (event: TrainerEvent) => {
    if (event.kind === 'frame') frames.push(event);
  };
  const train = tinySet(50);
  const settings = { batchSize: 8, learningRate: 1e-2 };
  const run = new TrainingRun(await tinyEngine(train), train, tinySet(20), settings);
  await run.reset(5);
  const calls = createSerial();
  const exclusively = <Result>(work: () => Promise<Result>) => calls.run(work);
  return { run, exclusively, frames, reports: new TrainerReports({ run, exclusively }, new Pace(), emit) };
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
