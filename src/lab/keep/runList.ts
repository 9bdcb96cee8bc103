import type { StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { KeptContent, RunMarks, RunOverview } from '../../workers/runStorage.ts';
import type { KeptRun } from '../../workers/storedRecords.ts';
import type { Finding } from './findings.ts';
import type { KeepState } from './keepState.ts';
import type { Room } from './room.ts';
import type { TabLocks } from './runLocks.ts';
import type { Shelf } from './shelf.ts';

/** The runs saved in this browser, with calls to list, read and change them. */
export interface RunList {
  refresh(): Promise<KeptRun[]>;
  /** Reads a run and locks it for this page. @throws if another tab uses the run. */
  read(id: string): Promise<KeptContent>;
  /** Reads a saved run for comparison with the present run. @throws if no run has this id. */
  overview(id: string): Promise<RunOverview>;
  /** The parameters of a saved run's snapshot. @throws if there is no such snapshot. */
  parametersAt(id: string, step: number): Promise<Parameters>;
  /** Saves findings about a run other than the page's. */
  saveFindings(id: string, findings: readonly Finding[]): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  pin(id: string, pinned: boolean): Promise<void>;
  /** Deletes a run; the previously deleted run can then no longer be restored. */
  remove(id: string): Promise<void>;
  undoRemove(): Promise<void>;
}

interface Parts {
  store: StoreApi<KeepState>;
  shelf: Shelf;
  room: Room;
  locks: TabLocks;
  /** Resolves when nothing is left to write. */
  written(): Promise<void>;
  write(): void;
  /** Whether a run is the page's. */
  isPresent(id: string): boolean;
}

export function createRunList(parts: Parts): RunList {
  const { store, shelf, written } = parts;

  async function settled(): Promise<void> {
    await shelf.opened;
    await written();
  }

  async function refresh(): Promise<KeptRun[]> {
    await settled();
    const runs = newestFirst(await shelf.storage?.list());
    store.setState({ runs });
    return runs;
  }

  async function mark(id: string, marks: Partial<RunMarks>): Promise<void> {
    await settled();
    await shelf.storage?.mark(id, marks);
    await refresh();
  }

  return {
    refresh,
    ...runReaders(parts, settled),
    async saveFindings(id, findings) {
      const { savable } = await import('./findings.ts');
      const results = findings.map((finding) => savable(finding).result(Date.now()));
      await shelf.storage?.saveResults(id, { results, forgotten: [] });
    },
    rename: (id, name) => mark(id, { name }),
    pin: (id, pinned) => mark(id, { pinned }),
    remove: (id) => removeRun({ ...parts, mark, refresh }, id),
    async undoRemove() {
      const { deleted } = store.getState();
      if (!deleted) return;
      store.setState({ deleted: undefined });
      await mark(deleted.id, { deleted: false });
    },
  };
}

function runReaders(
  { shelf, locks, isPresent }: Parts,
  settled: () => Promise<void>,
): Pick<RunList, 'read' | 'overview' | 'parametersAt'> {
  return {
    async read(id) {
      await settled();
      if (!isPresent(id) && (await locks.held()).has(id)) {
        throw new CallError('open', 'another tab uses this run. Continue there, or close that tab.');
      }
      const content = await shelf.storage?.read(id);
      if (!content)
        throw new CallError(
          'open',
          `expected a saved run with the id ${JSON.stringify(id)}, found none, or one whose checkpoint is damaged`,
        );
      return content;
    },
    async overview(id) {
      await settled();
      const found = await shelf.storage?.overview(id);
      if (!found)
        throw new CallError(
          'compare',
          'expected a saved run, found none. It may have been deleted to free space.',
        );
      return found;
    },
    async parametersAt(id, step) {
      const parameters = await shelf.storage?.parametersAt(id, step);
      if (!parameters) {
        throw new CallError(
          'compare',
          `expected a saved snapshot at step ${step}, found none. It may have been deleted.`,
        );
      }
      return parameters;
    },
  };
}

interface Removal extends Parts {
  mark(id: string, marks: Partial<RunMarks>): Promise<void>;
  refresh(): Promise<KeptRun[]>;
}

/** Marks a run as deleted. A full storage deletes the run at once to free its space. */
async function removeRun(
  { store, shelf, room, locks, write, isPresent, mark, refresh }: Removal,
  id: string,
): Promise<void> {
  if (isPresent(id)) {
    throw new CallError('delete', 'this is the run on the page. Reset first, then delete it.');
  }
  if ((await locks.held()).has(id)) throw new CallError('delete', 'another tab uses this run.');
  const { deleted, runs } = store.getState();
  if (deleted) await shelf.storage?.remove(deleted.id);
  if (room.isFull) {
    await shelf.storage?.remove(id);
    store.setState({ deleted: undefined });
    write();
    await refresh();
    return;
  }
  await mark(id, { deleted: true });
  store.setState({ deleted: runs.find((run) => run.id === id) });
}

/** Runs that are not deleted, most recently changed first. */
export function newestFirst(runs: readonly KeptRun[] = []): KeptRun[] {
  return runs.filter(({ deleted }) => !deleted).sort((a, b) => b.changed - a.changed);
}
