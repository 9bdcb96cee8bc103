import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { createFollow } from '../../../../src/lab/ask/follow.ts';
import { firstState } from '../../../../src/lab/state/firstState.ts';
import { defaultSettings } from '../../../../src/lab/state/settings.ts';
import type { LabState, Moment } from '../../../../src/lab/state/state.ts';

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
    await pause(5);
  }
  await expect.poll(() => asked.at(-1), { timeout: 10_000 }).toBe(20);
  stop();
  return asked;
}

test('a question about every move, as far as answers come', async () => {
  expect((await askedOnMoves()).length).toBeGreaterThan(5);
});

test('with a pace of its own, few questions about the moves, and one about the last', async () => {
  const asked = await askedOnMoves(600);
  expect(asked.length).toBeLessThan(5);
});
