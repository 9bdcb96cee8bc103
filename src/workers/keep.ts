import { buffersOf, type Parameters } from '../ml/model/parameters.ts';
import { openIndexedDbStorage } from './indexedDbStorage.ts';
import type { KeepCalls } from './protocol.ts';
import { type Endpoint, serve, Transferred } from './rpc.ts';
import type { RunStorage } from './runStorage.ts';

/** Reads and writes saved runs in a worker, because writing a checkpoint to IndexedDB would block the page. */
export function createKeeper(endpoint: Endpoint): void {
  let opening: Promise<RunStorage> | undefined;
  const storage = () => {
    opening ??= openIndexedDbStorage();
    return opening;
  };
  /** Parameters received for the next `save`. */
  let parts: Parameters[] = [];

  serve<KeepCalls, never>(endpoint, {
    list: async () => (await storage()).list(),
    async read({ id }) {
      const content = await (await storage()).read(id);
      return content && moved(content, [content.checkpoint.state, ...content.snapshots]);
    },
    overview: async ({ id }) => (await storage()).overview(id),
    async parametersAt({ id, step }) {
      const parameters = await (await storage()).parametersAt(id, step);
      return parameters && moved(parameters, [{ parameters }]);
    },
    async addPart(part) {
      parts.push(part);
    },
    async save({ position, optimizer: { kind, step, slots: names }, snapshots, ...change }) {
      const [parameters, ...others] = parts;
      parts = [];
      const kept = others.splice(names.length);
      const slots = Object.fromEntries(names.map((name, i) => [name, others[i]]));
      const optimizer = { kind, step, slots };
      await (await storage()).save({
        ...change,
        checkpoint: { position, state: { parameters, optimizer } },
        snapshots: snapshots.map((snapshot, i) => ({ ...snapshot, parameters: kept[i] })),
      });
    },
    saveResults: async ({ id, change }) => (await storage()).saveResults(id, change),
    mark: async ({ id, marks }) => (await storage()).mark(id, marks),
    remove: async ({ id }) => (await storage()).remove(id),
    saveData: async (data) => (await storage()).saveData(data),
    async readData({ id }) {
      const data = await (await storage()).readData(id);
      if (!data) return undefined;
      const { train, test } = data;
      const buffers = [train.images, train.labels, test.images, test.labels].map(({ buffer }) => buffer);
      return new Transferred(data, [...new Set(buffers)]);
    },
    listData: async () => (await storage()).listData(),
  });
}

/** Moves the result's parameter buffers; copying a run of a hundred megabytes would block the page. */
function moved<Result>(result: Result, parts: readonly { parameters: Parameters }[]): Transferred<Result> {
  const buffers = parts.flatMap(({ parameters }) => buffersOf(parameters));
  return new Transferred(
    result,
    [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer),
  );
}
