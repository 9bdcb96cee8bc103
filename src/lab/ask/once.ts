import type { StoreApi } from 'zustand/vanilla';

/** Acts once on the first defined value: at once, or as soon as the state has one. */
export function once<State, Value>(
  store: StoreApi<State>,
  select: (state: State) => Value | undefined,
  act: (value: Value) => void,
): void {
  const found = select(store.getState());
  if (found !== undefined) {
    act(found);
    return;
  }
  const stop = store.subscribe((state) => {
    const value = select(state);
    if (value === undefined) return;
    stop();
    act(value);
  });
}
