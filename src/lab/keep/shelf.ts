import type { StoreApi } from 'zustand/vanilla';
import { messageOf } from '../../ml/callError.ts';
import type { RunStorage } from '../../workers/runStorage.ts';
import type { LabProblem } from '../state/state.ts';
import type { KeepState } from './keepState.ts';

/** The storage of runs, once open and while it works. */
export interface Shelf {
  readonly storage: RunStorage | undefined;
  /** Resolves when the storage has opened or failed to open. */
  readonly opened: Promise<void>;
  /** Stops using the storage and shows the reason. */
  giveUp(message: string): void;
}

interface Parts {
  opening: Promise<RunStorage>;
  store: StoreApi<KeepState>;
  report(problem: LabProblem): void;
  /** Handles an error of the opened storage. */
  failed(error: unknown): void;
}

export function createShelf({ opening, store, report, failed }: Parts): Shelf {
  let storage: RunStorage | undefined;

  function giveUp(message: string): void {
    storage = undefined;
    store.setState({ problem: message });
    report({ place: 'page', kind: 'notice', message });
  }

  async function open(): Promise<void> {
    let found: RunStorage;
    try {
      found = await opening;
    } catch (error) {
      giveUp(
        `Runs can’t be saved in this browser (${messageOf(error)}). This run is lost when you close the tab; use Export to save it as a file.`,
      );
      return;
    }
    storage = found;
    try {
      // Deletions before this visit can no longer be undone.
      for (const run of await found.list()) if (run.deleted) await found.remove(run.id);
    } catch (error) {
      failed(error);
    }
  }

  return {
    get storage() {
      return storage;
    },
    opened: open(),
    giveUp,
  };
}
