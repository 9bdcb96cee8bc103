import type { KeptRun } from '../../workers/runStorage.ts';

export interface KeepState {
  /** Newest first, without the deleted ones. */
  runs: KeptRun[];
  /** The run of this page, once something of it is saved. */
  present?: string;
  /** The run that was deleted last: it can come back. */
  deleted?: KeptRun;
  /** Why nothing is saved, or nothing more. */
  problem?: string;
}
