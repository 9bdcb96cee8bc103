import { expect, test } from 'vitest';
import { WorkerBalance } from '../../../src/workers/workerBalance.ts';

/** Trains chunks on two cores, of which the second has only so much of the first one's speed. */
function train(balance: WorkerBalance, second: number, chunks: number): void {
  for (let chunk = 0; chunk < chunks; chunk++) {
    const [one, two] = balance.speeds ?? [1, 1];
    const times = [one / (one + two), two / (one + two) / second].map((time) => 40 * time);
    const whole = Math.max(...times);
    balance.made(
      times.map((time) => whole - time),
      whole,
    );
  }
}

test('equal cores keep equal shares', () => {
  const balance = new WorkerBalance();
  train(balance, 0.97, 1000);
  expect(balance.speeds).toBeUndefined();
});

test('a slower core gets less of the work, so that both end together', () => {
  const balance = new WorkerBalance();
  train(balance, 0.6, 1000);
  const [one, two] = balance.speeds ?? [];
  expect(two / one).toBeCloseTo(0.6, 1);
});

test('when the core is fast again, its share grows again', () => {
  const balance = new WorkerBalance();
  train(balance, 0.6, 1000);
  train(balance, 1, 2000);
  const [one, two] = balance.speeds ?? [1, 1];
  expect(two / one).toBeGreaterThan(0.85);
});

test('another number of workers begins with equal shares', () => {
  const balance = new WorkerBalance();
  train(balance, 0.6, 1000);
  balance.made([0, 0, 0], 30);
  expect(balance.speeds).toBeUndefined();
});
