import { CallError } from '../ml/callError.ts';
import type { DataSet } from '../ml/data/dataset.ts';
import { loadShipped } from '../ml/data/load.ts';
import type { ReadImages } from '../ml/imageFiles/given.ts';
import { ownDataSet, previewOf } from '../ml/imageFiles/ownData.ts';
import type { DataCalls } from './protocol.ts';
import { type Endpoint, serve, Transferred } from './rpc.ts';

/** Fetches, checks and unpacks a data set of the site, or reads a person's own, off the main thread. */
export function createDataLoader(endpoint: Endpoint, loadFiles = loadShipped): void {
  let keeping: Promise<boolean> = Promise.resolve(false);
  let found: ReadImages | undefined;
  serve<DataCalls, never>(endpoint, {
    async load({ id, baseUrl, trainer, inspector }, { signal, progress }) {
      const { data, kept } = await loadFiles(id, { baseUrl, signal, onProgress: progress });
      keeping = kept;
      const { test } = data;
      trainer?.postMessage(data);
      inspector?.postMessage({ images: test.images, labels: test.labels });
      return new Transferred(data, buffersOf(data));
    },
    kept: () => keeping,
    async read({ files, name, axes }, { signal, progress }) {
      const { readGivenImages } = await import('./readGivenImages.ts');
      const read = await readGivenImages(files, { signal, progress, axes });
      if (typeof read === 'string') return { question: read };
      found = read;
      return { preview: previewOf(name, read) };
    },
    async take({ name, ...heldOut }) {
      if (!found) throw new CallError('take', 'expected images that were read, found none');
      const data = await ownDataSet(name, found, heldOut);
      return new Transferred(data, buffersOf(data));
    },
  });
}

function buffersOf({ train, test }: DataSet): ArrayBuffer[] {
  return [...new Set([train.images, train.labels, test.images, test.labels].map(({ buffer }) => buffer))];
}
