import { CallError } from '../ml/callError.ts';
import { type CallMap, type Client, connect, type Endpoint } from './rpc.ts';

/** What a worker's pending calls are rejected with when it dies; it is started again. */
export class WorkerStoppedError extends CallError {
  override name = 'WorkerStoppedError';
}

/** The part of `Worker` that is needed. */
export interface WorkerLike extends Endpoint {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: { message?: string }) => void): void;
  terminate(): void;
}

/** A client that starts its worker again when it has died. */
export interface RevivableClient<Calls extends CallMap, Event> extends Client<Calls, Event> {
  /** Brings a new worker to where the dead one stood, before any other call reaches it. */
  onRevive(prepare: (fresh: Client<Calls, Event>) => Promise<void>): void;
  /** Resolves when a living worker stands ready; rejects when there will be none. */
  standing(): Promise<void>;
  /** Ends the worker, as a crash would. */
  kill(): void;
}

/** A worker that dies this often in a row before it stands ready stays closed. */
const MOST_TRIES = 3;

/**
 * Starts a worker and again whenever it has died: at once if `eager`, else with the next call. One that never
 * answered (its script could not be loaded), or that dies again and again while it is prepared, stays closed.
 */
export function revivable<Calls extends CallMap, Event>(
  name: string,
  start: () => WorkerLike,
  { eager = false } = {},
): RevivableClient<Calls, Event> {
  const listeners = new Set<(event: Event) => void>();
  const preparations: ((fresh: Client<Calls, Event>) => Promise<void>)[] = [];
  let answered = false;
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
    if (!answered || tries >= MOST_TRIES) {
      client.close(new CallError(name, `the worker stopped (${cause}). Reload the page.`));
      return;
    }
    current.dead = true;
    client.close(new WorkerStoppedError(name, `the worker stopped (${cause}). It starts again; ask again.`));
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
    close: (reason) => current.client.close(reason),
    onRevive(prepare) {
      preparations.push(prepare);
    },
    async standing() {
      await revive();
    },
    kill: () => die('it was ended on purpose'),
  };
}
