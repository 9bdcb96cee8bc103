import { loadShipped } from '../ml/data/load.ts';
import type { DataCalls } from './protocol.ts';
import { type Endpoint, serve, Transferred } from './rpc.ts';

/** Fetches, checks and unpacks the data set off the main thread, and gives the other workers their copies. */
export function createDataLoader(endpoint: Endpoint): void {
  let keeping: Promise<boolean> = Promise.resolve(false);
  serve<DataCalls, never>(endpoint, {
    async load({ id, baseUrl, trainer, inspector }, { signal, progress }) {
      const { data, kept } = await loadShipped(id, { baseUrl, signal, onProgress: progress });
      keeping = kept;
      const { train, test } = data;
      trainer?.postMessage(data);
      inspector?.postMessage({ images: test.images, labels: test.labels });
      const buffers = [train.images, train.labels, test.images, test.labels].map(({ buffer }) => buffer);
      return new Transferred(data, [...new Set(buffers)]);
    },
    kept: () => keeping,
  });
}
