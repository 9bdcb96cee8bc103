import { expect, test } from 'vitest';
import { createTurns } from '../../../src/workers/turns.ts';

function work(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) Math.sqrt(until);
}

/** Milliseconds of a turn after 30 ms of work. */
async function turnAfterWork(share: () => number, signal = new AbortController().signal): Promise<number> {
  const turn = createTurns(share, signal);
  await turn();
  work(30);
  const began = performance.now();
  await turn();
  return performance.now() - began;
}

test('work with a third of the time rests twice as long as it worked', async () => {
  expect(await turnAfterWork(() => 1 / 3)).toBeGreaterThanOrEqual(55);
});

test('a rest ends with a cancel, and soon after training has ended', async () => {
  const began = performance.now();
  await turnAfterWork(() => 0.001, AbortSignal.timeout(40));
  let looks = 0;
  await turnAfterWork(() => (++looks > 2 ? 1 : 0.001));
  expect(looks).toBeGreaterThan(2);
  expect(performance.now() - began).toBeLessThan(1500);
});
