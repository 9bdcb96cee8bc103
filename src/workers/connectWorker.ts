import { CallError } from '../ml/callError.ts';
import type { WorkerLike } from './revivable.ts';
import { type CallMap, type Client, connect } from './rpc.ts';

/** A client of a worker whose death rejects the calls. */
export function connectWorker<Calls extends CallMap, Event>(
  worker: WorkerLike,
  name: string,
): Client<Calls, Event> {
  const client = connect<Calls, Event>(worker);
  worker.addEventListener('error', (event) => {
    const cause = event.message || 'its script could not be loaded';
    client.close(new CallError(name, `the worker stopped (${cause}). Reload the page.`));
  });
  return client;
}
