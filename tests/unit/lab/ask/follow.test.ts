import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { createFollow } from '../../../../src/lab/ask/follow.ts';
import { firstState } from '../../../../src/lab/state/firstState.ts';
import { defaultSettings } from '../../../../src/lab/state/settings.ts';
import type { LabState, Moment } from '../../../../src/lab/state/state.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Moves through twenty moments, while an answer takes longer than a move, and returns the moments asked about. */
async function askedOnMoves(movePace?: number): Promise<Moment[]> {
  const labStore = createStore<LabState>(() => ({ ...firstState(defaultSettings()), status: 'idle' }));
  const asked: Moment[] = [];
  const { watch } = createFollow({
    labStore,
    livePace: 1000,
    movePace,
    async ask() {
      asked.push(labStore.getState().moment);
      await pause(7);
    },
    failed(error) {
      throw error;
    },
  });
  const stop = watch();
  for (let step = 1; step <= 20; step++) {
    labStore.setState({ moment: step });
    await vi.advanceTimersByTimeAsync(5);
  }
  await vi.advanceTimersByTimeAsync(1000);
  stop();
  return asked;
}

test('a question about every move, as far as answers come', async () => {
  const asked = await askedOnMoves();
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.at(-1)).toBe(20);
});

test('with its own pace, a question is asked for few of the moves, and for the last move', async () => {
  const asked = await askedOnMoves(600);
  expect(asked.length).toBeLessThan(5);
  expect(asked.at(-1)).toBe(20);
});
