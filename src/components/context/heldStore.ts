import type { StoreApi } from 'zustand';

export type ReadonlyStore<State> = Pick<StoreApi<State>, 'getState' | 'getInitialState' | 'subscribe'>;

/** What a held store needs of its place. */
export interface Attention {
  /** Whether a person sees the place or has the focus in it. */
  readonly isAttended: boolean;
  /** Calls back whenever the place has to show the present state; returns a function that ends this. */
  onRenewal(callback: () => void): () => void;
}

/**
 * A store as its place shows it: while nobody attends to the place, the state stays that of when attention left, so that what
 * renders there for another reason still fits what has not rendered.
 */
export function heldStore<State>(store: ReadonlyStore<State>, place: Attention): ReadonlyStore<State> {
  let held: { state: State } | undefined;
  return {
    getState: () => (held ? held.state : store.getState()),
    getInitialState: store.getInitialState,
    subscribe(listener) {
      const stopStore = store.subscribe((now, before) => {
        if (!place.isAttended) held ??= { state: before };
        else listener(now, release(before));
      });
      const stopPlace = place.onRenewal(() => {
        if (held) listener(store.getState(), release(held.state));
      });
      return () => {
        stopStore();
        stopPlace();
        held = undefined;
      };
    },
  };

  /** Ends the hold, and gives the state that was shown. */
  function release(otherwise: State): State {
    const { state } = held ?? { state: otherwise };
    held = undefined;
    return state;
  }
}
