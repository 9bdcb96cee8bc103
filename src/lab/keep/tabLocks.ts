import type { TabLocks } from './runLocks.ts';

const PREFIX = 'untangle.run.';

/**
 * Uses the browser's Web Locks, which are released when a tab ends for any reason. Without Web Locks, as on plain http,
 * tabs ask each other.
 */
export function createTabLocks(locks: LockManager | undefined): TabLocks {
  if (locks) return createWebLocks(locks);
  return lateLocks(import('./channelLocks.ts').then(({ createChannelLocks }) => createChannelLocks()));
}

/** Locks that load on their own, because few pages need them. */
function lateLocks(loading: Promise<TabLocks>): TabLocks {
  return {
    take: async (run) => (await loading).take(run),
    release: (run) => void loading.then((locks) => locks.release(run)),
    held: async () => (await loading).held(),
    onLost: (callback) => void loading.then((locks) => locks.onLost(callback)),
  };
}

function createWebLocks(locks: LockManager): TabLocks {
  const releases = new Map<string, () => void>();
  return {
    take(run) {
      if (releases.has(run)) return Promise.resolve(true);
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
      const names = (await locks.query()).held?.map(({ name }) => name ?? '') ?? [];
      return new Set(
        names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)),
      );
    },
    // The browser never gives a lock to two tabs, so a lock is never lost.
    onLost: () => undefined,
  };
}
