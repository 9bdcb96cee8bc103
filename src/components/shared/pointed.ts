import { createStore } from 'zustand/vanilla';
import { useStore } from '../context/useStore.ts';

/** The unit that a person points at, so that every panel can highlight the same unit. */
interface Pointed {
  filter?: number;
}

const pointed = createStore<Pointed>(() => ({}));

export function pointAtFilter(filter: number | undefined): void {
  if (pointed.getState().filter !== filter) pointed.setState({ filter });
}

export function usePointedFilter(): number | undefined {
  return useStore(pointed, ({ filter }) => filter);
}
