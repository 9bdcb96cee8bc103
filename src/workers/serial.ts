/** Work that is done one piece at a time, in the order of asking. */
export interface Serial {
  /** A piece that fails rejects its own promise and does not hold up the next one. */
  run<Result>(work: () => Promise<Result> | Result): Promise<Result>;
  /** Ends when nothing is under way or waiting, including what is added meanwhile. */
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
