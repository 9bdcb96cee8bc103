import { loadMnist } from '../ml/data/load.ts';
import type { DataCalls } from './protocol.ts';
import { serve, Transferred } from './rpc.ts';

/** Fetches, checks and unpacks the data set off the main thread. */
serve<DataCalls, never>(self, {
  async load({ baseUrl }, { signal, progress }) {
    const data = await loadMnist({ baseUrl, signal, onProgress: progress });
    const { train, test } = data;
    const buffers = [train.images, train.labels, test.images, test.labels].map(({ buffer }) => buffer);
    return new Transferred(data, [...new Set(buffers)]);
  },
});
