import { expect, test } from 'vitest';
import { WorkerTuning } from '../../../src/workers/workerTuning.ts';

/** Milliseconds a step, by the number of workers and the milliseconds of training so far. */
type Load = (workers: number, now: number) => number;

/** Chunks are as long as the trainer's. */
const CHUNK = 30;

/** A run in simulated time. */
function simulate(options: { first: number; most: number }) {
  const tuning = new WorkerTuning(options);
  let now = 0;
  let steps = Math.ceil(CHUNK / 3);
  return {
    tuning,
    /** Trains for so long under a load. */
    train(milliseconds: number, load: Load) {
      const end = now + milliseconds;
      const tried = [tuning.wanted];
      const spent = new Map<number, number>();
      let made = 0;
      while (now < end) {
        const workers = tuning.wanted;
        if (tried.at(-1) !== workers) tried.push(workers);
        const each = load(workers, now);
        tuning.made(workers, steps, steps * each);
        now += steps * each;
        spent.set(workers, (spent.get(workers) ?? 0) + steps * each);
        made += steps;
        steps = Math.max(1, Math.min(200, 2 * steps, Math.floor(CHUNK / each)));
      }
      if (tried.at(-1) !== tuning.wanted) tried.push(tuning.wanted);
      return {
        tried,
        each: milliseconds / made,
        shareOf: (workers: number) => (spent.get(workers) ?? 0) / milliseconds,
      };
    },
  };
}

const quiet: Load = (workers) => [2.9, 1.6][workers - 1];
/** Another program takes a core: two workers wait for each other. */
const occupied: Load = (workers) => [3.1, 5.5][workers - 1];

/** Repeatable numbers from 0 to 1. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (1664525 * state + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test('two workers that are faster than one stay', () => {
  expect(simulate({ first: 1, most: 2 }).train(6000, quiet).tried).toEqual([1, 2]);
});

test('a second worker that brings nothing goes', () => {
  const load: Load = (workers) => [5, 4.9][workers - 1];
  expect(simulate({ first: 1, most: 2 }).train(2000, load).tried).toEqual([1, 2, 1]);
});

test('the search goes up as long as steps become faster', () => {
  const load: Load = (workers) => [9, 6, 5, 4, 4.2, 1, 1, 1][workers - 1];
  expect(simulate({ first: 2, most: 8 }).train(3000, load).tried).toEqual([2, 3, 4, 5, 4]);
});

test('the search goes down where more workers are slower', () => {
  const load: Load = (workers) => [4, 5, 6, 7, 1, 1, 1, 1][workers - 1];
  expect(simulate({ first: 3, most: 8 }).train(3000, load).tried).toEqual([3, 4, 3, 2, 1]);
});

test('one core is never searched', () => {
  expect(simulate({ first: 1, most: 1 }).train(6000, () => 5).tried).toEqual([1]);
});

test('a chunk on the old workers is not counted for the new ones', () => {
  const tuning = new WorkerTuning({ first: 1, most: 2 });
  while (tuning.wanted === 1) tuning.made(1, 8, 40);
  for (let chunk = 0; chunk < 50; chunk++) tuning.made(1, 8, 400);
  expect(tuning.wanted).toBe(2);
});

test('the engine says how many workers it has work for', () => {
  const { tuning, train } = simulate({ first: 1, most: 8 });
  while (tuning.wanted === 1) tuning.made(1, 8, 40);
  tuning.limit(1);
  expect(tuning.wanted).toBe(1);
  expect(train(6000, () => 5).tried).toEqual([1]);
});

test('a page that slows two workers less than one would cost leaves nearly all steps on two', () => {
  const { train } = simulate({ first: 1, most: 2 });
  train(5000, quiet);
  const loaded = train(120_000, (workers) => [2.95, 2.35][workers - 1]);
  expect(loaded.shareOf(2)).toBeGreaterThan(0.97);
  expect(loaded.each).toBeLessThan(1.02 * 2.35);
});

test.each([1, 2, 3, 4, 5, 6])('spikes never leave two workers for long (seed %i)', (seed) => {
  const { train } = simulate({ first: 1, most: 2 });
  train(5000, quiet);
  const random = createRandom(seed);
  // Drawings, snapshots and garbage collections slow some chunks, three times at most, for 300 ms in a row.
  let until = 0;
  let factor = 1;
  const spikes: Load = (workers, now) => {
    if (now >= until && random() < 0.08) {
      until = now + 300 * random();
      factor = 1 + 2 * random();
    }
    return (now < until ? factor : 0.95 + 0.1 * random()) * [2.9, 1.9][workers - 1];
  };
  expect(train(120_000, spikes).shareOf(2)).toBeGreaterThan(0.97);
});

test('a core that another program takes leads to one worker within four seconds', () => {
  const { tuning, train } = simulate({ first: 1, most: 2 });
  train(60_000, quiet);
  expect(tuning.wanted).toBe(2);
  train(4000, occupied);
  expect(tuning.settled).toBe(1);
  const later = train(120_000, occupied);
  expect(later.shareOf(1)).toBeGreaterThan(0.97);
  expect(later.each).toBeLessThan(1.02 * 3.1);
});

test('when the core is free again, two workers return', () => {
  const { tuning, train } = simulate({ first: 1, most: 2 });
  train(5000, quiet);
  train(60_000, occupied);
  expect(tuning.settled).toBe(1);
  train(22_000, quiet);
  expect(tuning.settled).toBe(2);
});

test('after a short slowdown two workers return within three seconds', () => {
  const { tuning, train } = simulate({ first: 1, most: 2 });
  train(5000, quiet);
  train(3000, occupied);
  expect(tuning.settled).toBe(1);
  train(3000, quiet);
  expect(tuning.settled).toBe(2);
});

test('the longer a verdict holds, the rarer are trials', () => {
  const { train } = simulate({ first: 1, most: 2 });
  train(5000, quiet);
  const trials = () => train(30_000, occupied).tried.filter((workers) => workers === 2).length;
  const [first, , later] = [trials(), trials(), trials()];
  expect(first).toBeGreaterThan(3);
  expect(later).toBeGreaterThan(0);
  expect(later).toBeLessThan(3);
});

test('a time of one worker from before the code was compiled well is measured again', () => {
  const { tuning, train } = simulate({ first: 1, most: 2 });
  train(2000, (workers) => [4.5, 3.2][workers - 1]);
  expect(tuning.settled).toBe(2);
  train(30_000, (workers) => [2.9, 3.2][workers - 1]);
  expect(tuning.settled).toBe(1);
});

test('a second worker that lost its first trial to the loading page gets another soon', () => {
  const { tuning, train } = simulate({ first: 1, most: 2 });
  train(2000, occupied);
  expect(tuning.settled).toBe(1);
  train(3500, quiet);
  expect(tuning.settled).toBe(2);
});

test('other work in a step is measured anew', () => {
  const { tuning, train } = simulate({ first: 1, most: 2 });
  train(5000, quiet);
  tuning.forget();
  expect(train(5000, (workers) => [29, 16][workers - 1]).tried).toEqual([2, 1, 2]);
});
