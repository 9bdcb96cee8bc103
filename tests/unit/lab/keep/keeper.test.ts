import { describe, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { OverTrainingFinding } from '../../../../src/lab/adversarial/robustnessFinding.ts';
import { savable } from '../../../../src/lab/keep/findings.ts';
import { createKeeper } from '../../../../src/lab/keep/keeper.ts';
import { readKeptResults } from '../../../../src/lab/keep/readFindings.ts';
import { MOST_RUNS } from '../../../../src/lab/keep/room.ts';
import type { TabLocks } from '../../../../src/lab/keep/runLocks.ts';
import { historyOf } from '../../../../src/lab/state/history.ts';
import { createProblems } from '../../../../src/lab/state/problems.ts';
import { defaultSettings } from '../../../../src/lab/state/settings.ts';
import type { LabState } from '../../../../src/lab/state/state.ts';
import { notebookNetwork } from '../../../../src/ml/model/network.ts';
import { Mt19937 } from '../../../../src/ml/random/mt19937.ts';
import { SnapshotStore } from '../../../../src/ml/training/snapshots.ts';
import type { Checkpoint } from '../../../../src/workers/protocol.ts';
import { BLOCK, type RunStorage } from '../../../../src/workers/runStorage.ts';
import { labState } from '../labState.ts';
import { createMemoryStorage } from './memoryStorage.ts';

/** Locks of a browser whose tabs each have a keeper. */
function createBrowser() {
  const owners = new Map<string, object>();
  return (): TabLocks => {
    const tab = {};
    return {
      async take(run) {
        if (owners.has(run) && owners.get(run) !== tab) return false;
        owners.set(run, tab);
        return true;
      },
      release: (run) => void owners.delete(run),
      held: async () => new Set(owners.keys()),
      onLost: () => undefined,
    };
  };
}

function openTab(storage: RunStorage | Promise<RunStorage>, locks: TabLocks) {
  const lab = createStore(() =>
    labState({
      settings: defaultSettings(),
      network: notebookNetwork(),
      history: historyOf({ losses: new Float32Array(0), accuracies: new Float32Array(0), epochs: [] }),
      engine: { id: 'wasm', description: 'plain', arithmetic: 'plain', reason: '' },
      problems: [],
    }),
  );
  const snapshots = new SnapshotStore();
  const released: number[] = [];
  const keeper = createKeeper({
    labStore: lab,
    snapshots,
    storage: Promise.resolve(storage),
    locks,
    problems: createProblems(lab),
    fullWait: 5,
    roomWait: 1,
  });
  keeper.onRelease(({ position }) => released.push(position.step));
  /** As in the lab, the history reaches the checkpoint's step. */
  const receive = (step: number) => {
    const losses = Float32Array.from({ length: step }, (_, i) => 1 / (i + 1));
    lab.setState({ history: historyOf({ losses, accuracies: losses.slice(), epochs: [] }) });
    snapshots.add({ step, epoch: 0, epochEnd: false, parameters: { w: Float32Array.of(step) } });
    keeper.checkpoint(checkpointAt(step), { worthKeeping: true });
  };
  const trainTo = async (step: number) => {
    receive(step);
    await keeper.refresh();
    await keeper.refresh();
  };
  const setStatus = (status: LabState['status']) => lab.setState({ status });
  return {
    keeper,
    snapshots,
    problems: () => lab.getState().problems,
    receive,
    trainTo,
    setStatus,
    released,
  };
}

/** A tab whose storage is slow enough that it rests between writes, and the writes so far. */
function openSlowTab() {
  const storage = createMemoryStorage();
  const writes: { step: number; from: number; to: number }[] = [];
  const tab = openTab(
    {
      ...storage,
      async save(change) {
        const from = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 80));
        await storage.save(change);
        writes.push({ step: change.run.step, from, to: performance.now() });
      },
    },
    createBrowser()(),
  );
  return { tab, writes };
}

function checkpointAt(step: number): Checkpoint {
  const w = Float32Array.of(step, step + 0.5);
  return {
    position: {
      seed: 7,
      generator: new Mt19937(7).state(),
      step,
      epoch: 0,
      offset: 64 * step,
      lossSum: 0,
      correct: 0,
      seconds: 0,
    },
    state: {
      parameters: { w },
      optimizer: { kind: 'adam', step, slots: { exp_avg: { w }, exp_avg_sq: { w } } },
    },
    log: [{ kind: 'reset', step: 0, seed: 7, filters: 32, kernelSize: 3 }],
    settings: { batchSize: 64, learningRate: '1e-3' },
  };
}

