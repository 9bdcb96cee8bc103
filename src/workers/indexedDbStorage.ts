import { type DBSchema, openDB } from 'idb';
import { migrateOptimizerState } from '../ml/model/optimizer.ts';
import type { Snapshot } from '../ml/training/snapshots.ts';
import {
  joinBlocks,
  type KeptCheckpoint,
  type KeptCurves,
  type KeptMoment,
  type KeptResult,
  type KeptRun,
  momentOf,
  type RunStorage,
  withCheckpoint,
  withMarksOf,
} from './runStorage.ts';

interface Schema extends DBSchema {
  runs: { key: string; value: KeptRun };
  checkpoints: { key: string; value: KeptCheckpoint };
  /** By run and number. */
  blocks: { key: [string, number]; value: KeptCurves };
  /** By run and step. */
  snapshots: { key: [string, number]; value: Snapshot };
  /** By run and the result's key. */
  results: { key: [string, string]; value: KeptResult };
}

const STORES = ['runs', 'checkpoints', 'blocks', 'snapshots', 'results'] as const;
/** 2: with results. A version adds stores only, so that the runs of an older one stay. */
const VERSION = 2;
/** Some browsers neither open nor refuse a database in private mode. */
const LONGEST_WAIT = 5000;

/** Checkpoints of runs before there was another optimizer than Adam are still there. */
function migrated({ position, state }: KeptCheckpoint): KeptCheckpoint {
  return { position, state: { ...state, optimizer: migrateOptimizerState(state.optimizer) } };
}

/** Keeps runs in IndexedDB. @throws where the browser blocks it. */
export async function openIndexedDbStorage(): Promise<RunStorage> {
  const db = await inTime(
    openDB<Schema>('untangle', VERSION, {
      upgrade(db) {
        for (const name of STORES) {
          if (!db.objectStoreNames.contains(name)) db.createObjectStore(name);
        }
      },
      blocking: (_old, _new, event) => {
        // A newer version of the page waits in another tab.
        if (event.target instanceof IDBDatabase) event.target.close();
      },
    }),
  );

  return {
    list: () => db.getAll('runs'),
    async look(id) {
      const transaction = db.transaction(STORES);
      const run = await transaction.objectStore('runs').get(id);
      const checkpoint = await transaction.objectStore('checkpoints').get(id);
      if (!run || !checkpoint) return undefined;
      const blocks = await transaction.objectStore('blocks').getAll(ofRun(id));
      const snapshots: KeptMoment[] = [];
      for await (const { value } of transaction.objectStore('snapshots').iterate(ofRun(id))) {
        snapshots.push(momentOf(value, run.network));
      }
      const moments = withCheckpoint(snapshots, checkpoint, run.network);
      const results = await transaction.objectStore('results').getAll(ofRun(id));
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
      const run = await transaction.objectStore('runs').get(id);
      const checkpoint = await transaction.objectStore('checkpoints').get(id);
      if (!run || !checkpoint) return undefined;
      const blocks = await transaction.objectStore('blocks').getAll(ofRun(id));
      const snapshots: Snapshot[] = [];
      // One at a time: a hundred megabytes in one answer would hold up the page.
      for await (const { value } of transaction.objectStore('snapshots').iterate(ofRun(id))) {
        snapshots.push(value);
      }
      const results = await transaction.objectStore('results').getAll(ofRun(id));
      const content = { run, snapshots, results, ...joinBlocks(blocks, run.step) };
      return { ...content, checkpoint: migrated(checkpoint) };
    },
    async save({ run, checkpoint, firstBlock, blocks, snapshots, dropped }) {
      const transaction = db.transaction(STORES, 'readwrite');
      const runs = transaction.objectStore('runs');
      const known = await runs.get(run.id);
      await Promise.all([
        runs.put(withMarksOf(run, known), run.id),
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
      // A run that was dropped meanwhile keeps nothing.
      const isThere = (await transaction.objectStore('runs').getKey(id)) !== undefined;
      await Promise.all([
        ...(isThere ? results.map((result) => store.put(result, [id, result.key])) : []),
        ...forgotten.map((key) => store.delete([id, key])),
        transaction.done,
      ]);
    },
    async mark(id, marks) {
      const { store, done } = db.transaction('runs', 'readwrite');
      const known = await store.get(id);
      if (known) await store.put({ ...known, ...marks }, id);
      await done;
    },
    async remove(id) {
      const transaction = db.transaction(STORES, 'readwrite');
      await Promise.all([
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

/** Everything of a run, in its order. */
function ofRun(id: string): IDBKeyRange {
  // A list comes after every number and text.
  return IDBKeyRange.bound([id], [id, []]);
}

function inTime<Result>(work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it did not answer')), LONGEST_WAIT);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
