/** Runs tasks one at a time, in the order of requests. */
export interface Serial {
  /** A task that fails rejects its own promise and does not delay the next one. */
  run<Result>(work: () => Promise<Result> | Result): Promise<Result>;
  /** Resolves when no task is running or waiting, including tasks added in the meantime. */
  settled(): Promise<void>;
}

export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(work) {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
    async settled() {
      let waited: Promise<unknown> | undefined;
      while (waited !== last) {
        waited = last;
        await waited;
      }
    },
  };
}
