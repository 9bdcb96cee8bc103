import { CallError } from '../ml/callError.ts';
import { type CallMap, type Client, connect, type Endpoint } from './rpc.ts';

/** The error of calls that are pending when their worker dies. The worker restarts. */
export class WorkerStoppedError extends CallError {
  override name = 'WorkerStoppedError';
}

/** The subset of `Worker` that clients use. */
export interface WorkerLike extends Endpoint {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: { message?: string }) => void): void;
  terminate(): void;
}

/** A client that restarts its worker after a crash. */
export interface RevivableClient<Calls extends CallMap, Event> extends Client<Calls, Event> {
  /** Registers a function that restores a new worker's state before any other call reaches the worker. */
  onRevive(prepare: (fresh: Client<Calls, Event>) => Promise<void>): void;
  /** Resolves when a live worker is ready; rejects if restarting has failed for good. */
  standing(): Promise<void>;
  /** Terminates the worker, like a crash. */
  kill(): void;
}

/** A worker that dies this many times in a row before it is ready is not restarted again. */
const MOST_TRIES = 3;

/**
 * Starts a worker, and restarts it whenever it dies: at once if `eager`, else at the next call. A worker that never
 * answered (its script could not be loaded; three times unless `eager`), or that repeatedly dies while it is restored, is
 * not restarted.
 */
export function revivable<Calls extends CallMap, Event>(
  name: string,
  start: () => WorkerLike,
  { eager = false } = {},
): RevivableClient<Calls, Event> {
  const listeners = new Set<(event: Event) => void>();
  const preparations: ((fresh: Client<Calls, Event>) => Promise<void>)[] = [];
  let answered = false;
  let share = 1;
  let failedStarts = 0;
  let current = begin();
  let ready: Promise<unknown> = Promise.resolve();
  let preparing = false;
  let tries = 0;

  function begin() {
    const worker = start();
    const client = connect<Calls, Event>(worker);
    const life = { worker, client, dead: false };
    client.onEvent((event) => {
      for (const listener of listeners) listener(event);
    });
    worker.addEventListener('message', () => {
      answered = true;
    });
    worker.addEventListener('error', ({ message }) => {
      if (life === current) die(message || 'its script could not be loaded');
    });
    return life;
  }

  function die(cause: string): void {
    const { worker, client, dead } = current;
    worker.terminate();
    if (dead) return;
    if (!answered) failedStarts++;
    // WebKit fails now and then to load the script of two workers at once from a service worker.
    const isHopeless = !answered && (eager || failedStarts >= MOST_TRIES);
    if (isHopeless || tries >= MOST_TRIES) {
      client.close(new CallError(name, `the worker stopped (${cause}). Reload the page.`));
      return;
    }
    current.dead = true;
    client.close(new WorkerStoppedError(name, `the worker stopped (${cause}). It is restarting; try again.`));
    if (eager) revive().catch(() => undefined);
  }

  function revive(): Promise<unknown> {
    if (current.dead && !preparing) ready = bringBack();
    return ready;
  }

  async function bringBack(): Promise<void> {
    preparing = true;
    try {
      for (tries = 1; ; tries++) {
        const life = begin();
        current = life;
        try {
          life.client.setShare(share);
          for (const prepare of preparations) await prepare(life.client);
          if (!life.dead) return;
        } catch (error) {
          if (!life.dead) throw error;
        }
      }
    } finally {
      preparing = false;
      tries = 0;
    }
  }

  return {
    async call(kind, parameters, options) {
      await revive();
      return current.client.call(kind, parameters, options);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setShare(next) {
      if (next === share) return;
      share = next;
      current.client.setShare(share);
    },
    close: (reason) => current.client.close(reason),
    onRevive(prepare) {
      preparations.push(prepare);
    },
    async standing() {
      await revive();
    },
    kill: () => die('it was terminated on purpose'),
  };
}
