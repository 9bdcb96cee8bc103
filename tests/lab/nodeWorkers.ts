import { readFile } from 'node:fs/promises';
import type { DataSet } from '../../src/ml/data/dataset.ts';
import { loadShipped } from '../../src/ml/data/load.ts';
import type { ShippedId } from '../../src/ml/data/shipped.ts';
import { createActivations } from '../../src/workers/activations.ts';
import { createArchive } from '../../src/workers/archive.ts';
import { createDataLoader } from '../../src/workers/data.ts';
import { createGeometry } from '../../src/workers/geometry.ts';
import { createInspector } from '../../src/workers/inspector.ts';
import { createKeeper } from '../../src/workers/keep.ts';
import { createPictureDecoder } from '../../src/workers/picture.ts';
import type { Endpoint } from '../../src/workers/rpc.ts';
import type { Spawn, WorkerKind } from '../../src/workers/spawn.ts';
import { createTrainer } from '../../src/workers/trainer.ts';

const SERVERS: Record<WorkerKind, (endpoint: Endpoint) => void> = {
  trainer: createTrainer,
  inspector: createInspector,
  geometry: createGeometry,
  data: serveData,
  picture: createPictureDecoder,
  keep: createKeeper,
  archive: createArchive,
  activations: createActivations,
};

/**
 * A worker's own code behind a channel in the test's thread: messages are cloned and arrive later, like a worker's.
 */
export const spawnInNode: Spawn = (kind) => {
  const { port1, port2 } = new MessageChannel();
  SERVERS[kind](port2);
  return Object.assign(port1, {
    terminate() {
      port1.close();
      port2.close();
    },
  });
};

const loading = new Map<ShippedId, Promise<DataSet>>();

/** A data set from the checkout, read once for all labs. */
function shipped(id: ShippedId, baseUrl: string): Promise<DataSet> {
  const known = loading.get(id);
  if (known) return known;
  const read = loadShipped(id, {
    baseUrl,
    cache: null,
    fetch: async (url) => new Response(await readFile(`public${new URL(String(url)).pathname}`)),
  }).then(({ data }) => data);
  loading.set(id, read);
  return read;
}

/** As in a browser, but with the site's files from the checkout. */
function serveData(endpoint: Endpoint): void {
  createDataLoader(endpoint, async (id, { baseUrl }) => ({
    // A copy, because the worker gives its buffers away.
    data: structuredClone(await shipped(id, baseUrl)),
    kept: Promise.resolve(true),
  }));
}
