/** Says which tab is at work on which run, so that no tab writes over another's. */
export interface TabLocks {
  /** Whether this tab has it from now on. */
  take(run: string): Promise<boolean>;
  release(run: string): void;
  /** Runs that some tab has, this one included. */
  held(): Promise<Set<string>>;
  /** Calls back with a run that turns out to be another tab's. */
  onLost(callback: (run: string) => void): void;
}

/** A reload may ask before the page that it replaces has let go of its run. */
const LOCK_TRIES = 5;
const LOCK_WAIT = 100;

/** Takes a run, after a few tries if need be; tells whether this tab has it. */
export async function takeSoon(locks: TabLocks, run: string): Promise<boolean> {
  for (let tries = 1; tries <= LOCK_TRIES; tries++) {
    if (await locks.take(run)) return true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT));
  }
  return false;
}
