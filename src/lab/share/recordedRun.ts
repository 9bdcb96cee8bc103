import { CallError } from '../../ml/callError.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import type { NetworkState, Parameters } from '../../ml/model/parameters.ts';
import { Mt19937 } from '../../ml/random/mt19937.ts';
import type { RunPosition } from '../../ml/training/run.ts';
import type { RecordedId } from '../state/state.ts';

/** Files next to the page, created by `scripts/recordRun.mjs`. */
export const RECORDED_FILES: Readonly<Record<RecordedId, string>> = {
  notebook: 'recorded.untangle.zip',
  lenet: 'recorded-lenet.untangle.zip',
};

export interface RecordedOptions {
  /** Default: the notebook's. */
  id?: RecordedId;
  /** Whether the run is still wanted once it is fetched. */
  isWanted?(): boolean;
}

/**
 * The checkpoint of a recorded run, without an optimizer state, because the run can only be viewed.
 * @param initial the seed's initial parameters, which the file omits.
 */
export function recordedCheckpoint(
  { snapshots, epochs, losses }: RunContent,
  { seed, initial }: { seed: number; initial: Parameters },
): { snapshots: RunContent['snapshots']; checkpoint: { position: RunPosition; state: NetworkState } } {
  const last = snapshots.at(-1);
  if (!last) throw new CallError('recordedRun', 'expected a snapshot, found none');
  const position: RunPosition = {
    seed,
    generator: new Mt19937(seed).state(),
    step: losses.length,
    epoch: epochs.length,
    offset: 0,
    lossSum: 0,
    correct: 0,
    seconds: 0,
  };
  return {
    snapshots: [{ step: 0, epoch: 0, epochEnd: false, parameters: initial }, ...snapshots],
    checkpoint: { position, state: { parameters: last.parameters } },
  };
}
