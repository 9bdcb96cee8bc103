import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { trainSecond } from '../../../src/lab/compare/secondRun.ts';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { startingImage } from '../../../src/ml/metamers/start.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { ADAM } from '../../../src/ml/model/optimizer.ts';
import { TrainingRun } from '../../../src/ml/training/run.ts';
import { createLongJobs } from '../../../src/workers/longJobs.ts';
import { nextTask } from '../../../src/workers/nextTask.ts';
import type { InspectorCalls, MetamerProgress } from '../../../src/workers/protocol.ts';
import { connect, serve } from '../../../src/workers/rpc.ts';
import { secondRunJob } from '../../../src/workers/secondRun.ts';
import { mnist } from '../engines/golden.ts';
import { randomParameters } from '../engines/referenceNetwork.ts';

const network = notebookNetwork({ filters: 8 });

function job(group?: string) {
  const { images } = mnist('t10k', 8);
  const floats = Float32Array.from(images, (byte) => byte / 255);
  return {
    moment: { key: 'random', network, parameters: randomParameters(network) },
    references: floats.slice(0, 784),
    starts: startingImage({ kind: 'noise', scale: 1, mean: 0, seed: 3 }, 784),
    settings: { layer: 'fc', iterations: 2000 },
    group,
    keep: [40],
    frameEvery: 1000,
    nullImages: floats,
  };
}

test('paused metamers do not change, and end as if never paused', async () => {
  const context = { signal: new AbortController().signal, progress: () => undefined, turn: nextTask };
  let told = 0;
  const frames: number[] = [];
  const longJobs = createLongJobs();
  const events = new EventEmitter();
  const held = longJobs.metamer(job('g'), {
    ...context,
    progress({ iteration, frameIterations }: MetamerProgress) {
      if (told === 0) {
        void longJobs.hold({ group: 'g', held: true });
        events.emit('paused', iteration);
      }
      told = iteration;
      frames.push(...frameIterations);
    },
  });
  const [standing]: number[] = await once(events, 'paused');
  expect(standing).toBeLessThan(2000);
  // The same work, not paused, ends meanwhile.
  const free = await longJobs.metamer(job(), context);
  expect(told).toBe(standing);
  await longJobs.hold({ group: 'g', held: false });
  const answer = await held;
  expect(answer.last.images).toEqual(free.last.images);
  expect(answer.losses[0]).toEqual(free.losses[0]);
  expect(frames).toEqual([0, 40, 1000, 2000]);
});

test('held metamers can be canceled', async () => {
  const controller = new AbortController();
  const longJobs = createLongJobs();
  await longJobs.hold({ group: 'h', held: true });
  const events = new EventEmitter();
  const held = longJobs.metamer(job('h'), {
    signal: controller.signal,
    progress: () => undefined,
    async turn() {
      await nextTask();
      events.emit('turn');
    },
  });
  // After its turn the job waits for its group; one task later it does.
  await once(events, 'turn');
  await nextTask();
  controller.abort(new Error('canceled by a person'));
  await expect(held).rejects.toThrow('canceled by a person');
  await longJobs.hold({ group: 'h', held: false });
});

test('a second run is determined by its seed and settings, and can be canceled', async () => {
  const set = { ...mnist('train', 200), count: 200, channels: 1, width: 28, height: 28 };
  const settings = { batchSize: 64, learningRate: 1e-3 };
  const engine = await createWasmEngine({ network });
  await engine.setData(set.images, set.labels);
  const run = new TrainingRun(engine, set, set, settings);
  await run.reset(9);
  await run.train({ epochs: 2 }, { next: () => 3 });

  const { port1, port2 } = new MessageChannel();
  serve<Pick<InspectorCalls, 'secondRun'>, never>(port1, { secondRun: secondRunJob });
  const longJobs = connect<InspectorCalls, never>(port2);
  port1.start();
  port2.start();
  const labeled = { ...set, images: new Uint8Array(set.images), labels: new Uint8Array(set.labels) };
  const start = { network, optimizer: ADAM, seed: 9, settings, epochs: 2 };
  const seen: number[] = [];
  const parameters = await trainSecond(longJobs, labeled, start, {
    onProgress: ({ done }) => seen.push(done),
  });
  expect(parameters).toEqual(await engine.parameters());
  expect(seen.at(-1)).toBe(6);

  const controller = new AbortController();
  const canceled = trainSecond(
    longJobs,
    labeled,
    { ...start, epochs: 50 },
    {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    },
  );
  await expect(canceled).rejects.toThrow(/canceled/);
  port1.close();
  port2.close();
});

test('a second run waits for its turn before every chunk', async () => {
  const { images, labels } = mnist('train', 200);
  const { port1, port2: port } = new MessageChannel();
  const settings = { batchSize: 64, learningRate: 1e-3 };
  const made: number[] = [];
  let release = () => {};
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let turns = 0;
  const trained = secondRunJob(
    { network, optimizer: ADAM, seed: 9, settings, epochs: 2, size: 200, port },
    {
      signal: new AbortController().signal,
      progress: ({ done }) => made.push(done),
      turn() {
        turns++;
        arrive();
        return held;
      },
    },
  );
  port1.postMessage({ images, labels });
  await arrived;
  for (let i = 0; i < 20; i++) await nextTask();
  expect(made).toEqual([]);
  release();
  await trained;
  expect(made.at(-1)).toBe(6);
  expect(turns).toBeGreaterThanOrEqual(made.length);
  port1.close();
});
