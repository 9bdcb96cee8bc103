import { expect, test } from 'vitest';
import { createLinkedRun } from '../../../../src/lab/keep/linkedRun.ts';

test('a reload of a link finds the run that the link began; another link does not', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  expect(createLinkedRun(storage).of('#v=1&seed=7')).toBeUndefined();
  createLinkedRun(storage).remember('#v=1&seed=7', 'run-1');
  expect(createLinkedRun(storage).of('#v=1&seed=7')).toBe('run-1');
  expect(createLinkedRun(storage).of('#v=1&seed=8')).toBeUndefined();
  createLinkedRun(storage).remember('#v=1&seed=7', undefined);
  expect(createLinkedRun(storage).of('#v=1&seed=7')).toBeUndefined();
});

test('without a storage nothing is remembered, and nothing fails', () => {
  const linked = createLinkedRun(undefined);
  linked.remember('#v=1', 'run-1');
  expect(linked.of('#v=1')).toBeUndefined();
});
