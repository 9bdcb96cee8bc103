import { expect, test } from 'vitest';
import { createLatest } from '../../../../src/lab/ask/latest.ts';

function setUp({ handled = true } = {}) {
  const failed: unknown[] = [];
  const finished: string[] = [];
  let ended = 0;
  const latest = createLatest({
    ...(handled && { failed: (error: unknown) => failed.push(error) }),
    ended: () => ended++,
  });
  /** A request that waits for an answer from the test. */
  function ask(name: string) {
    let resolve = () => {};
    let reject = (_: Error) => {};
    const answer = new Promise<void>((resolved, rejected) => {
      resolve = resolved;
      reject = rejected;
    });
    const done = latest.run(async (signal) => {
      await answer;
      signal.throwIfAborted();
      finished.push(name);
    });
    return { resolve, reject, done };
  }
  return { latest, failed, finished, ask, ended: () => ended };
}

test('a newer request replaces the previous one', async () => {
  const { ask, finished, ended } = setUp();
  const [first, second] = [ask('first'), ask('second')];
  first.resolve();
  expect(await first.done).toBe(false);
  expect(ended()).toBe(0);
  second.resolve();
  expect(await second.done).toBe(true);
  expect(finished).toEqual(['second']);
  expect(ended()).toBe(1);
});

test('a canceled request ends at once, and only once', async () => {
  const { latest, ask, finished, failed, ended } = setUp();
  const request = ask('only');
  expect(latest.isUnderway).toBe(true);
  latest.cancel();
  latest.cancel();
  expect([latest.isUnderway, ended()]).toEqual([false, 1]);
  request.reject(new Error('late'));
  expect(await request.done).toBe(false);
  expect([finished, failed, ended()]).toEqual([[], [], 1]);
});

test('an error of the latest request is handled, or thrown if there is no handler', async () => {
  const { ask, failed, ended } = setUp();
  const error = new Error('some');
  const request = ask('only');
  request.reject(error);
  expect(await request.done).toBe(true);
  expect([failed, ended()]).toEqual([[error], 1]);
  const thrown = setUp({ handled: false }).ask('other');
  thrown.reject(error);
  await expect(thrown.done).rejects.toBe(error);
});
