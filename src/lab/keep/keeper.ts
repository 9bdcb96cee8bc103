import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError, messageOf } from '../../ml/callError.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Checkpoint } from '../../workers/protocol.ts';
import type { KeptContent, RunStorage } from '../../workers/runStorage.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { Problems } from '../state/problems.ts';
import type { LabProblem, LabState } from '../state/state.ts';
import { createClaims } from './claims.ts';
import type { Finding, Savable } from './findings.ts';
import type { KeepState } from './keepState.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createRoom, FULL_WAIT, isFullError, ROOM_WAIT } from './room.ts';
import { createRunList, newestFirst, type RunList } from './runList.ts';
import { type TabLocks, takeSoon } from './runLocks.ts';
import { createShelf, type Shelf } from './shelf.ts';
import { checkpointBytes, createWriter, type PageRun, type PresentRun, replaceLast } from './writer.ts';

/** Saves the page's run in the browser at every checkpoint, and manages earlier saved runs. */
export interface Keeper extends RunList {
  store: StoreApi<KeepState>;
  /** The newest checkpoint, in memory. */
  last(): Checkpoint | undefined;
  /** Sets what receives the checkpoints that are needed no longer, so that their arrays can be written again. */
  onRelease(release: (checkpoint: Checkpoint) => void): void;
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
  const page: PageRun = { due: false, writing: new Set() };
  const isPresent = (id: string) => page.present?.id === id;
  const retry = () => writer.write();
  const savedSteps = () => page.present?.saved.steps ?? 0;
  const shelf = createShelf({ opening, store, report, failed });
  const room = createRoom({ shelf, store, locks, problems, savedSteps, retry, fullWait, roomWait });
  const claims = createClaims(locks, { lost: lose, failed });
  const writer = createWriter({ page, labStore, snapshots, shelf, room, ledger, claims, report, failed });
  const { write, writeSoon } = writer;
  const runs = createRunList({ store, shelf, room, locks, written: writer.settled, write, isPresent });

  function failed(error: unknown): undefined {
    if (isFullError(error)) room.foundNone(checkpointBytes(page.last));
    else shelf.giveUp(unsaved(error));
  }

  /** Another tab owns the run, so this page continues with a copy. */
  function lose(id: string): void {
    if (!isPresent(id)) return;
    present(undefined);
    ledger.copy();
    report({ place: 'page', kind: 'notice', message: LOST });
  }

  function present(run: PresentRun | undefined): void {
    page.present = run;
    if (run) claims.claim(run.id);
    store.setState({ present: run?.id });
  }

  return {
    ...runs,
    store,
    last: () => page.last,
    onRelease: (release) => (page.release = release),
    unfinished: (id) => findUnfinished({ shelf, locks, report, failed }, id),
    begin(content) {
      write();
      const before = page.present;
      if (before && before.id !== content?.run.id) {
        // Release the lock only after the last write.
        void writer.markLeft(before.id, true).then(() => locks.release(before.id));
      }
      replaceLast(page);
      ledger.begin();
      // Assume free space for the next run, until a write fails.
      room.foundSome();
      present(content && presentOf(content));
      if (content) void writer.markLeft(content.run.id, false);
    },
    checkpoint(checkpoint, { worthKeeping }) {
      replaceLast(page, checkpoint);
      if (!worthKeeping) return;
      if (!page.present) present(newPresent());
      page.due = true;
      writeSoon();
    },
    wentBack(step) {
      ledger.wentBack(step);
      for (const saved of [page.present?.saved, page.present?.saving]) {
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
  try {
    if (!(await takeSoon(locks, newest.id))) return 'elsewhere';
    const content = await shelf.storage?.read(newest.id);
    if (content) return content;
    throw new CallError('open', 'expected a checkpoint to continue from, found none, or a damaged one.');
  } catch (error) {
    // One damaged run is no reason to stop saving the next.
    locks.release(newest.id);
    const message = `The run of the last visit could not be reopened. ${sentenceOf(error)}`;
    report({ place: 'page', kind: 'error', message });
    return undefined;
  }
}

/** The state of a saved run that continues. */
function presentOf({ run, snapshots }: KeptContent): PresentRun {
  const saved = { steps: run.step, snapshots: new Set(snapshots.map(({ step }) => step)) };
  return { id: run.id, created: run.created, saved };
}

/** The state of a run that is not saved yet. */
function newPresent(): PresentRun {
  const id = `${Date.now().toString(36)}-${Math.floor(Math.random() * 2 ** 32).toString(36)}`;
  return { id, created: new Date().toISOString(), saved: { steps: 0, snapshots: new Set() } };
}
