import { CallError } from '../../ml/callError.ts';
import { type CallMap, type Client, connect } from '../../workers/rpc.ts';
import type { StartThread, ThreadKind } from './threadTypes.ts';

/** The outcome of a job: a result, an error, or neither if the job was interrupted. */
export type Outcome<Result> =
  | { kind: 'done'; result: Result }
  | { kind: 'failed'; error: Error }
  | { kind: 'interrupted' };

interface PoolOptions<Result> {
  thread: ThreadKind;
  /** Maximum number of threads at a time. */
  threads: number;
  startThread: StartThread;
  /** Interrupts all jobs; finished results stay. */
  signal: AbortSignal;
  /** Called with the fraction of a job that is done. */
  onProgress?(job: number, fraction: number): void;
  onEnd?(job: number, outcome: Outcome<Result>): void;
}

/** Calls that report the fraction done as progress. */
type ReportingCalls = CallMap & Record<string, { progress: number }>;

/**
 * Makes the same call for every job, in order, on several threads. A failed job does not stop the others.
 * @returns the outcomes in the order of the jobs.
 */
export async function runJobs<Calls extends ReportingCalls, Kind extends keyof Calls & string>(
  call: Kind,
  jobs: readonly Calls[Kind]['parameters'][],
  options: PoolOptions<Calls[Kind]['result']>,
): Promise<Outcome<Calls[Kind]['result']>[]> {
  const { thread, threads, startThread, signal, onProgress, onEnd } = options;
  const outcomes: Outcome<Calls[Kind]['result']>[] = jobs.map(() => ({ kind: 'interrupted' }));
  let next = 0;

  const work = async (client: Client<Calls, never>) => {
    while (next < jobs.length && !signal.aborted) {
      const job = next++;
      outcomes[job] = await outcomeOf(
        client.call(call, jobs[job], { signal, onProgress: (fraction) => onProgress?.(job, fraction) }),
        signal,
      );
      onEnd?.(job, outcomes[job]);
    }
  };

  const started = Array.from({ length: Math.min(threads, jobs.length) }, () => startThread(thread));
  const clients = started.map((one) => {
    const client = connect<Calls, never>(one.endpoint);
    one.onDeath((reason) => client.close(new CallError('thread', `the thread stopped: ${reason.message}`)));
    return client;
  });
  try {
    await Promise.all(clients.map(work));
  } finally {
    for (const one of started) one.terminate();
  }
  return outcomes;
}

async function outcomeOf<Result>(call: Promise<Result>, signal: AbortSignal): Promise<Outcome<Result>> {
  try {
    return { kind: 'done', result: await call };
  } catch (error) {
    if (signal.aborted) return { kind: 'interrupted' };
    return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}
