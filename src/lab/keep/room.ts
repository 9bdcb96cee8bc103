import type { StoreApi } from 'zustand/vanilla';
import type { RunChange, RunStorage } from '../../workers/runStorage.ts';
import type { KeptRun } from '../../workers/storedRecords.ts';
import type { Problems } from '../state/problems.ts';
import type { LabProblem } from '../state/state.ts';
import type { KeepState } from './keepState.ts';
import type { TabLocks } from './runLocks.ts';
import type { Shelf } from './shelf.ts';

/** Unpinned runs beyond either limit are deleted, oldest first. */
export const MOST_RUNS = 10;
export const MOST_BYTES = 500e6;

/** Milliseconds between retries when the storage is full; each retry sends everything not saved yet. */
export const FULL_WAIT = 15_000;
/** Browsers free deleted space a second or two late; retry this often before deleting an old run. */
const ROOM_TRIES = 4;
export const ROOM_WAIT = 500;

/** Manages free space in the storage: frees space when needed, and tells the page when there is none. */
export interface Room {
  readonly isFull: boolean;
  /** Saves a change, deleting old runs if space is missing. @throws if that is not enough. */
  save(change: RunChange): Promise<void>;
  /**
   * The storage is full: tells the page and retries at intervals.
   * @param needed bytes of a checkpoint of the page's run
   */
  foundNone(needed: number): void;
  /** A write succeeded, or another run has begun. */
  foundSome(): void;
}

interface Parts {
  shelf: Shelf;
  store: StoreApi<KeepState>;
  locks: TabLocks;
  problems: Pick<Problems, 'report' | 'dismiss'>;
  /** Number of saved steps of the page's run. */
  savedSteps(): number;
  /** Writes pending changes. */
  retry(): void;
  fullWait: number;
  roomWait: number;
}

export function createRoom(parts: Parts): Room {
  const { shelf, store, problems, savedSteps, retry, fullWait, roomWait } = parts;
  /** While the storage is full: the notice on the page and the timer of the next retry. */
  let full: { problem: LabProblem; retry: ReturnType<typeof setTimeout> } | undefined;

  function foundNone(needed: number): void {
    if (full) clearTimeout(full.retry);
    const problem = full?.problem ?? fullProblem(savedSteps(), needed);
    if (!full) problems.report(problem);
    full = { problem, retry: setTimeout(retry, fullWait) };
    store.setState({ problem: problem.message });
  }

  function foundSome(): void {
    if (!full) return;
    clearTimeout(full.retry);
    problems.dismiss(full.problem);
    full = undefined;
    store.setState({ problem: undefined });
  }

  async function saveOrMakeRoom(storage: RunStorage, change: RunChange): Promise<void> {
    let tries = full ? 0 : ROOM_TRIES;
    for (;;) {
      try {
        await storage.save(change);
        return;
      } catch (error) {
        if (!isFullError(error)) throw error;
        if (tries > 0) {
          tries--;
          await new Promise((resolve) => setTimeout(resolve, roomWait));
        } else if (await dropOldest(parts, change.run.id)) tries = ROOM_TRIES;
        else throw error;
      }
    }
  }

  return {
    get isFull() {
      return full !== undefined;
    },
    async save(change) {
      await shelf.opened;
      const { storage } = shelf;
      if (!storage) return;
      await saveOrMakeRoom(storage, change);
      foundSome();
      if (change.snapshots.length > 0) await dropBeyondBudget(parts, storage, change.run.id);
    },
    foundNone,
    foundSome,
  };
}

/** Deletes old runs until the others are within the limits. */
async function dropBeyondBudget(parts: Parts, storage: RunStorage, keep: string): Promise<void> {
  const runs = await storage.list();
  let bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
  for (let count = runs.length; count > MOST_RUNS || bytes > MOST_BYTES; count--) {
    const dropped = await dropOldest(parts, keep);
    if (!dropped) return;
    bytes -= dropped.bytes;
  }
}

/**
 * Permanently deletes a run marked as deleted, or the least recently changed run that is neither pinned nor open in a
 * tab.
 */
async function dropOldest({ shelf, store, locks }: Parts, keep: string): Promise<KeptRun | undefined> {
  const [runs = [], held] = await Promise.all([shelf.storage?.list(), locks.held()]);
  const free = runs.filter(({ id, pinned, deleted }) => (deleted || !pinned) && id !== keep && !held.has(id));
  const oldest = free.sort((a, b) => Number(b.deleted) - Number(a.deleted) || a.changed - b.changed).at(0);
  if (!oldest) return undefined;
  await shelf.storage?.remove(oldest.id);
  if (store.getState().deleted?.id === oldest.id) store.setState({ deleted: undefined });
  return oldest;
}

export function isFullError(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

/** Checkpoints from this size on are named as the reason (bytes): ten times the notebook's network. */
const LARGE = 25e6;

function fullProblem(steps: number, needed: number): LabProblem {
  const size =
    needed >= LARGE ? ` One checkpoint of this large network takes ${Math.round(needed / 1e6)} MB.` : '';
  const kept = steps > 0 ? `this run is saved up to step ${steps} only` : 'this run is not saved';
  return {
    place: 'page',
    kind: 'notice',
    message: `The browser’s storage is full: ${kept}.${size} Saving retries automatically. To make room, delete runs in the list of runs, or save this run with Export.`,
  };
}
