/** Requests of which only the latest counts. */
export interface Latest {
  /** Whether a request is under way. */
  readonly isUnderway: boolean;
  /**
   * Aborts the request under way and makes this one. After each wait, `work` calls `signal.throwIfAborted()` (or hands
   * the signal on) before it touches the state.
   * @returns whether the request came to its end; false if it was aborted.
   * @throws what `work` throws, if nothing handles failures; never once the request is aborted.
   */
  run(work: (signal: AbortSignal) => Promise<void>): Promise<boolean>;
  /** Aborts the request under way. */
  cancel(): void;
}

interface LatestOptions {
  /** Handles an error of the request under way. */
  failed?(error: unknown): void;
  /** Called when a request has ended or was canceled, unless another one has taken its place. */
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
