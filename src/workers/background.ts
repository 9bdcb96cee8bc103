import type { CallMap, Client } from './rpc.ts';

/** The workers that compute beside training, which give way to the trainer. */
export interface Background {
  /** Calls that are not answered yet. */
  readonly underway: number;
  /** Sets the share of the time, above 0 and up to 1, in which these workers work. */
  setShare(share: number): void;
}

interface AddOptions {
  /** The smallest share of this worker, because quick questions wait for its long ones. */
  least?: number;
}

export interface BackgroundWorkers extends Background {
  /** The client, whose calls are counted from now on. It obeys the share until it is closed. */
  add<Calls extends CallMap, Event, Added extends Client<Calls, Event>>(
    client: Added & Client<Calls, Event>,
    options?: AddOptions,
  ): Added;
}

export function createBackground(): BackgroundWorkers {
  const setters = new Set<(share: number) => void>();
  let underway = 0;
  let present = 1;
  return {
    get underway() {
      return underway;
    },
    setShare(share) {
      if (share === present) return;
      present = share;
      for (const set of setters) set(share);
    },
    add(client, { least = 0 } = {}) {
      const set = (share: number) => client.setShare(Math.max(least, share));
      setters.add(set);
      set(present);
      return {
        ...client,
        call: async (kind, parameters, options) => {
          underway++;
          try {
            return await client.call(kind, parameters, options);
          } finally {
            underway--;
          }
        },
        close(reason) {
          setters.delete(set);
          client.close(reason);
        },
      };
    },
  };
}
