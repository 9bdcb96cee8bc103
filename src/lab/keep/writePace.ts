import type { StoreApi } from 'zustand/vanilla';
import type { LabState } from '../state/state.ts';

/** While the network trains, the storage rests this many times as long as its last write took. */
const REST = 4;
/** Writes that are quicker need no rest (milliseconds). */
const QUICK = 50;

/** The pace of writes to the storage: a large network's checkpoints are written as often as the storage bears. */
export interface WritePace {
  /** Marks the start of a write; the returned function marks its end. */
  begin(): () => void;
  /** Calls `start` now if the storage has rested, or else `again` as soon as it has. */
  next(start: () => void): void;
}

/** @param again called when the storage has rested, and at once when the network stops training */
export function createWritePace(
  { getState, subscribe }: Pick<StoreApi<LabState>, 'getState' | 'subscribe'>,
  again: () => void,
): WritePace {
  let restedAt = 0;
  let isWaiting = false;
  subscribe(({ status }, before) => {
    if (before.status === 'training' && status !== 'training') again();
  });
  return {
    begin() {
      const started = performance.now();
      return () => {
        const took = performance.now() - started;
        restedAt = took > QUICK ? performance.now() + REST * took : 0;
      };
    },
    next(start) {
      const wait = getState().status === 'training' ? restedAt - performance.now() : 0;
      if (wait <= 0) {
        start();
        return;
      }
      if (isWaiting) return;
      isWaiting = true;
      setTimeout(() => {
        isWaiting = false;
        again();
      }, wait);
    },
  };
}
