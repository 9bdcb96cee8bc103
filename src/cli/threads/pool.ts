import { CallError } from '../../ml/callError.ts';
import { type CallMap, type Client, connect } from '../../workers/rpc.ts';
import type { StartThread, Thread, ThreadKind } from './threadTypes.ts';

/** The outcome of a job: a result, an error, or neither if the job was interrupted. */
export type Outcome<Result> =
  | { kind: 'done'; result: Result }
  | { kind: 'failed'; error: Error }
  | { kind: 'interrupted' };

interface PoolOptions {
  thread: ThreadKind;
  /** Maximum number of threads. */
  threads: number;
  startThread: StartThread;
  /** Interrupts all calls; finished results stay. */
  signal: AbortSignal;
}

/** Calls that report the fraction done as progress. */
type ReportingCalls = CallMap & Record<string, { progress: number }>;

interface PoolCallOptions {
  /** Number of the job that a call belongs to: calls of earlier jobs come first. */
  job: number;
  onProgress?(fraction: number): void;
}

/** Threads that make calls, one at a time each. */
export interface Pool<Calls extends ReportingCalls> {
  readonly size: number;
  call<Kind extends keyof Calls & string>(
    kind: Kind,
    parameters: Calls[Kind]['parameters'],
    options: PoolCallOptions,
  ): Promise<Calls[Kind]['result']>;
  close(): void;
}

/** Threads that start at once; a further one starts for a call that finds the others busy. */
const FIRST = 4;

/** Starts the first threads, so that they are ready when the files are read. */
export function startPool<Calls extends ReportingCalls>({
  thread,
  threads,
  startThread,
  signal,
}: PoolOptions): Pool<Calls> {
  const started: Thread[] = [];
  const free: Client<Calls, never>[] = [];

  function start(): Client<Calls, never> {
    const one = startThread(thread);
    started.push(one);
    const client = connect<Calls, never>(one.endpoint);
    one.onDeath((reason) => client.close(new CallError('thread', `the thread stopped: ${reason.message}`)));
    return client;
  }

  while (started.length < Math.min(threads, FIRST)) free.push(start());
  const waiting: { job: number; resolve(client: Client<Calls, never>): void }[] = [];

  function take(job: number): Promise<Client<Calls, never>> {
    const idle = free.shift();
    if (idle) return Promise.resolve(idle);
    if (started.length < threads) return Promise.resolve(start());
    return new Promise((resolve) => {
      const later = waiting.findIndex((other) => other.job > job);
      waiting.splice(later < 0 ? waiting.length : later, 0, { job, resolve });
    });
  }

  function giveBack(client: Client<Calls, never>): void {
    const next = waiting.shift();
    if (next) next.resolve(client);
    else free.push(client);
  }

  return {
    size: threads,
    async call(kind, parameters, { job, onProgress }) {
      const client = await take(job);
      try {
        // The client refuses a call whose signal was aborted while the call waited.
        return await client.call(kind, parameters, { signal, onProgress });
      } finally {
        giveBack(client);
      }
    },
    close() {
      for (const one of started) one.terminate();
    },
  };
}

/** A promise's outcome. A failed job does not stop the others. */
export async function outcomeOf<Result>(
  result: Promise<Result>,
  signal: AbortSignal,
): Promise<Outcome<Result>> {
  try {
    return { kind: 'done', result: await result };
  } catch (error) {
    if (signal.aborted) return { kind: 'interrupted' };
    return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}