function findingAt(step: number, method: 'fgsm' | 'pgd'): OverTrainingFinding {
  return {
    kind: 'overTraining',
    step,
    attack: { method, norm: 'linf', epsilon: 0.1, randomStart: false, count: 10 },
    correctBefore: 9,
    correct: 5,
    correctAs8Bit: 6,
  };
}

/** Waits for as long as a busy machine may take. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 10_000 });

describe('a keeper', () => {
  it('restores a run of any length as of its last checkpoint', async () => {
    const storage = createMemoryStorage();
    const browser = createBrowser();
    const first = openTab(storage, browser());
    await first.trainTo(10);
    await first.trainTo(BLOCK + 5);
    await first.trainTo(2 * BLOCK + 1);
    first.snapshots.dropAfter(BLOCK + 5);
    await first.trainTo(2 * BLOCK + 3);
    const id = first.keeper.store.getState().present ?? '';
    first.keeper.begin();
    await first.keeper.refresh();

    const found = await openTab(storage, browser()).keeper.read(id);
    expect(found.run).toMatchObject({ name: 'Seed 7', step: 2 * BLOCK + 3, left: true, pinned: false });
    expect(found.losses).toEqual(Float32Array.from({ length: 2 * BLOCK + 3 }, (_, i) => 1 / (i + 1)));
    expect(found.snapshots.map(({ step }) => step)).toEqual([10, BLOCK + 5, 2 * BLOCK + 3]);
    expect(found.checkpoint.state.optimizer.slots.exp_avg_sq.w).toEqual(
      Float32Array.of(2 * BLOCK + 3, 2 * BLOCK + 3.5),
    );
  });

  it('gives a checkpoint back once it is neither the newest nor being written', async () => {
    const storage = createMemoryStorage();
    const writes: { step: number; end(): void }[] = [];
    const { keeper, released } = openTab(
      {
        ...storage,
        async save(change) {
          await new Promise<void>((end) => writes.push({ step: change.run.step, end }));
          await storage.save(change);
        },
      },
      createBrowser()(),
    );
    const receive = (step: number) => keeper.checkpoint(checkpointAt(step), { worthKeeping: true });
    receive(10);
    await soon(() => expect(writes).toHaveLength(1));
    receive(20);
    receive(30);
    // The first is being written; the second was replaced before its write.
    expect(writes[0].step).toBe(10);
    expect(released).toEqual([20]);
    writes[0].end();
    await soon(() => expect(released).toEqual([20, 10]));
    await soon(() => expect(writes).toHaveLength(2));
    writes[1].end();
    await keeper.refresh();
    expect(released).toEqual([20, 10]);
    keeper.begin();
    expect(released).toEqual([20, 10, 30]);
  });

  it('writes each snapshot and each full block of losses once', async () => {
    const storage = createMemoryStorage();
    const written: { blocks: number; snapshots: number[] }[] = [];
    const tab = openTab(
      {
        ...storage,
        save(change) {
          written.push({
            blocks: change.blocks.length,
            snapshots: change.snapshots.map(({ step }) => step),
          });
          return storage.save(change);
        },
      },
      createBrowser()(),
    );
    await tab.trainTo(BLOCK + 1);
    await tab.trainTo(BLOCK + 2);
    expect(written).toEqual([
      { blocks: 2, snapshots: [BLOCK + 1] },
      { blocks: 1, snapshots: [BLOCK + 2] },
    ]);
  });

  it('reopens only a run that the page had not left and that no other tab uses', async () => {
    const storage = createMemoryStorage();
    const browser = createBrowser();
    const locks = browser();
    const first = openTab(storage, locks);
    expect(await first.keeper.unfinished()).toBeUndefined();
    await first.trainTo(3);
    const id = first.keeper.store.getState().present ?? '';

    const second = openTab(storage, browser());
    expect(await second.keeper.unfinished()).toBe('elsewhere');
    await expect(second.keeper.read(id)).rejects.toThrow(/another tab uses/);
    await second.trainTo(5);
    expect((await second.keeper.refresh()).map(({ step }) => step).sort()).toEqual([3, 5]);
    second.keeper.begin();
    await second.keeper.refresh();

    // The newest run belongs to the second tab, which left it.
    expect(await openTab(storage, browser()).keeper.unfinished()).toBeUndefined();
    await first.trainTo(4);
    locks.release(id);
    expect(await openTab(storage, browser()).keeper.unfinished()).toMatchObject({ run: { id, step: 4 } });
  });

  it('drops the oldest unpinned runs beyond its budget', async () => {
    const storage = createMemoryStorage();
    const tab = openTab(storage, createBrowser()());
    const ids: string[] = [];
    for (let i = 0; i < MOST_RUNS + 3; i++) {
      await tab.trainTo(i + 1);
      ids.push(tab.keeper.store.getState().present ?? '');
      if (i === 0) await tab.keeper.pin(ids[0], true);
      tab.keeper.begin();
      // The dates decide which run is older.
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    const kept = (await tab.keeper.refresh()).map(({ id }) => id);
    expect(kept).toHaveLength(MOST_RUNS);
    expect(kept).toContain(ids[0]);
    expect(kept).not.toContain(ids[1]);
    expect(kept[0]).toBe(ids.at(-1));
  });
});

describe('a keeper with slow storage', () => {
  it('lets slow storage rest while the network trains, and writes at once when it stops', async () => {
    const { tab, writes } = openSlowTab();
    tab.setStatus('training');
    await tab.trainTo(1);
    expect(writes).toHaveLength(1);
    for (let step = 2; step <= 5; step++) tab.receive(step);
    await vi.waitFor(() => expect(writes).toHaveLength(2), { timeout: 10_000 });
    const [first, second] = writes;
    expect(second.from - first.to).toBeGreaterThan(4 * 79);
    expect(second.step).toBe(5);
    tab.receive(6);
    tab.setStatus('idle');
    await vi.waitFor(() => expect(writes).toHaveLength(3), { timeout: 10_000 });
    expect(writes[2].step).toBe(6);
  });

  it('lists the runs with everything that waited for the storage to rest', async () => {
    const { tab, writes } = openSlowTab();
    tab.setStatus('training');
    await tab.trainTo(1);
    tab.receive(2);
    tab.receive(3);
    expect((await tab.keeper.refresh()).map(({ step }) => step)).toEqual([3]);
    // A new run waits for the storage, too.
    tab.keeper.begin();
    tab.receive(4);
    expect((await tab.keeper.refresh()).map(({ step }) => step).sort()).toEqual([3, 4]);
    expect(writes.map(({ step }) => step)).toEqual([1, 3, 4]);
  });
});

describe('a keeper’s saved runs', () => {
  it('restores findings, except those about steps beyond the last checkpoint', async () => {
    const storage = createMemoryStorage();
    const browser = createBrowser();
    const tab = openTab(storage, browser());
    const { findings } = tab.keeper;
    // Nothing of the run is worth saving yet.
    findings.note(savable(findingAt(0, 'fgsm')));
    await tab.trainTo(3);
    findings.note(savable(findingAt(3, 'fgsm')));
    findings.note(savable(findingAt(3, 'pgd')));
    findings.note(savable(findingAt(4, 'pgd')));
    const id = tab.keeper.store.getState().present ?? '';
    const keptSteps = async () => {
      await tab.keeper.refresh();
      return (await storage.read(id))?.results.map(({ step }) => step);
    };
    expect(await keptSteps()).toEqual([0, 3, 3]);
    await tab.trainTo(5);
    expect(await keptSteps()).toEqual([0, 3, 3, 4]);
    findings.forget([savable(findingAt(3, 'pgd')).key]);
    expect(await keptSteps()).toEqual([0, 3, 4]);
    // The run continues from a checkpoint, so later findings are dropped.
    findings.note(savable(findingAt(6, 'fgsm')));
    tab.keeper.wentBack(5);
    await tab.trainTo(7);
    expect(await keptSteps()).toEqual([0, 3, 4]);

    tab.keeper.begin();
    expect(findings.all()).toEqual([]);
    const content = await openTab(storage, browser()).keeper.read(id);
    const run = { network: notebookNetwork(), step: 7 };
    const [first, ...others] = await readKeptResults(content.results, run);
    expect(first).toEqual(findingAt(0, 'fgsm'));
    expect(others).toHaveLength(2);
    // Reopened: data that are already written are neither written again nor lost.
    tab.keeper.begin(content);
    findings.begin([first, ...others].map(savable), { written: true });
    await tab.trainTo(8);
    expect(await keptSteps()).toEqual([0, 3, 4]);
    const [damaged] = content.results;
    const results = [
      { ...damaged, value: { step: 0 } },
      { ...damaged, kind: 'dreams' },
    ];
    expect(await readKeptResults(results, run)).toEqual([]);
  });

  it('renames and deletes with undo, and shows a run for comparison', async () => {
    const storage = createMemoryStorage();
    const tab = openTab(storage, createBrowser()());
    await tab.trainTo(4);
    const id = tab.keeper.store.getState().present ?? '';
    await tab.keeper.rename(id, 'Mine');
    await tab.trainTo(6);
    expect(await tab.keeper.refresh()).toMatchObject([{ name: 'Mine', step: 6 }]);
    await expect(tab.keeper.remove(id)).rejects.toThrow(/on the page/);
    tab.keeper.begin();
    const overview = await tab.keeper.overview(id);
    expect(overview).toMatchObject({ run: { name: 'Mine', step: 6 }, moments: [{ step: 4 }, { step: 6 }] });
    expect(overview.losses).toHaveLength(6);
    expect(await tab.keeper.parametersAt(id, 4)).toEqual({ w: Float32Array.of(4) });
    await expect(tab.keeper.parametersAt(id, 5)).rejects.toThrow(/step 5, found none/);
    await expect(tab.keeper.overview('other')).rejects.toThrow(/expected a saved run/);
    await tab.keeper.refresh();
    await tab.keeper.remove(id);
    expect(tab.keeper.store.getState()).toMatchObject({ runs: [] });
    await tab.keeper.undoRemove();
    expect(await tab.keeper.refresh()).toMatchObject([{ name: 'Mine' }]);
    await tab.keeper.remove(id);
    // The deletion can't be undone at the next visit.
    await openTab(storage, createBrowser()()).keeper.refresh();
    expect(await storage.list()).toEqual([]);
  });
});

describe('a keeper without storage, or without space', () => {
  it('reports what it cannot save, and continues', async () => {
    const blocked = openTab(Promise.reject(new Error('access denied')), createBrowser()());
    await blocked.trainTo(2);
    expect(await blocked.keeper.unfinished()).toBeUndefined();
    expect(blocked.keeper.last()?.position.step).toBe(2);
    expect(blocked.problems()).toHaveLength(1);
    expect(blocked.problems()[0].message).toMatch(/can’t be saved in this browser \(access denied\)/);
  });

  it('frees a full storage by deleting old runs, reports when no run is left to delete, and continues when there is space', async () => {
    const storage = createMemoryStorage();
    const browser = createBrowser();
    let most = 2;
    const full: RunStorage = {
      ...storage,
      async save(change) {
        const others = (await storage.list()).filter(({ id }) => id !== change.run.id);
        if (others.length >= most) throw new DOMException('full', 'QuotaExceededError');
        return storage.save(change);
      },
    };
    const tab = openTab(full, browser());
    for (const step of [1, 2, 3]) {
      await tab.trainTo(step);
      tab.keeper.begin();
    }
    expect((await tab.keeper.refresh()).map(({ step }) => step).sort()).toEqual([2, 3]);
    expect(tab.problems()).toEqual([]);
    // Pinned runs stay; the present run stays as of its last complete checkpoint.
    await tab.trainTo(4);
    const runs = await tab.keeper.refresh();
    for (const { id } of runs) await tab.keeper.pin(id, true);
    most = 1;
    await tab.trainTo(5);
    await tab.trainTo(6);
    expect(tab.problems()).toMatchObject([
      { message: expect.stringMatching(/storage is full.*step 4 only/) },
    ]);
    expect((await tab.keeper.refresh()).map(({ step }) => step).sort()).toEqual([3, 4]);

    // With a full storage, a deleted run is removed at once.
    const pinned = runs.find(({ step }) => step === 3)?.id ?? '';
    await tab.keeper.remove(pinned);
    expect(tab.keeper.store.getState().deleted).toBeUndefined();
    await vi.waitFor(async () => expect(await tab.keeper.refresh()).toMatchObject([{ step: 6 }]));
    expect(tab.problems()).toEqual([]);
    expect((await storage.read(tab.keeper.store.getState().present ?? ''))?.snapshots).toHaveLength(6);
  });
});
