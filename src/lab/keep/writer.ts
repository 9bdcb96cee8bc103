import type { StoreApi } from 'zustand/vanilla';
import { stateBytes } from '../../ml/model/parameters.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Checkpoint } from '../../workers/protocol.ts';
import type { ResultsChange } from '../../workers/runStorage.ts';
import { createSerial } from '../../workers/serial.ts';
import type { LabProblem, LabState } from '../state/state.ts';
import { checkpointDiff, type Saved } from './checkpointDiff.ts';
import type { Claims } from './claims.ts';
import type { Ledger } from './ledger.ts';
import { isFullError, type Room } from './room.ts';
import type { Shelf } from './shelf.ts';
import { createWritePace } from './writePace.ts';

/** The page's run in the storage: its state there, and its state after the pending write. */
export interface PresentRun {
  id: string;
  created: string;
  saved: Saved;
  saving?: Saved;
}

/** The page's run. The keeper and the writer share this object, and both change it. */
export interface PageRun {
  /** Undefined until something of the run is worth saving. */
  present?: PresentRun;
  /** The newest checkpoint, saved or not. */
  last?: Checkpoint;
  /** Whether a checkpoint waits to be written. */
  due: boolean;
  /** The checkpoints that are being written. */
  writing: Set<Checkpoint>;
  /** Receives a checkpoint that is needed no longer. */
  release?(checkpoint: Checkpoint): void;
}

export interface Writer {
  /** Writes the newest checkpoint and findings. */
  write(): void;
  /** Writes once the storage is open and the pause after the last write has passed. */
  writeSoon(): void;
  /** Marks whether the page has switched to another run. */
  markLeft(id: string, left: boolean): Promise<void>;
  /** Writes what waits for the storage to rest, and resolves when nothing is left to write. */
  settled(): Promise<void>;
}

interface Parts {
  page: PageRun;
  labStore: StoreApi<LabState>;
  snapshots: SnapshotStore;
  shelf: Shelf;
  room: Room;
  ledger: Ledger;
  claims: Claims;
  report(problem: LabProblem): void;
  failed(error: unknown): undefined;
}

/** Writes the page's run, one change at a time. Changes that arrive during a write are written together afterward. */
export function createWriter(parts: Parts): Writer {
  const { page, labStore, snapshots, shelf, room, ledger, claims, failed } = parts;
  const writing = createSerial();
  const pace = createWritePace(labStore, writeSoon);
  let busy = false;

  function write(): void {
    const mine = page.present;
    if (!shelf.storage || !mine) return;
    const state = { lab: labStore.getState(), snapshots: snapshots.list() };
    const next = page.due && page.last ? checkpointDiff(page.last, mine, state) : undefined;
    // Findings about a later step wait for its checkpoint, so that a reload never shows figures of steps not yet made.
    const results = ledger.takeChange((next?.after ?? mine.saved).steps);
    if (!next && !results) return;
    const written = next && page.last;
    if (written) page.writing.add(written);
    page.due = false;
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
        missed(parts, error, { mine, isCheckpoint: next !== undefined, results });
      }
      ended();
      busy = false;
      if (written) {
        page.writing.delete(written);
        if (written !== page.last) page.release?.(written);
      }
      if (!room.isFull) pace.next(write);
    });
  }

  function writeSoon(): void {
    if (!busy && !room.isFull) pace.next(() => void shelf.opened.then(write));
  }

  return {
    write,
    writeSoon,
    markLeft: (id, left) => writing.run(() => shelf.storage?.mark(id, { left })).catch(failed),
    async settled() {
      await writing.settled();
      if (!room.isFull) write();
      await writing.settled();
    },
  };
}

/** Replaces the page's newest checkpoint, which is not due yet, and releases the one before unless it is being written. */
export function replaceLast(page: PageRun, checkpoint?: Checkpoint): void {
  const before = page.last;
  page.last = checkpoint;
  page.due = false;
  if (before && before !== checkpoint && !page.writing.has(before)) page.release?.(before);
}

/** Handles a failed write. */
function missed(
  { page, ledger, room, report, failed }: Parts,
  error: unknown,
  { mine, isCheckpoint, results }: { mine: PresentRun; isCheckpoint: boolean; results?: ResultsChange },
): void {
  if (!isFullError(error)) failed(error);
  else if (mine === page.present) {
    page.due ||= isCheckpoint;
    if (results) ledger.missed(results);
    room.foundNone(checkpointBytes(page.last));
  } else {
    // The present run detects a full storage at its own next write.
    const message = `The browser’s storage is full: the previous run is saved up to step ${mine.saved.steps} only.`;
    report({ place: 'page', kind: 'notice', message });
  }
}

/** Bytes of a checkpoint's arrays: the parameters and the optimizer's state. */
export function checkpointBytes(checkpoint: Checkpoint | undefined): number {
  return checkpoint ? stateBytes(checkpoint.state) : 0;
}
