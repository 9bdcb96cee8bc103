import type { KeptRun } from '../../workers/storedRecords.ts';

export interface KeepState {
  /** Saved runs, newest first, without deleted runs. */
  runs: KeptRun[];
  /** Id of this page's run, once part of it is saved. */
  present?: string;
  /** The run deleted last, which can be restored. */
  deleted?: KeptRun;
  /** Why nothing is saved, or why saving has stopped. */
  problem?: string;
}
