import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { SimilarityOptions } from '../../../../src/lab/compare/similarity.ts';
import { createSimilarityFollow, spreadMoments } from '../../../../src/lab/compare/similarityFollow.ts';
import { labState } from '../labState.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const matrix = {
  ...{ rows: ['fc'], columns: ['fc'], count: 200 },
  ...{ values: Float64Array.of(1), errors: Float64Array.of(0) },
};

test('a matrix has at most eight moments: the first, the last and the one shown among them', () => {
  const steps = Array.from({ length: 50 }, (_, i) => 10 * i);
  expect(spreadMoments(steps)).toHaveLength(8);
  expect(spreadMoments(steps, 130)).toEqual([0, 80, 130, 160, 250, 330, 410, 490]);
  expect(spreadMoments([0, 5, 9], 5)).toEqual([0, 5, 9]);
  expect(spreadMoments([0, 5, 9], 7)).toEqual([0, 5, 9]);
  expect(spreadMoments([])).toEqual([]);
});

test('the question follows the timeline, every snapshot of it, and what is compared', async () => {
  const lab = createStore(() => labState({ step: 40 }));
  const asked: SimilarityOptions[] = [];
  const follow = createSimilarityFollow(lab, {
    async similarity({ signal: _, ...options } = {}) {
      asked.push(options);
      const step = options.at === 'live' ? 40 : Number(options.at ?? 40);
      return { step, ...matrix };
    },
  });
  const layers = ['conv', 'fc'];
  follow.ask({ sides: 'layers', layers, layer: 'fc' });
  follow.query.watch();
  await vi.advanceTimersByTimeAsync(400);
  lab.setState({ moment: 17 });
  await vi.advanceTimersByTimeAsync(400);
  expect(asked).toEqual([
    { layers, at: 'live', compared: false },
    { layers, at: 17, compared: false },
  ]);
  expect(follow.query.store.getState()).toMatchObject({
    answer: { step: 17, sides: 'layers' },
    stale: false,
  });
  follow.ask({ sides: 'runs', layers, layer: 'fc' });
  await vi.advanceTimersByTimeAsync(400);
  expect(asked.at(-1)).toEqual({ layers, at: 17, compared: true });
  follow.ask({ sides: 'moments', layers, layer: 'conv' });
  await vi.advanceTimersByTimeAsync(400);
  expect(asked.at(-1)).toEqual({ layer: 'conv', moments: [] });
  expect(follow.query.store.getState()).toMatchObject({
    answer: { step: 17, sides: 'moments', layer: 'conv' },
    stale: false,
  });
});

test('the live network comes after the snapshots, unless it is the last of them', async () => {
  const snapshot = { epoch: 1, best: false, epochEnd: false };
  const lab = createStore(() =>
    labState({ step: 40, snapshots: [0, 30].map((step) => ({ ...snapshot, step })) }),
  );
  const asked: SimilarityOptions['moments'][] = [];
  const follow = createSimilarityFollow(lab, {
    async similarity({ moments } = {}) {
      asked.push(moments);
      return { step: 40, ...matrix };
    },
  });
  follow.ask({ sides: 'moments', layers: ['fc'], layer: 'fc' });
  follow.query.watch();
  await vi.advanceTimersByTimeAsync(400);
  lab.setState({ step: 30 });
  await vi.advanceTimersByTimeAsync(400);
  expect(asked).toEqual([
    [0, 30, 'live'],
    [0, 30],
  ]);
});
