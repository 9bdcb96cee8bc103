/** Locks that give each run to one tab, so that tabs do not overwrite each other's runs. */
export interface TabLocks {
  /** Tries to lock a run for this tab; returns whether that worked. */
  take(run: string): Promise<boolean>;
  release(run: string): void;
  /** Runs locked by any tab, including this one. */
  held(): Promise<Set<string>>;
  /** Calls back with a run that this tab has lost to another tab. */
  onLost(callback: (run: string) => void): void;
}

/** Number of attempts; after a reload, the old page may still hold its lock for a moment. */
const LOCK_TRIES = 5;
const LOCK_WAIT = 100;

/** Locks a run, with a few retries; returns whether that worked. */
export async function takeSoon(locks: TabLocks, run: string): Promise<boolean> {
  for (let tries = 1; tries <= LOCK_TRIES; tries++) {
    if (await locks.take(run)) return true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT));
  }
  return false;
}
