import { createStore, type StoreApi } from 'zustand/vanilla';
import { stateBytes } from '../../ml/model/parameters.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Checkpoint } from '../../workers/protocol.ts';
import type { KeptContent, ResultsChange, RunStorage } from '../../workers/runStorage.ts';
import { createSerial } from '../../workers/serial.ts';
import { messageOf, sentenceOf } from '../state/errorText.ts';
import type { Problems } from '../state/problems.ts';
import type { LabProblem, LabState } from '../state/state.ts';
import { checkpointDiff, type Saved } from './checkpointDiff.ts';
import { createClaims } from './claims.ts';
import type { Finding, Savable } from './findings.ts';
import type { KeepState } from './keepState.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createRoom, FULL_WAIT, isFullError, ROOM_WAIT } from './room.ts';
import { createRunList, newestFirst, type RunList } from './runList.ts';
import { type TabLocks, takeSoon } from './runLocks.ts';
import { createShelf, type Shelf } from './shelf.ts';
import { createWritePace } from './writePace.ts';

/** Saves the page's run in the browser at every checkpoint, and manages earlier saved runs. */
export interface Keeper extends RunList {
  store: StoreApi<KeepState>;
  /** The newest checkpoint, in memory. */
  last(): Checkpoint | undefined;
  /**
   * The run of the last visit, or the run with this id, unless the page had switched away from it or another tab uses it.
   */
  unfinished(id?: string): Promise<KeptContent | 'elsewhere' | undefined>;
  /** Starts or continues another run on this page; the old run sends no more checkpoints. */
  begin(content?: KeptContent): void;
  /** Receives a checkpoint; the page's history must reach its step. */
  checkpoint(checkpoint: Checkpoint, options: { worthKeeping: boolean }): void;
  /** The run continues from an earlier step; later saved data are rewritten. */
  wentBack(step: number): void;
  /** The panels' findings about the page's run. */
  findings: {
    all(): Finding[];
    note(finding: Savable): void;
    /** Removes findings by their keys. */
    forget(keys: readonly string[]): void;
    /** Sets the findings of the run that has just begun. */
    begin(findings: readonly Savable[], options: { written: boolean }): void;
  };
}

interface Parts {
  labStore: StoreApi<LabState>;
  snapshots: SnapshotStore;
  storage: Promise<RunStorage>;
  locks: TabLocks;
  problems: Pick<Problems, 'report' | 'dismiss'>;
  /** Shortens the wait in tests. */
  fullWait?: number;
  roomWait?: number;
}

/** The page's run: its saved state and the pending write. */
interface Present {
  id: string;
  created: string;
  saved: Saved;
  saving?: Saved;
}

const LOST = 'Another tab uses this run and keeps it. This tab continues and is saved as a separate run.';

