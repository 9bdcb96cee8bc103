import type { EngineId } from '../../../src/ml/engines/engine.ts';
import type { PresetId } from '../../../src/ml/model/presets.ts';
import { canShareMemory } from '../../../src/ml/sharedMemory.ts';
import type { Contender, Size } from './contender.ts';
import type { StepsAnswer, StepsRequest } from './steps.worker.ts';
import type { StockBackend } from './stockTraining.ts';

export type Who =
  | { kind: 'untangle'; id: EngineId }
  | { kind: 'tfjs'; backend: StockBackend }
  | { kind: 'jax'; device: 'webgpu' | 'wasm' };

export interface Timing {
  /** Milliseconds per step, one value per round. */
  rounds: number[];
  stepsPerRound: number;
}

/** Milliseconds per step, one value per round each. */
interface TeamTiming {
  alone: number[];
  apart: [number[], number[]];
  together: number[];
  exchange: 'shared memory' | 'messages';
}

declare global {
  interface Window {
    timeContender(who: Who, size: Size, budget: number): Promise<Timing>;
    /**
     * Milliseconds per step of one worker, of each of two that train separate runs at the same time, and of two that
     * train one run.
     */
    timeTeam(budget: number, preset?: PresetId): Promise<TeamTiming>;
    /** Milliseconds per step of the wasm engine with this many workers, over this many steps. */
    timeEngine(workers: number, steps: number): Promise<number>;
    yardstick(): number;
    adapterName(): Promise<string>;
  }
}

const MOST_STEPS = 32;
const LEAST_ROUNDS = 3;

/** Times rounds of steps for about `budget` milliseconds, after an uncounted warm-up. */
window.timeContender = async (who, size, budget) => {
  const contender = await start(who, size);
  await contender.run(2);
  const before = performance.now();
  await contender.run(1);
  const one = performance.now() - before;
  const stepsPerRound = Math.max(1, Math.min(MOST_STEPS, Math.floor(budget / 10 / one)));
  const rounds: number[] = [];
  const started = performance.now();
  while (rounds.length < LEAST_ROUNDS || performance.now() - started < budget) {
    const began = performance.now();
    await contender.run(stepsPerRound);
    rounds.push((performance.now() - began) / stepsPerRound);
  }
  await contender.stop();
  return { rounds, stepsPerRound };
};

window.timeTeam = async (budget, preset = 'notebook') => {
  const workers = Array.from({ length: 3 }, startSteps);
  const [first, second, team] = workers;
  const timing: TeamTiming = {
    alone: [],
    apart: [[], []],
    together: [],
    exchange: canShareMemory() ? 'shared memory' : 'messages',
  };
  for (let i = 0; i < 3; i++) {
    await time(team, 2, preset);
    await Promise.all([time(first, 1, preset), time(second, 1, preset)]);
  }
  const started = performance.now();
  while (performance.now() - started < budget) {
    timing.alone.push(await time(first, 1));
    timing.together.push(await time(team, 2));
    const both = await Promise.all([time(first, 1), time(second, 1)]);
    timing.apart[0].push(both[0]);
    timing.apart[1].push(both[1]);
  }
  for (const worker of workers) worker.terminate();
  return timing;
};

const startSteps = () => new Worker(new URL('./steps.worker.ts', import.meta.url), { type: 'module' });

/** A worker that does not answer within this time, in milliseconds, counts as hung. */
const LONGEST_ANSWER = 60_000;

/**
 * Has a worker make its next steps of a network on this many threads.
 * @returns milliseconds per step
 * @throws the worker's error, or after a minute without an answer
 */
function time(worker: Worker, threads: number, preset: PresetId = 'notebook'): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`steps.worker, ${threads} threads: ${reason}`));
    const patience = setTimeout(
      () => fail(`expected an answer within ${LONGEST_ANSWER / 1000} s, found none`),
      LONGEST_ANSWER,
    );
    worker.onmessage = ({ data }: MessageEvent<StepsAnswer>) => {
      clearTimeout(patience);
      if ('error' in data) fail(data.error);
      else resolve(data.milliseconds);
    };
    worker.onerror = ({ message }) => fail(message || 'its script could not be loaded');
    worker.postMessage({ threads, preset } satisfies StepsRequest);
  });
}

const STEPS_OF_WORKER = 20;

window.timeEngine = async (workers, steps) => {
  const worker = startSteps();
  for (let i = 0; i < 3; i++) await time(worker, workers);
  const rounds = Math.ceil(steps / STEPS_OF_WORKER);
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum += await time(worker, workers);
  worker.terminate();
  return sum / rounds;
};

/** Milliseconds for a plain loop of 50 million multiply-adds, which shows how fast and busy the machine is. */
window.yardstick = () => {
  const values = new Float64Array(1000).fill(1.000001);
  const began = performance.now();
  let sum = 0;
  for (let round = 0; round < 50_000; round++) for (let i = 0; i < 1000; i++) sum += values[i] * 1.5;
  const milliseconds = performance.now() - began;
  if (!(sum > 0)) throw new Error('yardstick: expected a sum');
  return milliseconds;
};

window.adapterName = async () => {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return 'no WebGPU adapter';
  const { vendor, architecture, description } = adapter.info;
  return description || `${vendor} ${architecture}`;
};

async function start(who: Who, size: Size): Promise<Contender> {
  switch (who.kind) {
    case 'untangle':
      return (await import('./untangle.ts')).startUntangle(who.id, size);
    case 'tfjs':
      if (size.preset === 'lenet') {
        return (await import('./stockLenet.ts')).startStockLenet(who.backend, size.batch);
      }
      return (await import('./stockTensorFlow.ts')).startStock(who.backend, size);
    case 'jax':
      return (await import('./jaxJs.ts')).startJax(who.device, size);
    default:
      return who satisfies never;
  }
}
