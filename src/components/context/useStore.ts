import { useContext, useMemo } from 'react';
import { useStore as useStoreAnywhere } from 'zustand';
import { heldStore, type ReadonlyStore } from './heldStore.ts';
import { PlaceContext } from './place.ts';

/**
 * Re-renders when the selected value changes, except out of view: there, the component shows the last change when it comes into
 * view, receives the focus or is printed. Select small, stable values.
 */
export function useStore<State>(store: ReadonlyStore<State>): State;
export function useStore<State, T>(store: ReadonlyStore<State>, selector: (state: State) => T): T;
export function useStore<State>(
  store: ReadonlyStore<State>,
  selector: (state: State) => unknown = everything,
): unknown {
  return useStoreAnywhere(useHeld(store), selector);
}

/** The store as the component's place shows it. */
export function useHeld<State>(store: ReadonlyStore<State>): ReadonlyStore<State> {
  const place = useContext(PlaceContext);
  return useMemo(() => (place ? heldStore(store, place) : store), [store, place]);
}

/** The whole state. */
export function everything<State>(state: State): State {
  return state;
}
