import type { KeptRun } from '../../workers/storedRecords.ts';

/** A saved run in the list. */
export interface KeptRunInfo {
  id: string;
  name: string;
  /** Times of creation and of the last save, in ISO 8601. */
  created: string;
  changed: string;
  step: number;
  epochs: number;
  /** Best test accuracy of the epochs so far. */
  bestTestAccuracy?: number;
  pinned: boolean;
  bytes: number;
}

export function keptRunInfo({
  id,
  name,
  created,
  changed,
  step,
  epochs,
  pinned,
  bytes,
}: KeptRun): KeptRunInfo {
  const accuracies = epochs.map(({ testAccuracy }) => testAccuracy);
  return {
    id,
    name,
    created,
    changed: new Date(changed).toISOString(),
    step,
    epochs: epochs.length,
    bestTestAccuracy: accuracies.length > 0 ? Math.max(...accuracies) : undefined,
    pinned,
    bytes,
  };
}
