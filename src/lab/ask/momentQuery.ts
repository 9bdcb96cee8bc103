import { createStore, type StoreApi } from 'zustand/vanilla';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState, Moment } from '../state/state.ts';
import { eachData } from './eachData.ts';
import { createLatest } from './latest.ts';
import { createWatchers } from './watchers.ts';

/** A slow answer, and whether it is about the moment shown. */
interface MomentQueryState<Answer> {
  answer?: Answer;
  /** The answer is about another moment, so the panel dims it and names its moment. */
  stale: boolean;
  computing: boolean;
  problem?: string;
}

export interface MomentQuery<Answer> {
  store: StoreApi<MomentQueryState<Answer>>;
  /** Keeps the answer current until the returned function is called. */
  watch(): () => void;
  /** Call when the question itself has changed: drops the answer and asks again. */
  renew(): void;
}

interface MomentQueryOptions<Answer> {
  /** Computes the answer; may be aborted. */
  ask(at: Moment, signal: AbortSignal): Promise<Answer>;
  /** The saved answer for a step, if any. */
  kept?(step: number): Answer | undefined;
}

/** Milliseconds without a change of moment before a question is asked, so that dragging asks nothing. */
const REST = 250;
/** During training, spend at most 1 / LIVE_SHARE of the time on questions, and pause at least LIVE_PAUSE (ms). */
const LIVE_SHARE = 15;
const LIVE_PAUSE = 1500;

/**
 * Follows the page's moment with a slow answer. A saved answer is shown at once. Otherwise the old answer stays, marked as
 * stale, until the moment stops changing. During training the question is asked at a steady rate.
 */
export function createMomentQuery<Answer extends { step: number }>(
  labStore: StoreApi<LabState>,
  { ask, kept }: MomentQueryOptions<Answer>,
): MomentQuery<Answer> {
  const store = createAnswerStore<Answer>(labStore);
  const mark = marker(store);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseUntil = 0;
  let answeredRun = -1;
  const request = createLatest({
    failed: (error) => store.setState({ problem: sentenceOf(error) }),
    ended: () => store.setState({ computing: false }),
  });

  const isAnswered = (now: LabState) =>
    store.getState().answer?.step === shownStep(now) && answeredRun === now.run;

  /** @param moved whether the question has changed, which makes the current request useless. */
  function follow(now: LabState, moved: boolean): void {
    if (now.status === 'starting') return;
    if (isAnswered(now)) {
      if (moved) cancel();
      mark(false);
      return;
    }
    const found = kept?.(shownStep(now));
    if (found) {
      cancel();
      answeredRun = now.run;
      store.setState({ answer: found, stale: false, problem: undefined });
      return;
    }
    mark(store.getState().answer !== undefined);
    if (moved) cancel();
    // During training, let the current request finish before the next.
    if (request.isUnderway || timer !== undefined) return;
    timer = setTimeout(askNow, isLive(now) ? Math.max(REST, pauseUntil - performance.now()) : REST);
  }

  function cancel(): void {
    clearTimeout(timer);
    timer = undefined;
    request.cancel();
  }

  async function askNow(): Promise<void> {
    timer = undefined;
    store.setState({ computing: true, problem: undefined });
    const started = performance.now();
    const { moment, run } = labStore.getState();
    const isDone = await request.run(async (signal) => {
      const answer = await ask(moment, signal);
      signal.throwIfAborted();
      pauseUntil = performance.now() + Math.max(LIVE_PAUSE, LIVE_SHARE * (performance.now() - started));
      answeredRun = run;
      store.setState({ answer });
    });
    if (isDone && !store.getState().problem) follow(labStore.getState(), false);
  }

  const watchers = createWatchers(() => {
    follow(labStore.getState(), true);
    return cancel;
  });
  labStore.subscribe((now, before) => {
    // Where nobody watches, nothing is asked, but an old answer is marked: the page may be printed.
    if (!watchers.isWatched) return mark(store.getState().answer !== undefined && !isAnswered(now));
    const moved = hasMoved(now, before);
    if (moved || now.step !== before.step || now.status !== before.status) follow(now, moved);
  });

  return {
    store,
    watch: watchers.watch,
    renew() {
      answeredRun = -1;
      pauseUntil = 0;
      if (watchers.isWatched) follow(labStore.getState(), true);
    },
  };
}

/** Marks the answer as stale or not; called at every step of training, so the panels are told only of a change. */
function marker<Answer>(store: StoreApi<MomentQueryState<Answer>>): (stale: boolean) => void {
  return (stale) => {
    if (store.getState().stale !== stale) store.setState({ stale });
  };
}

/** Holds no answer at first; drops the answer when other data come: it is about other classes, or images of another shape. */
function createAnswerStore<Answer>(labStore: StoreApi<LabState>): StoreApi<MomentQueryState<Answer>> {
  const store = createStore<MomentQueryState<Answer>>(() => ({ stale: false, computing: false }));
  eachData(labStore, (_, isOther) => {
    if (isOther) store.setState({ answer: undefined, stale: false });
  });
  return store;
}

/** Whether the question has changed: another moment or run, or the moment at which training has paused. */
function hasMoved(now: LabState, before: LabState): boolean {
  const hasPaused = isLive(before) && !isLive(now);
  return now.moment !== before.moment || now.run !== before.run || hasPaused;
}

function isLive({ moment, status }: LabState): boolean {
  return moment === 'live' && status === 'training';
}

/** The step of the moment shown. */
function shownStep({ moment, step }: LabState): number {
  return moment === 'live' ? step : moment;
}
