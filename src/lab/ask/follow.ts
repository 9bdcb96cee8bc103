import type { StoreApi } from 'zustand/vanilla';
import type { LabState } from '../state/state.ts';
import { createWatchers } from './watchers.ts';

/** Keeps an answer about the page's moment up to date. */
export interface Follow {
  /** Call when something other than the moment has changed: asks at once, or when the current question is answered. */
  want(): void;
  /** Starts asking, until the returned function is called. */
  watch(): () => void;
}

interface FollowOptions {
  labStore: StoreApi<LabState>;
  /** Minimum time between questions during training (ms). Actions of a person are answered at once. */
  livePace: number;
  /** Minimum time between questions while a person moves through the run (ms). Default: none. */
  movePace?: number;
  /** Asks about the newest state. */
  ask(): Promise<void>;
  /** Handles an error of `ask`. */
  failed(error: unknown): void;
  /** Subscribes to other stores while there are watchers; returns a function that unsubscribes. */
  listen?(want: () => void): () => void;
}

/**
 * Asks whenever the page's moment changes. At most one question is pending, and the next is about the newest state;
 * intermediate states are skipped.
 */
export function createFollow({
  labStore,
  livePace,
  movePace = 0,
  ask,
  failed,
  listen = () => () => {},
}: FollowOptions): Follow {
  let isUnderway = false;
  let isWanted = false;
  const alarm = createAlarm();
  let last = Number.NEGATIVE_INFINITY;

  function want(): void {
    isWanted = true;
    alarm.clear();
    void askNow();
  }

  async function askNow(): Promise<void> {
    if (isUnderway || !isWanted || !watchers.isWatched || labStore.getState().status === 'starting') return;
    isUnderway = true;
    isWanted = false;
    last = performance.now();
    try {
      await ask();
    } catch (error) {
      failed(error);
    } finally {
      isUnderway = false;
      void askNow();
    }
  }

  const watchers = createWatchers(() => {
    const stopListening = listen(want);
    const stopLab = labStore.subscribe((now, before) => {
      const isMoved = now.moment !== before.moment || now.run !== before.run;
      if (isMoved && performance.now() < last + movePace) alarm.set(last + movePace, want);
      else if (isMoved || now.status !== before.status) want();
      else if (now.moment === 'live' && isNewer(now, before)) alarm.set(last + livePace, want);
    });
    want();
    return () => {
      stopListening();
      stopLab();
      alarm.clear();
    };
  });

  return { want, watch: watchers.watch };
}

/** A timer that keeps the earliest time it is set to, by `performance.now()`. */
function createAlarm() {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let at = Number.POSITIVE_INFINITY;
  const clear = () => {
    clearTimeout(timer);
    at = Number.POSITIVE_INFINITY;
  };
  return {
    clear,
    set(time: number, work: () => void) {
      if (at <= time) return;
      clear();
      at = time;
      timer = setTimeout(work, Math.max(0, time - performance.now()));
    },
  };
}

function isNewer(now: LabState, before: LabState): boolean {
  return now.step !== before.step || now.liveFilters !== before.liveFilters;
}