export function createKeeper({
  labStore,
  snapshots,
  storage: opening,
  locks,
  problems,
  fullWait = FULL_WAIT,
  roomWait = ROOM_WAIT,
}: Parts): Keeper {
  const store = createStore<KeepState>(() => ({ runs: [] }));
  const ledger = createLedger();
  const { report } = problems;
  const shelf = createShelf({ opening, store, report, failed });
  const savedSteps = () => present?.saved.steps ?? 0;
  const room = createRoom({ shelf, store, locks, problems, savedSteps, retry: write, fullWait, roomWait });
  const writing = createSerial();
  const claims = createClaims(locks, { lost: lose, failed });
  const pace = createWritePace(labStore, writeSoon);
  const isPresent = (id: string) => present?.id === id;
  const runs = createRunList({ store, shelf, room, locks, written: writing.settled, write, isPresent });
  /** The newest checkpoint of the page's run, saved or not. */
  let last: Checkpoint | undefined;
  let present: Present | undefined;
  /** Whether a checkpoint waits to be written. */
  let due = false;
  let busy = false;

  function failed(error: unknown): undefined {
    if (isFullError(error)) room.foundNone(checkpointBytes(last));
    else shelf.giveUp(unsaved(error));
  }

  /** Writes the newest checkpoint and findings. Changes that arrive during the write are written together afterward. */
  function write(): void {
    const mine = present;
    if (!shelf.storage || !mine) return;
    const state = { lab: labStore.getState(), snapshots: snapshots.list() };
    const next = due && last ? checkpointDiff(last, mine, state) : undefined;
    // Findings about a later step wait for its checkpoint, so that a reload never shows figures of steps not yet made.
    const results = ledger.takeChange((next?.after ?? mine.saved).steps);
    if (!next && !results) return;
    due = false;
    busy = true;
    if (next) mine.saving = next.after;
    void writing.run(async () => {
      const ended = pace.begin();
      try {
        if (next && !claims.isLost(mine.id)) {
          await room.save(next.change);
          mine.saved = next.after;
        }
        if (results && !claims.isLost(mine.id)) {
          await shelf.storage?.saveResults(mine.id, results);
          room.foundSome();
        }
      } catch (error) {
        missed(error, mine, { isCheckpoint: next !== undefined, results });
      }
      ended();
      busy = false;
      if (!room.isFull) pace.next(write);
    });
  }

  /** Handles a failed write. */
  function missed(
    error: unknown,
    mine: Present,
    { isCheckpoint, results }: { isCheckpoint: boolean; results?: ResultsChange },
  ): void {
    if (!isFullError(error)) failed(error);
    else if (mine === present) {
      due ||= isCheckpoint;
      if (results) ledger.missed(results);
      room.foundNone(checkpointBytes(last));
    } else {
      // The present run detects a full storage at its own next write.
      const message = `The browser’s storage is full: the previous run is saved up to step ${mine.saved.steps} only.`;
      report({ place: 'page', kind: 'notice', message });
    }
  }

  /** Another tab owns the run, so this page continues with a copy. */
  function lose(id: string): void {
    if (!isPresent(id)) return;
    present = undefined;
    ledger.copy();
    store.setState({ present: undefined });
    report({ place: 'page', kind: 'notice', message: LOST });
  }

  function writeSoon(): void {
    if (!busy && !room.isFull) pace.next(() => void shelf.opened.then(write));
  }

  function markSoon(id: string, left: boolean): Promise<void> {
    return writing.run(() => shelf.storage?.mark(id, { left })).catch(failed);
  }

  return {
    ...runs,
    store,
    last: () => last,

    unfinished: (id) => findUnfinished({ shelf, locks, report, failed }, id),

    begin(content) {
      write();
      const before = present;
      if (before && before.id !== content?.run.id) {
        // Release the lock only after the last write.
        void markSoon(before.id, true).then(() => locks.release(before.id));
      }
      last = undefined;
      due = false;
      present = undefined;
      ledger.begin();
      // Assume free space for the next run, until a write fails.
      room.foundSome();
      if (content) {
        present = presentOf(content);
        claims.claim(present.id);
        void markSoon(present.id, false);
      }
      store.setState({ present: present?.id });
    },

    checkpoint(checkpoint, { worthKeeping }) {
      last = checkpoint;
      if (!worthKeeping) return;
      if (!present) {
        present = newPresent();
        claims.claim(present.id);
        store.setState({ present: present.id });
      }
      due = true;
      writeSoon();
    },

    wentBack(step) {
      ledger.wentBack(step);
      if (!present) return;
      for (const saved of [present.saved, present.saving]) {
        if (saved) saved.steps = Math.min(saved.steps, step);
      }
    },

    findings: writtenSoon(ledger, writeSoon),
  };
}

/** The ledger for panels, which schedules a write after every change. */
function writtenSoon(ledger: Ledger, writeSoon: () => void): Keeper['findings'] {
  return {
    all: ledger.all,
    note(finding) {
      ledger.note(finding);
      writeSoon();
    },
    forget(keys) {
      ledger.forget(keys);
      writeSoon();
    },
    begin(findings, options) {
      ledger.begin(findings, options);
      writeSoon();
    },
  };
}

/** Bytes of a checkpoint's arrays: the parameters and the optimizer's state. */
function checkpointBytes(checkpoint: Checkpoint | undefined): number {
  return checkpoint ? stateBytes(checkpoint.state) : 0;
}

function unsaved(error: unknown): string {
  return `This run is no longer saved (${messageOf(error)}). It is lost when you close the tab; use Export to save it as a file.`;
}

interface Finders {
  shelf: Shelf;
  locks: TabLocks;
  report(problem: LabProblem): void;
  failed(error: unknown): undefined;
}

async function findUnfinished(
  { shelf, locks, report, failed }: Finders,
  id: string | undefined,
): ReturnType<Keeper['unfinished']> {
  await shelf.opened;
  const runs = await shelf.storage?.list().catch(failed);
  const newest = newestFirst(runs).find((run) => id === undefined || run.id === id);
  if (!newest || newest.left) return undefined;
  if (!(await takeSoon(locks, newest.id))) return 'elsewhere';
  try {
    return await shelf.storage?.read(newest.id);
  } catch (error) {
    // One damaged run is no reason to stop saving the next.
    locks.release(newest.id);
    const message = `The run of the last visit could not be reopened. ${sentenceOf(error)}`;
    report({ place: 'page', kind: 'error', message });
    return undefined;
  }
}

/** The state of a saved run that continues. */
function presentOf({ run, snapshots }: KeptContent): Present {
  const saved = { steps: run.step, snapshots: new Set(snapshots.map(({ step }) => step)) };
  return { id: run.id, created: run.created, saved };
}

/** The state of a run that is not saved yet. */
function newPresent(): Present {
  const id = `${Date.now().toString(36)}-${Math.floor(Math.random() * 2 ** 32).toString(36)}`;
  return { id, created: new Date().toISOString(), saved: { steps: 0, snapshots: new Set() } };
}
