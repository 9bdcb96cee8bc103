import type { TextStorage } from '../state/timings.ts';

const KEY = 'untangle.linkedRun';

/**
 * Remembers, until the tab closes, which run belongs to the link in its address. A link begins a new run, and a reload
 * reopens that run.
 */
export interface LinkedRun {
  /** The id of the run that the link began in this tab. */
  of(hash: string): string | undefined;
  remember(hash: string, run: string | undefined): void;
}

/** @param storage the tab's session storage; if the browser blocks it (undefined), a reload begins a new run. */
export function createLinkedRun(storage: TextStorage | undefined): LinkedRun {
  return {
    of(hash) {
      const [known, run] = storage?.getItem(KEY)?.split('\n') ?? [];
      return run && known === hash ? run : undefined;
    },
    remember(hash, run) {
      try {
        // Before the first checkpoint nothing is saved, so there is nothing to reopen.
        storage?.setItem(KEY, run ? `${hash}\n${run}` : '');
      } catch {
        // The storage is full: a reload then begins a new run.
      }
    },
  };
}
