import { type DBSchema, openDB } from 'idb';
import type { DataDescription, DataSet } from '../ml/data/dataset.ts';
import { migrateOptimizerState } from '../ml/model/optimizer.ts';
import type { Snapshot } from '../ml/training/snapshots.ts';
import {
  dataOnlyOf,
  joinBlocks,
  type KeptCheckpoint,
  type KeptCurves,
  type KeptMoment,
  momentOf,
  type RunStorage,
  withCheckpoint,
  withMarksOf,
} from './runStorage.ts';
import { keptResult, keptRun, readAllStored, readStored, type StoredRecord } from './storedRecords.ts';

interface Schema extends DBSchema {
  runs: { key: string; value: StoredRecord };
  checkpoints: { key: string; value: KeptCheckpoint };
  /** Keyed by run and block number. */
  blocks: { key: [string, number]; value: KeptCurves };
  /** Keyed by run and step. */
  snapshots: { key: [string, number]; value: Snapshot };
  /** Keyed by run and the result's key. */
  results: { key: [string, string]; value: StoredRecord };
  /** A person's own images, keyed by their id. */
  data: { key: string; value: DataSet };
  /** The same without the images, to list them. */
  dataNames: { key: string; value: DataDescription };
}

const STORES = ['runs', 'checkpoints', 'blocks', 'snapshots', 'results'] as const;
const DATA_STORES = ['data', 'dataNames'] as const;
/** Version 2 added results, version 3 a person's own images. A new version only adds stores, so that existing runs stay readable. */
const VERSION = 3;
/** Milliseconds to wait for the database; some browsers neither open nor refuse it in private mode. */
const LONGEST_WAIT = 5000;

/** Converts checkpoints from before there were optimizers other than Adam. */
function migrated({ position, state }: KeptCheckpoint): KeptCheckpoint {
  return { position, state: { ...state, optimizer: migrateOptimizerState(state.optimizer) } };
}

/** Opens run storage in IndexedDB. @throws if the browser blocks it. */
export async function openIndexedDbStorage(): Promise<RunStorage> {
  const db = await inTime(
    openDB<Schema>('untangle', VERSION, {
      upgrade(db) {
        for (const name of [...STORES, ...DATA_STORES]) {
          if (!db.objectStoreNames.contains(name)) db.createObjectStore(name);
        }
      },
      blocking: (_old, _new, event) => {
        // A newer version of the page in another tab waits for this connection to close.
        if (event.target instanceof IDBDatabase) event.target.close();
      },
    }),
  );

  return {
    list: async () => readAllStored(keptRun, await db.getAll('runs')),
    async overview(id) {
      const transaction = db.transaction(STORES);
      const run = readStored(keptRun, await transaction.objectStore('runs').get(id));
      const checkpoint = await transaction.objectStore('checkpoints').get(id);
      if (!run || !checkpoint) return undefined;
      const blocks = await transaction.objectStore('blocks').getAll(ofRun(id));
      const snapshots: KeptMoment[] = [];
      for await (const { value } of transaction.objectStore('snapshots').iterate(ofRun(id))) {
        snapshots.push(momentOf(value, run.network));
      }
      const moments = withCheckpoint(snapshots, checkpoint, run.network);
      const stored = await transaction.objectStore('results').getAll(ofRun(id));
      const results = readAllStored(keptResult, stored);
      return { run, moments, results, ...joinBlocks(blocks, run.step) };
    },
    async parametersAt(id, step) {
      const snapshot = await db.get('snapshots', [id, step]);
      if (snapshot) return snapshot.parameters;
      const checkpoint = await db.get('checkpoints', id);
      return checkpoint?.position.step === step ? checkpoint.state.parameters : undefined;
    },
    async read(id) {
      const transaction = db.transaction(STORES);
      const run = readStored(keptRun, await transaction.objectStore('runs').get(id));
      const checkpoint = await transaction.objectStore('checkpoints').get(id);
      if (!run || !checkpoint) return undefined;
      const blocks = await transaction.objectStore('blocks').getAll(ofRun(id));
      const snapshots: Snapshot[] = [];
      // Read snapshots one at a time; a hundred megabytes in one answer would block the page.
      for await (const { value } of transaction.objectStore('snapshots').iterate(ofRun(id))) {
        snapshots.push(value);
      }
      const stored = await transaction.objectStore('results').getAll(ofRun(id));
      const results = readAllStored(keptResult, stored);
      const content = { run, snapshots, results, ...joinBlocks(blocks, run.step) };
      return { ...content, checkpoint: migrated(checkpoint) };
    },
    async save({ run, checkpoint, firstBlock, blocks, snapshots, dropped }) {
      const transaction = db.transaction(STORES, 'readwrite');
      const runs = transaction.objectStore('runs');
      const known = readStored(keptRun, await runs.get(run.id));
      await Promise.all([
        runs.put(keptRun.write(withMarksOf(run, known)), run.id),
        transaction.objectStore('checkpoints').put(checkpoint, run.id),
        ...blocks.map((block, i) => transaction.objectStore('blocks').put(block, [run.id, firstBlock + i])),
        ...dropped.map((step) => transaction.objectStore('snapshots').delete([run.id, step])),
        ...snapshots.map((snapshot) =>
          transaction.objectStore('snapshots').put(snapshot, [run.id, snapshot.step]),
        ),
        transaction.done,
      ]);
    },
    async saveResults(id, { results, forgotten }) {
      const transaction = db.transaction(['runs', 'results'], 'readwrite');
      const store = transaction.objectStore('results');
      // Do not write results of a run that was deleted in the meantime.
      const isThere = (await transaction.objectStore('runs').getKey(id)) !== undefined;
      await Promise.all([
        ...(isThere ? results.map((result) => store.put(keptResult.write(result), [id, result.key])) : []),
        ...forgotten.map((key) => store.delete([id, key])),
        transaction.done,
      ]);
    },
    async mark(id, marks) {
      const { store, done } = db.transaction('runs', 'readwrite');
      const known = readStored(keptRun, await store.get(id));
      if (known) await store.put(keptRun.write({ ...known, ...marks }), id);
      await done;
    },
    async remove(id) {
      const transaction = db.transaction([...STORES, ...DATA_STORES], 'readwrite');
      const runs = readAllStored(keptRun, await transaction.objectStore('runs').getAll());
      const data = dataOnlyOf(
        runs.find((run) => run.id === id),
        runs,
      );
      await Promise.all([
        ...(data === undefined ? [] : DATA_STORES.map((name) => transaction.objectStore(name).delete(data))),
        transaction.objectStore('runs').delete(id),
        transaction.objectStore('checkpoints').delete(id),
        transaction.objectStore('blocks').delete(ofRun(id)),
        transaction.objectStore('snapshots').delete(ofRun(id)),
        transaction.objectStore('results').delete(ofRun(id)),
        transaction.done,
      ]);
    },
    async saveData(data) {
      const { id, name, sha256, classNames } = data;
      const transaction = db.transaction(DATA_STORES, 'readwrite');
      await Promise.all([
        transaction.objectStore('data').put(data, id),
        transaction.objectStore('dataNames').put({ id, name, sha256, classNames }, id),
        transaction.done,
      ]);
    },
    readData: (id) => db.get('data', id),
    listData: () => db.getAll('dataNames'),
  };
}

/** The key range of all records of a run. */
function ofRun(id: string): IDBKeyRange {
  // In IndexedDB's key order, an array sorts after every number and string.
  return IDBKeyRange.bound([id], [id, []]);
}

function inTime<Result>(work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the database did not answer')), LONGEST_WAIT);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
