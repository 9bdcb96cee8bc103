import { createStore, type StoreApi } from 'zustand/vanilla';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState, Moment } from '../state/state.ts';

/** A costly answer, and whether it is about the moment that the page shows. */
export interface MomentQueryState<Answer> {
  answer?: Answer;
  /** The answer is about another moment than the one shown: dim it, and say which. */
  stale: boolean;
  computing: boolean;
  problem?: string;
}

export interface MomentQuery<Answer> {
  store: StoreApi<MomentQueryState<Answer>>;
  /** Keeps the answer up to date until the returned function is called. */
  watch(): () => void;
  /** The question itself has changed: the answer is void, and asked for anew. */
  renew(): void;
}

interface MomentQueryOptions<Answer> {
  /** Asks anew; may be aborted. */
  ask(at: Moment, signal: AbortSignal): Promise<Answer>;
  /** The kept answer of a step, if there is one. */
  kept?(step: number): Answer | undefined;
}

/** The timeline's drag rests when the moment has stood for so long (ms). */
const REST = 250;
/** While training goes on, asking may take one part in so many of the time, and pauses at least so long (ms). */
const LIVE_SHARE = 6;
const LIVE_PAUSE = 1500;

/**
 * Follows the page's moment with an answer that costs much: a kept one at once; else the old one stays, stale, until
 * the moment stands still. While the network trains, the question is asked again at a slow, steady rate.
 */
export function createMomentQuery<Answer extends { step: number }>(
  lab: StoreApi<LabState>,
  { ask, kept }: MomentQueryOptions<Answer>,
): MomentQuery<Answer> {
  const store = createStore<MomentQueryState<Answer>>(() => ({ stale: false, computing: false }));
  let watchers = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let controller: AbortController | undefined;
  let pauseUntil = 0;
  let answeredRun = -1;

  /** @param moved the question is another one, so that whatever is under way is of no use. */
  function follow(now: LabState, moved: boolean): void {
    if (now.status === 'starting') return;
    const step = shownStep(now);
    const { answer } = store.getState();
    if (answer?.step === step && answeredRun === now.run) {
      if (moved) cancel();
      store.setState({ stale: false });
      return;
    }
    const found = kept?.(step);
    if (found) {
      cancel();
      answeredRun = now.run;
      store.setState({ answer: found, stale: false, problem: undefined });
      return;
    }
    store.setState({ stale: answer !== undefined });
    if (moved) cancel();
    // While training runs, a question under way is let finish, and the next one waits its turn.
    if (controller || timer !== undefined) return;
    const live = now.moment === 'live' && now.status === 'training';
    timer = setTimeout(answerNow, live ? Math.max(REST, pauseUntil - performance.now()) : REST);
  }

  function cancel(): void {
    clearTimeout(timer);
    timer = undefined;
    controller?.abort();
    controller = undefined;
    store.setState({ computing: false });
  }

  async function answerNow(): Promise<void> {
    timer = undefined;
    const own = new AbortController();
    controller = own;
    store.setState({ computing: true, problem: undefined });
    const started = performance.now();
    const { moment, run } = lab.getState();
    try {
      const answer = await ask(moment, own.signal);
      if (own.signal.aborted) return;
      pauseUntil = performance.now() + Math.max(LIVE_PAUSE, LIVE_SHARE * (performance.now() - started));
      answeredRun = run;
      store.setState({ answer });
    } catch (error) {
      if (!own.signal.aborted) store.setState({ problem: sentenceOf(error) });
    }
    if (controller !== own) return;
    controller = undefined;
    store.setState({ computing: false });
    if (!store.getState().problem) follow(lab.getState(), false);
  }

  let unsubscribe = () => {};
  return {
    store,
    watch() {
      if (watchers++ === 0) {
        follow(lab.getState(), true);
        unsubscribe = lab.subscribe((now, before) => {
          const moved = now.moment !== before.moment || now.run !== before.run;
          if (moved || now.step !== before.step || now.status !== before.status) follow(now, moved);
        });
      }
      return () => {
        if (--watchers > 0) return;
        unsubscribe();
        cancel();
      };
    },
    renew() {
      answeredRun = -1;
      pauseUntil = 0;
      if (watchers > 0) follow(lab.getState(), true);
    },
  };
}

/** The step that the page shows. */
export function shownStep({ moment, step }: LabState): number {
  return moment === 'live' ? step : moment;
}
