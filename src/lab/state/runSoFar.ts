import type { NetworkDescription } from '../../ml/model/network.ts';

/** The run that a finding must be consistent with. */
export interface RunSoFar {
  network: NetworkDescription;
  /** The run's current step. */
  step: number;
}
