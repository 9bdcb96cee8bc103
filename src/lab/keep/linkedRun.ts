import type { TextStorage } from '../state/timings.ts';

const KEY = 'untangle.linkedRun';

/**
 * Remembers, for as long as a tab lasts, which run belongs to the link in its address: a link begins a run of its own, and a
 * reload comes back to that one.
 */
export interface LinkedRun {
  /** The id of the run that this link began in this tab. */
  of(hash: string): string | undefined;
  remember(hash: string, run: string | undefined): void;
}

/** @param storage the tab's own; undefined where the browser blocks it: a reload then begins the link anew. */
export function createLinkedRun(storage: TextStorage | undefined): LinkedRun {
  return {
    of(hash) {
      const [known, run] = storage?.getItem(KEY)?.split('\n') ?? [];
      return run && known === hash ? run : undefined;
    },
    remember(hash, run) {
      try {
        // Before its first checkpoint a run is not kept, and there is nothing to come back to.
        storage?.setItem(KEY, run ? `${hash}\n${run}` : '');
      } catch {
        // A full storage: see above.
      }
    },
  };
}
