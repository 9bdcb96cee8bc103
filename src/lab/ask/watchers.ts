/** Counts watchers of something that is kept current while it has at least one. */
export interface Watchers {
  readonly isWatched: boolean;
  /** Watches until the returned function is called. */
  watch(): () => void;
}

/** @param start called for the first watcher; the function it returns is called after the last. */
export function createWatchers(start: () => () => void): Watchers {
  let count = 0;
  let stop = () => {};
  return {
    get isWatched() {
      return count > 0;
    },
    watch() {
      if (++count === 1) stop = start();
      let watches = true;
      return () => {
        if (!watches) return;
        watches = false;
        if (--count === 0) stop();
      };
    },
  };
}
