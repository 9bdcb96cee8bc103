import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import type { StoredValue } from '../ml/formats/json.ts';
import type { Snapshot } from '../ml/training/snapshots.ts';
import {
  BLOCK,
  dataOnlyOf,
  joinBlocks,
  type KeptMoment,
  momentOf,
  type RunStorage,
  withCheckpoint,
  withMarksOf,
} from './runStorage.ts';
import {
  keptBlock,
  keptCheckpoint,
  keptData,
  keptDataName,
  keptSnapshot,
  readBlocks,
} from './storedArrays.ts';
import { type KeptRun, keptResult, keptRun, readAllStored, readStored } from './storedRecords.ts';

interface Schema extends DBSchema {
  runs: { key: string; value: StoredValue };
  checkpoints: { key: string; value: StoredValue };
  /** Keyed by run and block number. */
  blocks: { key: [string, number]; value: StoredValue };
  /** Keyed by run and step. */
  snapshots: { key: [string, number]; value: StoredValue };
  /** Keyed by run and the result's key. */
  results: { key: [string, string]; value: StoredValue };
  /** A person's own images, keyed by their id. */
  data: { key: string; value: StoredValue };
  /** The same without the images, to list them. */
  dataNames: { key: string; value: StoredValue };
}

const STORES = ['runs', 'checkpoints', 'blocks', 'snapshots', 'results'] as const;
const DATA_STORES = ['data', 'dataNames'] as const;
/** Version 2 added results, version 3 a person's own images. A new version only adds stores, so that existing runs stay readable. */
const VERSION = 3;
/** Milliseconds to wait for the database; some browsers neither open nor refuse it in private mode. */
const LONGEST_WAIT = 5000;

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

  return { ...readers(db), ...runWriters(db), ...dataCalls(db) };
}

type Database = IDBPDatabase<Schema>;
type Transaction = IDBPTransaction<Schema, (typeof STORES)[number][]>;

/** Reads everything of a run except its parameters; undefined if the run or its checkpoint is missing or damaged. */
async function readRun(transaction: Transaction, id: string) {
  const run = readStored(keptRun, await transaction.objectStore('runs').get(id));
  const stored = run && (await transaction.objectStore('checkpoints').get(id));
  const checkpoint = run && readStored(keptCheckpoint(run.network), stored);
  if (!checkpoint) return undefined;
  const blocks = transaction.objectStore('blocks');
  const numbers = Array.from({ length: Math.ceil(run.step / BLOCK) }, (_, i) => i);
  const curves = readBlocks(await Promise.all(numbers.map((i) => blocks.get([id, i]))), run.step);
  const results = readAllStored(keptResult, await transaction.objectStore('results').getAll(ofRun(id)));
  return { run, checkpoint, results, ...joinBlocks(curves, run.step) };
}

/** Reads a run's intact snapshots one at a time; a hundred megabytes in one answer would block the page. */
async function* snapshotsOf(transaction: Transaction, { id, network }: KeptRun): AsyncGenerator<Snapshot> {
  const form = keptSnapshot(network);
  for await (const { value } of transaction.objectStore('snapshots').iterate(ofRun(id))) {
    const snapshot = readStored(form, value);
    if (snapshot) yield snapshot;
  }
}

function readers(db: Database): Pick<RunStorage, 'list' | 'overview' | 'parametersAt' | 'read'> {
  return {
    list: async () => readAllStored(keptRun, await db.getAll('runs')),
    async overview(id) {
      const transaction = db.transaction(STORES);
      const found = await readRun(transaction, id);
      if (!found) return undefined;
      const { checkpoint, ...overview } = found;
      const { run } = overview;
      const snapshots: KeptMoment[] = [];
      for await (const snapshot of snapshotsOf(transaction, run)) {
        snapshots.push(momentOf(snapshot, run.network));
      }
      return { ...overview, moments: withCheckpoint(snapshots, checkpoint, run.network) };
    },
    async parametersAt(id, step) {
      const transaction = db.transaction(STORES);
      const run = readStored(keptRun, await transaction.objectStore('runs').get(id));
      if (!run) return undefined;
      const stored = await transaction.objectStore('snapshots').get([id, step]);
      const snapshot = readStored(keptSnapshot(run.network), stored);
      if (snapshot) return snapshot.parameters;
      const newest = await transaction.objectStore('checkpoints').get(id);
      const checkpoint = readStored(keptCheckpoint(run.network), newest);
      return checkpoint?.position.step === step ? checkpoint.state.parameters : undefined;
    },
    async read(id) {
      const transaction = db.transaction(STORES);
      const found = await readRun(transaction, id);
      if (!found) return undefined;
      const snapshots: Snapshot[] = [];
      for await (const snapshot of snapshotsOf(transaction, found.run)) snapshots.push(snapshot);
      return { ...found, snapshots };
    },
  };
}

function runWriters(db: Database): Pick<RunStorage, 'save' | 'saveResults' | 'mark' | 'remove'> {
  return {
    async save({ run, checkpoint, firstBlock, blocks, snapshots, dropped }) {
      const transaction = db.transaction(STORES, 'readwrite');
      const runs = transaction.objectStore('runs');
      const moments = transaction.objectStore('snapshots');
      const known = readStored(keptRun, await runs.get(run.id));
      const form = keptSnapshot(run.network);
      await Promise.all([
        runs.put(keptRun.write(withMarksOf(run, known)), run.id),
        transaction.objectStore('checkpoints').put(keptCheckpoint(run.network).write(checkpoint), run.id),
        ...blocks.map((block, i) =>
          transaction.objectStore('blocks').put(keptBlock.write(block), [run.id, firstBlock + i]),
        ),
        ...dropped.map((step) => moments.delete([run.id, step])),
        ...snapshots.map((snapshot) => moments.put(form.write(snapshot), [run.id, snapshot.step])),
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
  };
}

function dataCalls(db: Database): Pick<RunStorage, 'saveData' | 'readData' | 'listData'> {
  return {
    async saveData(data) {
      const transaction = db.transaction(DATA_STORES, 'readwrite');
      await Promise.all([
        transaction.objectStore('data').put(keptData.write(data), data.id),
        transaction.objectStore('dataNames').put(keptDataName.write(data), data.id),
        transaction.done,
      ]);
    },
    readData: async (id) => readStored(keptData, await db.get('data', id)),
    listData: async () => readAllStored(keptDataName, await db.getAll('dataNames')),
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
