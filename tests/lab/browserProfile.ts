import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import type { TabLocks } from '../../src/lab/keep/runLocks.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { createLabApi } from '../../src/lab/script/createLabApi.ts';
import type { LabApi } from '../../src/lab/script/labApi.ts';
import type { Settings } from '../../src/lab/state/settings.ts';
import { startWorkers } from '../../src/workers/client.ts';
import type { WorkerLike } from '../../src/workers/revivable.ts';
import type { RunStorage } from '../../src/workers/runStorage.ts';
import { spawnInNode } from './nodeWorkers.ts';

/** A page with a lab. */
export interface Tab {
  lab: Lab;
  /** The `window.lab` of a browser. */
  api: LabApi;
  /** Ends all workers and releases the tab's run, like closing or reloading the page. */
  close(): void;
}

/** The data that outlive a page: the database, the locks, and the space on the disk. */
export interface BrowserProfile {
  /** Maximum bytes of all runs together. */
  quota: number;
  open(options?: { comesBack?: boolean; settings?: Partial<Settings> }): Promise<Tab>;
  closeAll(): void;
}

/** A small network, always with the same arithmetic. */
const SETTINGS: Partial<Settings> = { engine: 'wasm', filters: 4, seed: 5 };

/** A new profile. Its database is the global `indexedDB` until the next profile is created. */
export function createProfile(): BrowserProfile {
  define('indexedDB', new IDBFactory());
  // Node 20 lacks `navigator`; the wasm engine reads the number of cores from it.
  if (globalThis.navigator === undefined) define('navigator', { hardwareConcurrency: 2 });
  const held = new Map<string, object>();
  const tabs = new Set<Tab>();

  const profile: BrowserProfile = {
    quota: Number.POSITIVE_INFINITY,
    async open({ comesBack = true, settings } = {}) {
      const owner = {};
      const started = new Set<WorkerLike>();
      const workers = startWorkers((kind, name) => {
        const worker = spawnInNode(kind, name);
        started.add(worker);
        return worker;
      });
      const core = createLab({
        workers,
        dataUrl: 'http://localhost/mnist/',
        pageUrl: 'http://localhost/',
        settings: { ...SETTINGS, ...settings },
        whenDrawn: (callback) => setTimeout(callback, 5),
        runStorage: workers.openRunStorage().then((storage) => limited(storage, () => profile.quota)),
        locks: locksOf(held, owner),
        comesBack,
        cores: 2,
      });
      const lab = await core.whole();
      const tab: Tab = {
        lab,
        api: createLabApi(lab),
        close() {
          for (const worker of started) worker.terminate();
          for (const [run, by] of held) if (by === owner) held.delete(run);
          tabs.delete(tab);
        },
      };
      tabs.add(tab);
      await lab.ready;
      return tab;
    },
    closeAll() {
      for (const tab of [...tabs]) tab.close();
    },
  };
  return profile;
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** Rejects writes beyond the disk's size, like IndexedDB. */
function limited(storage: RunStorage, quota: () => number): RunStorage {
  return {
    ...storage,
    async save(change) {
      const others = (await storage.list()).filter(({ id }) => id !== change.run.id);
      const bytes = others.reduce((sum, run) => sum + run.bytes, change.run.bytes);
      if (bytes > quota()) throw new DOMException('The disk is full.', 'QuotaExceededError');
      await storage.save(change);
    },
  };
}

/** The locks of one of the profile's tabs. */
function locksOf(held: Map<string, object>, owner: object): TabLocks {
  return {
    async take(run) {
      const by = held.get(run);
      if (by !== undefined && by !== owner) return false;
      held.set(run, owner);
      return true;
    },
    release(run) {
      if (held.get(run) === owner) held.delete(run);
    },
    held: async () => new Set(held.keys()),
    onLost: () => undefined,
  };
}
