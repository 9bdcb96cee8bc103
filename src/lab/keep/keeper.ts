import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Checkpoint } from '../../workers/protocol.ts';
import type {
  KeptContent,
  KeptLook,
  KeptRun,
  RunChange,
  RunMarks,
  RunStorage,
} from '../../workers/runStorage.ts';
import { messageOf } from '../state/errorText.ts';
import type { LabProblem, LabState } from '../state/state.ts';
import { checkpointDiff, type Saved } from './checkpointDiff.ts';
import { type Finding, resultOf } from './findings.ts';
import { createLedger } from './ledger.ts';
import type { TabLocks } from './tabLocks.ts';

/** Unpinned runs beyond either are dropped, oldest first. */
export const MOST_RUNS = 10;
export const MOST_BYTES = 500e6;

/** A reload may ask before the page that it replaces has let go of its run. */
const LOCK_TRIES = 5;
const LOCK_WAIT = 100;

/** Milliseconds until a full storage is tried again: each try sends all that is not kept yet. */
const FULL_WAIT = 15_000;
/** The room of what was removed or written over comes back a second or two later: so many tries until a run is dropped for it. */
const ROOM_TRIES = 4;
const ROOM_WAIT = 500;

export interface KeepState {
  /** Newest first, without the deleted ones. */
  runs: KeptRun[];
  /** The run of this page, once something of it is kept. */
  present?: string;
  /** Deleted last: can come back. */
  deleted?: KeptRun;
  /** Why nothing is kept, or nothing more, if so. */
  problem?: string;
}

interface Parts {
  lab: StoreApi<LabState>;
  snapshots: SnapshotStore;
  storage: Promise<RunStorage>;
  locks: TabLocks;
  report(problem: LabProblem): void;
  /** For tests. */
  fullWait?: number;
  roomWait?: number;
}

export type Keeper = ReturnType<typeof createKeeper>;

