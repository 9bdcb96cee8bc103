import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { createMomentQuery } from '../../../../src/lab/ask/momentQuery.ts';
import type { LabState } from '../../../../src/lab/state/state.ts';
import { CallError } from '../../../../src/ml/callError.ts';
import type { DataSet } from '../../../../src/ml/data/dataset.ts';
import { labState } from '../labState.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Shown = Pick<LabState, 'status' | 'run' | 'step' | 'moment' | 'data'>;

/** A lab whose answers take 100 ms each by default; `kept` holds the answers so far. */
function setUp(start: Partial<Shown> = {}, duration = 100) {
  const lab = createStore(() => labState({ step: 40, ...start }));
  const asked: (number | 'live')[] = [];
  const kept = new Map<number, { step: number; run: number }>();
  const query = createMomentQuery(lab, {
    kept: (step) => kept.get(step),
    async ask(at, signal) {
      asked.push(at);
      const { step, run } = lab.getState();
      await new Promise((resolve) => setTimeout(resolve, duration));
      signal.throwIfAborted();
      const answer = { step: at === 'live' ? step : at, run };
      kept.set(answer.step, answer);
      return answer;
    },
  });
  return { lab, asked, kept, query };
}

test('during a drag the old answer stays, marked as stale, and one question follows when the moment rests', async () => {
  const { lab, asked, query } = setUp();
  query.watch();
  await vi.advanceTimersByTimeAsync(400);
  expect(query.store.getState()).toMatchObject({ answer: { step: 40 }, stale: false, computing: false });
  for (const moment of [30, 20, 10]) {
    lab.setState({ moment });
    await vi.advanceTimersByTimeAsync(100);
    expect(query.store.getState()).toMatchObject({ answer: { step: 40 }, stale: true });
  }
  expect(asked).toEqual(['live']);
  await vi.advanceTimersByTimeAsync(300);
  expect(asked).toEqual(['live', 10]);
  expect(query.store.getState()).toMatchObject({ answer: { step: 10 }, stale: false });
  // A saved answer appears at once.
  lab.setState({ moment: 'live' });
  expect(query.store.getState()).toMatchObject({ answer: { step: 40 }, stale: false });
  expect(asked).toHaveLength(2);
});

test('an answer about an earlier run is dropped, even for the same step', async () => {
  const { lab, asked, kept, query } = setUp({ step: 0 });
  query.watch();
  await vi.advanceTimersByTimeAsync(400);
  kept.clear();
  lab.setState({ run: 2 });
  expect(query.store.getState().stale).toBe(true);
  await vi.advanceTimersByTimeAsync(400);
  expect(asked).toEqual(['live', 'live']);
  expect(query.store.getState()).toMatchObject({ answer: { step: 0, run: 2 }, stale: false });
});

test('where nobody watches, nothing is asked, but the answer is marked as stale while another moment or run is shown', async () => {
  const { lab, asked, query } = setUp();
  const stop = query.watch();
  await vi.advanceTimersByTimeAsync(400);
  stop();
  for (const [change, stale] of [
    [{ step: 41 }, true],
    [{ moment: 40 }, false],
    [{ run: 2 }, true],
  ] as const) {
    lab.setState(change);
    expect(query.store.getState()).toMatchObject({ answer: { step: 40 }, stale });
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual(['live']);
});

function noImages(id: string): DataSet {
  const split = {
    images: new Uint8Array(0),
    labels: new Uint8Array(0),
    count: 0,
    channels: 1,
    height: 28,
    width: 28,
  };
  return { id, name: id, sha256: '', classNames: [], train: split, test: split };
}

test('the answer about other data is not shown, and the question is asked again', async () => {
  const { lab, asked, kept, query } = setUp({ step: 0, data: noImages('digits') });
  query.watch();
  await vi.advanceTimersByTimeAsync(400);
  kept.clear();
  lab.setState({ run: 2 });
  lab.setState({ data: noImages('letters') });
  expect(query.store.getState()).toMatchObject({ answer: undefined, stale: false });
  await vi.advanceTimersByTimeAsync(400);
  expect(asked).toEqual(['live', 'live']);
  expect(query.store.getState()).toMatchObject({ answer: { step: 0, run: 2 }, stale: false });
});

test('during training, questions are asked at a slow pace, and the last question at the end', async () => {
  const { lab, asked, query } = setUp({ status: 'training', step: 0 });
  query.watch();
  for (let step = 1; step <= 200; step++) {
    lab.setState({ step });
    await vi.advanceTimersByTimeAsync(50);
  }
  // Ten seconds: at most one question in 1.6.
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.length).toBeLessThan(8);
  lab.setState({ status: 'idle' });
  await vi.advanceTimersByTimeAsync(3000);
  expect(query.store.getState()).toMatchObject({ answer: { step: 200 }, stale: false });
});

test('a pause does not wait for the pace of training, however long an answer takes', async () => {
  const { lab, asked, query } = setUp({ status: 'training', step: 0 }, 2000);
  query.watch();
  await vi.advanceTimersByTimeAsync(3000);
  expect(asked).toEqual(['live']);
  lab.setState({ step: 100 });
  lab.setState({ status: 'paused' });
  await vi.advanceTimersByTimeAsync(2500);
  expect(query.store.getState()).toMatchObject({ answer: { step: 100 }, stale: false });
});

test('nothing is asked once nobody watches, and a problem is shown instead of asked again and again', async () => {
  const { lab, asked, query } = setUp();
  const stop = query.watch();
  stop();
  lab.setState({ step: 41 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual([]);

  let calls = 0;
  const failing = createMomentQuery<{ step: number }>(lab, {
    async ask() {
      calls++;
      throw new CallError('evaluate', 'expected the test set first, found none');
    },
  });
  failing.watch();
  await vi.advanceTimersByTimeAsync(5000);
  expect(calls).toBe(1);
  expect(failing.store.getState()).toMatchObject({
    problem: 'Expected the test set first, found none',
    computing: false,
  });
});
