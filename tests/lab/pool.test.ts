import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { ADAM } from '../../src/ml/model/optimizer.ts';
import { Pace } from '../../src/workers/pace.ts';
import { serveWasmMember } from '../../src/workers/serveWasmMember.ts';
import { TrainerEngine } from '../../src/workers/trainerEngine.ts';
import { bitsOf } from './bits.ts';
import { createProfile } from './browserProfile.ts';

/** The pool's worker script behind a channel in the test's thread. */
class MemberWorker {
  readonly #ports = new MessageChannel();
  constructor() {
    serveWasmMember(this.#ports.port2);
  }
  postMessage(message: unknown, options?: { transfer?: Transferable[] }) {
    this.#ports.port1.postMessage(message, options?.transfer ?? []);
  }
  addEventListener(type: string, listener: (event: MessageEvent) => void) {
    if (type !== 'message') return;
    this.#ports.port1.addEventListener('message', listener);
    this.#ports.port1.start();
  }
  terminate() {
    this.#ports.port1.close();
  }
}

beforeEach(() => {
  vi.stubGlobal('Worker', MemberWorker);
  // Here all members run in one thread, where a wait for shared memory would block the others.
  vi.stubGlobal('crossOriginIsolated', false);
});
afterEach(() => vi.unstubAllGlobals());

it('answers questions about the weights while a run on two workers is replaced', async () => {
  const profile = createProfile();
  const tab = await profile.open({ settings: { filters: 8 } });
  const { api, lab } = tab;
  await api.set({ workers: 2 });
  await api.train({ maxSteps: 12 });
  expect(api.state.engine?.workers).toBe(2);
  const first = await bitsOf(tab);
  for (let round = 0; round < 4; round++) {
    const ask = () => lab.workers.trainer.call('parameters', {});
    const replaced = api.reset({ seed: 5 });
    const asked: Promise<{ step: number }>[] = [];
    for (let turn = 0; turn < 30; turn++) {
      asked.push(ask());
      await new Promise((resolve) => setTimeout(resolve));
    }
    await replaced;
    for (const { step } of await Promise.all(asked)) expect([0, 12]).toContain(step);
    await api.train({ maxSteps: 12 });
    expect(await bitsOf(tab)).toEqual(first);
  }
  profile.closeAll();
});

/** Noise of MNIST's size. */
function noise(count: number) {
  const images = Uint8Array.from({ length: 784 * count }, (_, i) => (i * 2654435761) >>> 24);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return { images, labels, count, channels: 1, width: 28, height: 28 };
}

/** The engine of a run on noise, and the numbers of workers that it announces. */
async function prepareEngine() {
  const announced: (number | undefined)[] = [];
  const engine = new TrainerEngine(new Pace(), (event) => {
    if (event.kind === 'engine') announced.push(event.engine.workers);
  });
  const [train, test] = [noise(128), noise(64)];
  const classNames = Array.from({ length: 10 }, (_, i) => `${i}`);
  engine.setData({ id: 'own-noise', name: 'Noise', sha256: '', classNames, train, test });
  const network = notebookNetwork({ filters: 8 });
  const settings = { batchSize: 64, learningRate: 1e-3 };
  await engine.prepare({ engine: 'wasm', network, optimizer: ADAM, seed: 5, settings });
  await engine.run.reset(5);
  const trainSteps = (maxSteps: number) =>
    engine.run.train({ epochs: maxSteps, maxSteps }, { next: () => Number.POSITIVE_INFINITY });
  return { engine, announced, trainSteps };
}

it('trials of a number of workers change no bits, start each worker once and are not announced', async () => {
  let started = 0;
  vi.stubGlobal('navigator', { hardwareConcurrency: 2, userAgent: '' });
  vi.stubGlobal(
    'Worker',
    class extends MemberWorker {
      constructor() {
        super();
        started++;
      }
    },
  );
  const { engine, announced, trainSteps } = await prepareEngine();
  const tried = new Set<number | undefined>();
  /** Trains until the engine announces so many workers; a step takes as long as given for each number of workers. */
  const trainUntil = async (workers: number, each: [number, number]) => {
    for (let chunk = 0; engine.active.workers !== workers && chunk < 1000; chunk++) {
      await trainSteps(1);
      const present = engine.run.engine.workers ?? 0;
      tried.add(present);
      engine.made(10, 10 * each[present - 1]);
      await engine.followTuning();
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
  await trainUntil(2, [3, 1.6]);
  tried.clear();
  await trainUntil(1, [3.1, 5.5]);
  expect(tried).toEqual(new Set([2, 1]));
  await trainUntil(2, [3, 1.6]);
  expect(announced).toEqual([1, 2, 1, 2]);
  expect(started).toBe(1);

  const alone = await prepareEngine();
  await alone.trainSteps(engine.run.position.step);
  expect(await engine.run.engine.state()).toEqual(await alone.engine.run.engine.state());
  await engine.run.engine.dispose();
  await alone.engine.run.engine.dispose();
});
