import type { NetworkDescription } from '../../ml/model/network.ts';

/** What a finding must fit. */
export interface RunSoFar {
  network: NetworkDescription;
  /** Where the run stands. */
  step: number;
}
