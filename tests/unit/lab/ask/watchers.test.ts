import { expect, test } from 'vitest';
import { createWatchers } from '../../../../src/lab/ask/watchers.ts';

test('starts with the first watcher and stops with the last, even if a watcher ends twice', () => {
  const seen: string[] = [];
  const watchers = createWatchers(() => {
    seen.push('starts');
    return () => void seen.push('stops');
  });
  const [first, second] = [watchers.watch(), watchers.watch()];
  first();
  first();
  expect([watchers.isWatched, seen]).toEqual([true, ['starts']]);
  second();
  expect([watchers.isWatched, seen]).toEqual([false, ['starts', 'stops']]);
  watchers.watch();
  expect(seen).toEqual(['starts', 'stops', 'starts']);
});
