import type { DataSet } from '../../../../src/ml/data/dataset.ts';
import type { Snapshot } from '../../../../src/ml/training/snapshots.ts';
import {
  joinBlocks,
  type KeptCheckpoint,
  type KeptCurves,
  momentOf,
  type RunStorage,
  withCheckpoint,
  withMarksOf,
} from '../../../../src/workers/runStorage.ts';
import type { KeptResult, KeptRun } from '../../../../src/workers/storedRecords.ts';

interface Entry {
  run: KeptRun;
  checkpoint: KeptCheckpoint;
  blocks: KeptCurves[];
  snapshots: Map<number, Snapshot>;
  results: Map<string, KeptResult>;
}

/** A storage of runs in memory, with the behavior of IndexedDB. */
export function createMemoryStorage(): RunStorage {
  const images = new Map<string, DataSet>();
  const entries = new Map<string, Entry>();
  const curvesOf = ({ blocks, run }: Entry) => joinBlocks(blocks, run.step);
  return {
    list: async () => structuredClone([...entries.values()].map(({ run }) => run)),
    async read(id) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      const { run, checkpoint } = entry;
      const snapshots = [...entry.snapshots.values()].sort((a, b) => a.step - b.step);
      const results = [...entry.results.values()];
      return structuredClone({ run, checkpoint, snapshots, results, ...curvesOf(entry) });
    },
    async overview(id) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      const { run, checkpoint } = entry;
      const snapshots = [...entry.snapshots.values()].map((snapshot) => momentOf(snapshot, run.network));
      const moments = withCheckpoint(snapshots, checkpoint, run.network);
      const results = [...entry.results.values()];
      return structuredClone({ run, moments, results, ...curvesOf(entry) });
    },
    async parametersAt(id, step) {
      const entry = entries.get(id);
      const stands = entry?.checkpoint.position.step === step && entry.checkpoint.state.parameters;
      return structuredClone(entry?.snapshots.get(step)?.parameters ?? (stands || undefined));
    },
    async save(change) {
      const { run, checkpoint, firstBlock, blocks, snapshots, dropped } = structuredClone(change);
      const known = entries.get(run.id);
      const entry: Entry = {
        run: withMarksOf(run, known?.run),
        checkpoint,
        blocks: [...(known?.blocks ?? []).slice(0, firstBlock), ...blocks],
        snapshots: known?.snapshots ?? new Map(),
        results: known?.results ?? new Map(),
      };
      for (const step of dropped) entry.snapshots.delete(step);
      for (const snapshot of snapshots) entry.snapshots.set(snapshot.step, snapshot);
      entries.set(run.id, entry);
    },
    async saveResults(id, change) {
      const { results, forgotten } = structuredClone(change);
      const kept = entries.get(id)?.results;
      for (const result of results) kept?.set(result.key, result);
      for (const key of forgotten) kept?.delete(key);
    },
    async mark(id, marks) {
      const entry = entries.get(id);
      if (entry) Object.assign(entry.run, marks);
    },
    async remove(id) {
      entries.delete(id);
    },
    async saveData(data) {
      images.set(data.id, structuredClone(data));
    },
    readData: async (id) => images.get(id),
    listData: async () => [...images.values()],
  };
}