/** Keeps the page's run where it outlives the page, checkpoint by checkpoint, and knows the runs kept before. */
export function createKeeper({
  lab,
  snapshots,
  storage: opening,
  locks,
  report,
  fullWait = FULL_WAIT,
  roomWait = ROOM_WAIT,
}: Parts) {
  const store = createStore<KeepState>(() => ({ runs: [] }));
  const ledger = createLedger();
  let storage: RunStorage | undefined;
  /** The newest checkpoint of the page's run, kept or not. */
  let last: Checkpoint | undefined;
  let present: { id: string; created: string; saved: Saved; saving?: Saved } | undefined;
  /** A checkpoint is not written yet. */
  let due = false;
  let writing: Promise<void> = Promise.resolve();
  let busy = false;
  /** While the storage is full: what the page says of it, and the next try. */
  let full: { problem: LabProblem; retry: ReturnType<typeof setTimeout> } | undefined;

  const opened = opening
    .then(
      async (found) => {
        storage = found;
        // What was deleted before this visit can no longer be undone.
        for (const run of await found.list()) if (run.deleted) await found.remove(run.id);
      },
      (error: unknown) => {
        giveUp(
          `This browser does not let the page keep runs (${messageOf(error)}): this one lasts as long as its tab. Export saves it as a file.`,
        );
      },
    )
    .catch(failed);

  function giveUp(message: string): void {
    storage = undefined;
    store.setState({ problem: message });
    report({ place: 'page', kind: 'notice', message });
  }

  function failed(error: unknown): void {
    if (isFull(error)) foundFull();
    else
      giveUp(
        `The run is no longer kept (${messageOf(error)}). It lasts as long as its tab; Export saves it as a file.`,
      );
  }

  /** Nothing more fits: what waits is tried again from time to time. */
  function foundFull(): void {
    if (full) clearTimeout(full.retry);
    const problem = full?.problem ?? fullProblem(present?.saved.steps ?? 0);
    if (!full) report(problem);
    full = { problem, retry: setTimeout(write, fullWait) };
    store.setState({ problem: problem.message });
  }

  function foundRoom(): void {
    if (!full) return;
    const { problem, retry } = full;
    clearTimeout(retry);
    lab.setState(({ problems }) => ({ problems: problems.filter((each) => each !== problem) }));
    full = undefined;
    store.setState({ problem: undefined });
  }

  /** What the newest checkpoint changes, as the page's state has it now, and what is kept then. */
  function compose(checkpoint: Checkpoint, mine: NonNullable<typeof present>) {
    return checkpointDiff(checkpoint, mine, { lab: lab.getState(), snapshots: snapshots.list() });
  }

  /** Writes the newest checkpoint and what was found; what comes meanwhile waits together as one. */
  function write(): void {
    const mine = present;
    if (!storage || !mine) return;
    const next = due && last ? compose(last, mine) : undefined;
    // What is about a later step waits for its checkpoint: a reload must not find figures of steps that it has not made.
    const results = ledger.takeChange((next?.after ?? mine.saved).steps);
    if (!next && !results) return;
    due = false;
    busy = true;
    if (next) mine.saving = next.after;
    writing = writing
      .then(async () => {
        if (next) {
          await saveWithRoom(next.change);
          mine.saved = next.after;
        }
        if (!results) return;
        await storage?.saveResults(mine.id, results);
        foundRoom();
      })
      .catch((error) => {
        if (!isFull(error)) failed(error);
        else if (mine === present) {
          due ||= next !== undefined;
          if (results) ledger.missed(results);
          foundFull();
        } else {
          // The present run finds out for itself.
          const message = `The browser’s storage is full: the run before is kept up to step ${mine.saved.steps} only.`;
          report({ place: 'page', kind: 'notice', message });
        }
      })
      .then(() => {
        busy = false;
        if (!full) write();
      });
  }

  /** Until nothing is left to write: a write that ends starts the next where a newer checkpoint waits. */
  async function written(): Promise<void> {
    let waited: Promise<void> | undefined;
    while (waited !== writing) {
      waited = writing;
      await waited;
    }
  }

  /** Drops old runs where there is no room. @throws where that is not enough. */
  async function saveWithRoom(change: RunChange): Promise<void> {
    await opened;
    if (!storage) return;
    let tries = full ? 0 : ROOM_TRIES;
    for (;;) {
      try {
        await storage.save(change);
        break;
      } catch (error) {
        if (!isFull(error)) throw error;
        if (tries > 0) {
          tries--;
          await new Promise((resolve) => setTimeout(resolve, roomWait));
        } else if (await dropOldest(change.run.id)) tries = ROOM_TRIES;
        else throw error;
      }
    }
    foundRoom();
    if (change.snapshots.length === 0) return;
    const runs = await storage.list();
    const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
    if (runs.length > MOST_RUNS || bytes > MOST_BYTES) await dropOldest(change.run.id);
  }

  /** Drops a deleted run, or the one that was changed longest ago, unless it is pinned or some tab is at work on it. */
  async function dropOldest(keep: string): Promise<boolean> {
    const [runs = [], held] = await Promise.all([storage?.list(), locks.held()]);
    const free = runs.filter(
      ({ id, pinned, deleted }) => (deleted || !pinned) && id !== keep && !held.has(id),
    );
    const oldest = free.sort((a, b) => Number(b.deleted) - Number(a.deleted) || a.changed - b.changed).at(0);
    if (!oldest) return false;
    await storage?.remove(oldest.id);
    if (store.getState().deleted?.id === oldest.id) store.setState({ deleted: undefined });
    return true;
  }

  async function refresh(): Promise<KeptRun[]> {
    await opened;
    await written();
    const runs = ((await storage?.list()) ?? []).filter(({ deleted }) => !deleted);
    runs.sort((a, b) => b.changed - a.changed);
    store.setState({ runs });
    return runs;
  }

  async function mark(id: string, marks: Partial<RunMarks>): Promise<void> {
    await opened;
    await written();
    await storage?.mark(id, marks);
    await refresh();
  }

  /** The run, for this page alone. @throws where another tab is at work on it. */
  async function read(id: string): Promise<KeptContent> {
    await opened;
    await written();
    const mine = present?.id === id;
    if (!mine && (await locks.held()).has(id)) {
      throw new Error('open: another tab is at work on this run. Go on there, or close that tab.');
    }
    const content = await storage?.read(id);
    if (!content) throw new Error(`open: expected a kept run, found none of the id ${JSON.stringify(id)}`);
    return content;
  }

  function writeSoon(): void {
    if (!busy && !full) void opened.then(write);
  }

  async function takeLock(id: string): Promise<boolean> {
    for (let tries = 1; tries <= LOCK_TRIES; tries++) {
      if (await locks.take(id)) return true;
      await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT));
    }
    return false;
  }

  return {
    store,
    refresh,
    read,

    /** The newest checkpoint, in memory. */
    last: () => last,

    /** The run that the last visit was at; not one that was left for another, or that another tab is at work on. */
    async unfinished(): Promise<KeptContent | 'elsewhere' | undefined> {
      await opened;
      try {
        const runs = ((await storage?.list()) ?? []).filter(({ deleted }) => !deleted);
        const newest = runs.sort((a, b) => b.changed - a.changed).at(0);
        if (!newest || newest.left) return undefined;
        if (!(await takeLock(newest.id))) return 'elsewhere';
        return await storage?.read(newest.id);
      } catch (error) {
        failed(error);
        return undefined;
      }
    },

    /** Another run begins on this page, or goes on: the old one's checkpoints have all come. */
    begin(content?: KeptContent): void {
      write();
      const before = present;
      if (before && before.id !== content?.run.id) {
        // Only after it is written for the last time.
        writing = writing
          .then(() => storage?.mark(before.id, { left: true }))
          .catch(failed)
          .then(() => locks.release(before.id));
      }
      last = undefined;
      due = false;
      present = undefined;
      ledger.begin();
      // The next run finds out for itself.
      foundRoom();
      if (content) {
        const { run } = content;
        const saved = { steps: run.step, snapshots: new Set(content.snapshots.map(({ step }) => step)) };
        present = { id: run.id, created: run.created, saved };
        void locks.take(run.id).catch(failed);
        writing = writing.then(() => storage?.mark(run.id, { left: false })).catch(failed);
      }
      store.setState({ present: present?.id });
    },

    /** A checkpoint came; the page's history reaches to its step. */
    checkpoint(checkpoint: Checkpoint, { worthKeeping }: { worthKeeping: boolean }): void {
      last = checkpoint;
      if (!worthKeeping) return;
      if (!present) {
        const id = `${Date.now().toString(36)}-${Math.floor(Math.random() * 2 ** 32).toString(36)}`;
        present = { id, created: new Date().toISOString(), saved: { steps: 0, snapshots: new Set() } };
        void locks.take(id).catch(failed);
        store.setState({ present: id });
      }
      due = true;
      writeSoon();
    },

    /** What the panels found about the page's run. */
    findings: {
      all: ledger.all,
      note(finding: Finding): void {
        ledger.note(finding);
        writeSoon();
      },
      forget(findings: readonly Finding[]): void {
        ledger.forget(findings);
        writeSoon();
      },
      /** Those that came with the run that has just begun. */
      begin(findings: readonly Finding[], { written }: { written: boolean }): void {
        ledger.begin(findings, { written });
        writeSoon();
      },
    },

    /** The run goes on from an earlier step: what is kept after it is written anew. */
    wentBack(step: number): void {
      ledger.wentBack(step);
      if (!present) return;
      for (const saved of [present.saved, present.saving])
        if (saved) saved.steps = Math.min(saved.steps, step);
    },

    rename: (id: string, name: string) => mark(id, { name }),
    pin: (id: string, pinned: boolean) => mark(id, { pinned }),

    /** Deletes a run; the one deleted before is gone for good then. */
    async remove(id: string): Promise<void> {
      if (id === present?.id)
        throw new Error('delete: this is the run on the page. Reset first, then delete it.');
      if ((await locks.held()).has(id)) throw new Error('delete: another tab is at work on this run.');
      const { deleted, runs } = store.getState();
      if (deleted) await storage?.remove(deleted.id);
      if (full) {
        // Its room is needed at once.
        await storage?.remove(id);
        store.setState({ deleted: undefined });
        write();
        await refresh();
        return;
      }
      await mark(id, { deleted: true });
      store.setState({ deleted: runs.find((run) => run.id === id) });
    },

    async undoRemove(): Promise<void> {
      const { deleted } = store.getState();
      if (!deleted) return;
      store.setState({ deleted: undefined });
      await mark(deleted.id, { deleted: false });
    },

    /** A kept run to look at beside the page's. @throws where there is none of the id. */
    async look(id: string): Promise<KeptLook> {
      await opened;
      await written();
      const found = await storage?.look(id);
      if (!found) throw new Error('compare: expected a kept run, found none. It may have been dropped.');
      return found;
    },

    /** The parameters of a kept run's snapshot. @throws where there is none. */
    async parametersAt(id: string, step: number): Promise<Parameters> {
      const parameters = await storage?.parametersAt(id, step);
      if (!parameters) {
        throw new Error(
          `compare: expected a kept snapshot at step ${step}, found none. It may have been dropped.`,
        );
      }
      return parameters;
    },

    /** Keeps what was found about another run than the page's. */
    async saveFindings(id: string, findings: readonly Finding[]): Promise<void> {
      const results = findings.map((finding) => resultOf(finding, Date.now()));
      await storage?.saveResults(id, { results, forgotten: [] });
    },
  };
}

function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

function fullProblem(steps: number): LabProblem {
  const kept = steps > 0 ? `this run is kept up to step ${steps} only` : 'this run is not kept';
  return {
    place: 'page',
    kind: 'notice',
    message: `The browser’s storage is full: ${kept}. It is tried again by itself: delete runs in the list of runs to make room, or save this one with Export.`,
  };
}
