import { expect, test } from 'vitest';
import { WorkerTuning } from '../../../src/workers/workerTuning.ts';

/** Trains this many chunks of 8 steps; a step's time depends on the number of workers. */
function train(tuning: WorkerTuning, milliseconds: (workers: number) => number, chunks = 200): number[] {
  const tried: number[] = [];
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (tried.at(-1) !== tuning.wanted) tried.push(tuning.wanted);
    tuning.made(tuning.wanted, 8, 8 * milliseconds(tuning.wanted));
  }
  if (tried.at(-1) !== tuning.wanted) tried.push(tuning.wanted);
  return tried;
}

test('two workers that are faster than one stay', () => {
  const tuning = new WorkerTuning({ first: 1, most: 2 });
  expect(train(tuning, (workers) => [5, 3][workers - 1])).toEqual([1, 2]);
});

test('a second worker that brings nothing goes', () => {
  const tuning = new WorkerTuning({ first: 1, most: 2 });
  expect(train(tuning, (workers) => [5, 4.9][workers - 1])).toEqual([1, 2, 1]);
});

test('the search goes up as long as steps become faster', () => {
  const tuning = new WorkerTuning({ first: 2, most: 8 });
  expect(train(tuning, (workers) => [9, 6, 5, 4, 4.2, 1, 1, 1][workers - 1])).toEqual([2, 3, 4, 5, 4]);
});

test('the search goes down where more workers are slower', () => {
  const tuning = new WorkerTuning({ first: 3, most: 8 });
  expect(train(tuning, (workers) => [4, 5, 6, 7, 1, 1, 1, 1][workers - 1])).toEqual([3, 4, 2, 1]);
});

test('one core is never searched', () => {
  expect(train(new WorkerTuning({ first: 1, most: 1 }), () => 5)).toEqual([1]);
});

test('a chunk on the old workers is not counted for the new ones', () => {
  const tuning = new WorkerTuning({ first: 1, most: 2 });
  while (tuning.wanted === 1) tuning.made(1, 8, 40);
  for (let chunk = 0; chunk < 50; chunk++) tuning.made(1, 8, 400);
  expect(tuning.wanted).toBe(2);
});

test('the engine says how many workers it has work for', () => {
  const tuning = new WorkerTuning({ first: 1, most: 8 });
  while (tuning.wanted === 1) tuning.made(1, 8, 40);
  tuning.limit(1);
  expect(tuning.wanted).toBe(1);
  expect(train(tuning, () => 5)).toEqual([1]);
});

test('when the machine becomes busy, the search starts again, after ten seconds at the earliest', () => {
  const tuning = new WorkerTuning({ first: 1, most: 2 });
  train(tuning, (workers) => [5, 3][workers - 1]);
  expect(tuning.wanted).toBe(2);
  expect(train(tuning, (workers) => [6, 12][workers - 1], 500).slice(0, 2)).toEqual([2, 1]);
  expect(tuning.wanted).toBe(1);
});

test('after a slowdown the second worker is tried again soon, and less often with each failure', () => {
  const tuning = new WorkerTuning({ first: 1, most: 2 });
  train(tuning, (workers) => [5, 3][workers - 1]);
  const busy = train(tuning, (workers) => [6, 12][workers - 1], 1500);
  const tries = busy.filter((workers) => workers === 2).length;
  expect(tries).toBeGreaterThan(2);
  expect(tries).toBeLessThan(8);
  const quiet = train(tuning, (workers) => [5, 3][workers - 1], 1600);
  expect(quiet.at(-1)).toBe(2);
});

test('a short slowdown starts no search', () => {
  const tuning = new WorkerTuning({ first: 1, most: 2 });
  train(tuning, (workers) => [5, 3][workers - 1], 1000);
  expect(train(tuning, (workers) => [6, 12][workers - 1], 5)).toEqual([2]);
  expect(train(tuning, (workers) => [5, 3][workers - 1], 100)).toEqual([2]);
});
