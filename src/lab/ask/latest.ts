/** Runs requests of which only the latest counts. */
export interface Latest {
  /** Whether a request is running. */
  readonly isUnderway: boolean;
  /**
   * Aborts the current request and starts a new one. After each wait, `work` calls `signal.throwIfAborted()` (or passes the
   * signal on) before it touches the state.
   * @returns whether the request finished; false if it was aborted.
   * @throws the error of `work` if there is no `failed` handler; never after an abort.
   */
  run(work: (signal: AbortSignal) => Promise<void>): Promise<boolean>;
  /** Aborts the current request. */
  cancel(): void;
}

interface LatestOptions {
  /** Handles an error of the current request. */
  failed?(error: unknown): void;
  /** Called when a request has ended or was canceled, unless another request has replaced it. */
  ended?(): void;
}

export function createLatest({ failed, ended }: LatestOptions = {}): Latest {
  let underway: AbortController | undefined;

  return {
    get isUnderway() {
      return underway !== undefined;
    },
    async run(work) {
      underway?.abort();
      const own = new AbortController();
      underway = own;
      try {
        await work(own.signal);
      } catch (error) {
        if (own.signal.aborted) return false;
        if (!failed) throw error;
        failed(error);
      } finally {
        if (underway === own) {
          underway = undefined;
          ended?.();
        }
      }
      return !own.signal.aborted;
    },
    cancel() {
      if (!underway) return;
      underway.abort();
      underway = undefined;
      ended?.();
    },
  };
}
