/** Several panels may watch the same thing; it is kept up to date while at least one does. */
export interface Watchers {
  readonly isWatched: boolean;
  /** Watches until the returned function is called. */
  watch(): () => void;
}

/** @param start begins with the first watcher; what it returns ends with the last one. */
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
