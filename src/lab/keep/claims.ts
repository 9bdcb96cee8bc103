import type { TabLocks } from './runLocks.ts';

/** The runs that this page has claimed, and the runs that it lost to other tabs. */
export interface Claims {
  claim(run: string): void;
  /** Whether the run was lost to another tab, so that nothing may be written to it. */
  isLost(run: string): boolean;
}

interface Parts {
  lost(run: string): void;
  failed(error: unknown): void;
}

export function createClaims(locks: TabLocks, { lost, failed }: Parts): Claims {
  const given = new Set<string>();
  const giveUp = (run: string) => {
    given.add(run);
    lost(run);
  };
  locks.onLost(giveUp);
  return {
    claim(run) {
      locks.take(run).then((taken) => {
        if (!taken) giveUp(run);
      }, failed);
    },
    isLost: (run) => given.has(run),
  };
}
