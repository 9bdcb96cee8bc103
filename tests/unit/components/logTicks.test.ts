import { expect, test } from 'vitest';
import { logTicks } from '../../../src/components/shared/logTicks.ts';

test('has 1, 2 and 5 of each power over a short range, with whole numbers', () => {
  const { tickvals, ticktext } = logTicks([0.13, 8]);
  expect(tickvals.filter((value) => value >= 0.13 && value <= 8)).toEqual([0.2, 0.5, 1, 2, 5]);
  expect(ticktext.slice(0, 4)).toEqual(['0.01', '0.02', '0.05', '0.1']);
});

test('has every power of ten over a long range, and fewer over a longer range', () => {
  const long = logTicks([3e-6, 20]);
  expect(long.tickvals.filter((value) => value >= 3e-6 && value <= 20)).toEqual([
    1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10,
  ]);
  expect(long.ticktext).toContain('1e-5');
  const longer = logTicks([1e-16, 1]).tickvals.filter((value) => value >= 1e-16 && value <= 1);
  expect(longer).toEqual([1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1]);
});

test('labels 200, 100 and 50 by themselves', () => {
  const { ticktext } = logTicks([310, 90, 24]);
  expect(ticktext).toEqual(expect.arrayContaining(['50', '100', '200']));
});

test('has none where nothing has a place on the axis', () => {
  expect(logTicks([])).toEqual({ tickvals: [], ticktext: [] });
  expect(logTicks([0, -1, Number.NaN, Number.POSITIVE_INFINITY]).tickvals).toEqual([]);
});
