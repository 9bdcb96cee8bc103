/** Says which tab is at work on which run, so that no tab writes over another's. */
export interface TabLocks {
  /** Whether this tab has it from now on. */
  take(run: string): Promise<boolean>;
  release(run: string): void;
  /** Runs that some tab has, this one included. */
  held(): Promise<Set<string>>;
}

const PREFIX = 'untangle.run.';

/** The browser's Web Locks, which end with their tab, however it ends. Without them (no https) tabs do not know of each other. */
export function createTabLocks(locks: LockManager | undefined): TabLocks {
  const releases = new Map<string, () => void>();
  return {
    take(run) {
      if (!locks || releases.has(run)) return Promise.resolve(true);
      return new Promise((resolve, reject) => {
        locks
          .request(PREFIX + run, { ifAvailable: true }, (lock) => {
            resolve(lock !== null);
            return lock && new Promise<void>((release) => releases.set(run, release));
          })
          .catch(reject);
      });
    },
    release(run) {
      releases.get(run)?.();
      releases.delete(run);
    },
    async held() {
      const names = (await locks?.query())?.held?.map(({ name }) => name ?? '') ?? [];
      return new Set(
        names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)),
      );
    },
  };
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
