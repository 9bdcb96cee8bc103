import type { StoreApi } from 'zustand/vanilla';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import { bestEpoch } from './history.ts';
import type { LabState } from './state.ts';

/** Lists the run's snapshots in the page's state. */
export function listSnapshots(
  { getState, setState }: Pick<StoreApi<LabState>, 'getState' | 'setState'>,
  snapshots: SnapshotStore,
): void {
  const best = bestEpoch(getState().history);
  setState({
    snapshots: snapshots
      .list()
      .map(({ step, epoch, epochEnd }) => ({ step, epoch, epochEnd, best: step === best?.step })),
    snapshotNotice:
      snapshots.thinned > 0
        ? `${snapshots.thinned} ${snapshots.thinned === 1 ? 'snapshot was' : 'snapshots were'} thinned out to stay within ${Math.round(snapshots.budget / 2 ** 20)} MB.`
        : undefined,
  });
}
