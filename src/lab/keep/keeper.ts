import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Checkpoint } from '../../workers/protocol.ts';
import type { KeptContent, ResultsChange, RunStorage } from '../../workers/runStorage.ts';
import { createSerial } from '../../workers/serial.ts';
import { messageOf } from '../state/errorText.ts';
import type { Problems } from '../state/problems.ts';
import type { LabState } from '../state/state.ts';
import { checkpointDiff, type Saved } from './checkpointDiff.ts';
import { createClaims } from './claims.ts';
import type { Finding } from './findings.ts';
import type { KeepState } from './keepState.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createRoom, FULL_WAIT, isFullError, ROOM_WAIT } from './room.ts';
import { createRunList, newestFirst, type RunList } from './runList.ts';
import { type TabLocks, takeSoon } from './runLocks.ts';
import { createShelf, type Shelf } from './shelf.ts';

/** Saves the page's run where it outlives the page, checkpoint by checkpoint, and knows the runs saved before. */
export interface Keeper extends RunList {
  store: StoreApi<KeepState>;
  /** The newest checkpoint, in memory. */
  last(): Checkpoint | undefined;
  /** The run of the last visit, or that of an id; not one that was left for another, or that another tab is at work on. */
  unfinished(id?: string): Promise<KeptContent | 'elsewhere' | undefined>;
  /** Another run begins on this page, or goes on: the old one's checkpoints have all come. */
  begin(content?: KeptContent): void;
  /** A checkpoint came; the page's history reaches to its step. */
  checkpoint(checkpoint: Checkpoint, options: { worthKeeping: boolean }): void;
  /** The run goes on from an earlier step: what is saved after it is written anew. */
  wentBack(step: number): void;
  /** What the panels found about the page's run. */
  findings: {
    all(): Finding[];
    note(finding: Finding): void;
    forget(findings: readonly Finding[]): void;
    /** Those that came with the run that has just begun. */
    begin(findings: readonly Finding[], options: { written: boolean }): void;
  };
}

interface Parts {
  labStore: StoreApi<LabState>;
  snapshots: SnapshotStore;
  storage: Promise<RunStorage>;
  locks: TabLocks;
  problems: Pick<Problems, 'report' | 'dismiss'>;
  /** For tests. */
  fullWait?: number;
  roomWait?: number;
}

/** The page's run, as it is saved so far and with what is being written. */
interface Present {
  id: string;
  created: string;
  saved: Saved;
  saving?: Saved;
}

const LOST =
  'Another tab is at work on this run, and keeps it. This tab goes on, and is kept as a run of its own.';

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
  const isPresent = (id: string) => present?.id === id;
  const runs = createRunList({ store, shelf, room, locks, written: writing.settled, write, isPresent });
  /** The newest checkpoint of the page's run, written or not. */
  let last: Checkpoint | undefined;
  let present: Present | undefined;
  /** A checkpoint is not written yet. */
  let due = false;
  let busy = false;

  function failed(error: unknown): undefined {
    if (isFullError(error)) room.foundNone();
    else shelf.giveUp(unsaved(error));
  }

  /** Writes the newest checkpoint and what was found; what comes meanwhile is written together afterwards. */
  function write(): void {
    const mine = present;
    if (!shelf.storage || !mine) return;
    const state = { lab: labStore.getState(), snapshots: snapshots.list() };
    const next = due && last ? checkpointDiff(last, mine, state) : undefined;
    // Findings about a later step wait for its checkpoint: a reload must not find figures of steps that it has not made.
    const results = ledger.takeChange((next?.after ?? mine.saved).steps);
    if (!next && !results) return;
    due = false;
    busy = true;
    if (next) mine.saving = next.after;
    void writing.run(async () => {
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
      busy = false;
      if (!room.isFull) write();
    });
  }

  /** Something could not be written. */
  function missed(
    error: unknown,
    mine: Present,
    { isCheckpoint, results }: { isCheckpoint: boolean; results?: ResultsChange },
  ): void {
    if (!isFullError(error)) failed(error);
    else if (mine === present) {
      due ||= isCheckpoint;
      if (results) ledger.missed(results);
      room.foundNone();
    } else {
      // The present run finds out for itself.
      const message = `The browser’s storage is full: the run before is saved up to step ${mine.saved.steps} only.`;
      report({ place: 'page', kind: 'notice', message });
    }
  }

  /** Another tab has the run: this page goes on with one of its own. */
  function lose(id: string): void {
    if (!isPresent(id)) return;
    present = undefined;
    ledger.begin(ledger.all());
    store.setState({ present: undefined });
    report({ place: 'page', kind: 'notice', message: LOST });
  }

  function writeSoon(): void {
    if (!busy && !room.isFull) void shelf.opened.then(write);
  }

  function markSoon(id: string, left: boolean): Promise<void> {
    return writing.run(() => shelf.storage?.mark(id, { left })).catch(failed);
  }

  return {
    ...runs,
    store,
    last: () => last,

    unfinished: (id) => findUnfinished(shelf, locks, id).catch(failed),

    begin(content) {
      write();
      const before = present;
      if (before && before.id !== content?.run.id) {
        // Only after it is written for the last time.
        void markSoon(before.id, true).then(() => locks.release(before.id));
      }
      last = undefined;
      due = false;
      present = undefined;
      ledger.begin();
      // The next run finds out for itself whether there is room.
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

/** The ledger for panels: whatever changes in it is written soon. */
function writtenSoon(ledger: Ledger, writeSoon: () => void): Keeper['findings'] {
  return {
    all: ledger.all,
    note(finding) {
      ledger.note(finding);
      writeSoon();
    },
    forget(findings) {
      ledger.forget(findings);
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

async function findUnfinished(
  shelf: Shelf,
  locks: TabLocks,
  id: string | undefined,
): ReturnType<Keeper['unfinished']> {
  await shelf.opened;
  const newest = newestFirst(await shelf.storage?.list()).find((run) => id === undefined || run.id === id);
  if (!newest || newest.left) return undefined;
  if (!(await takeSoon(locks, newest.id))) return 'elsewhere';
  return shelf.storage?.read(newest.id);
}

/** A saved run that goes on. */
function presentOf({ run, snapshots }: KeptContent): Present {
  const saved = { steps: run.step, snapshots: new Set(snapshots.map(({ step }) => step)) };
  return { id: run.id, created: run.created, saved };
}

/** A run that nothing is saved of yet. */
function newPresent(): Present {
  const id = `${Date.now().toString(36)}-${Math.floor(Math.random() * 2 ** 32).toString(36)}`;
  return { id, created: new Date().toISOString(), saved: { steps: 0, snapshots: new Set() } };
}
