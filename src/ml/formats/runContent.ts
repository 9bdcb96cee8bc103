import type { NetworkDescription } from '../model/network.ts';
import type { NetworkState } from '../model/parameters.ts';
import type { LogEntry } from '../training/log.ts';
import type { EpochResult, RunPosition } from '../training/run.ts';
import type { Snapshot } from '../training/snapshots.ts';
import type { JsonValue } from './json.ts';

/** All that is kept of a run, as plain data. */
export interface RunContent {
  name: string;
  /** When the run began, as an ISO 8601 date. */
  created: string;
  /** Name of the data set, such as `MNIST`. */
  dataSet: string;
  network: NetworkDescription;
  /** The settings as their owner keeps them; carried, not read. Validate them after reading. */
  settings: { [name: string]: JsonValue };
  log: LogEntry[];
  /** Mean loss of each step's batch before its update; `losses[i]` belongs to step i. */
  losses: Float32Array;
  /** Share of each batch that was right before the update. */
  accuracies: Float32Array;
  epochs: EpochResult[];
  /** In the order of their steps. */
  snapshots: Snapshot[];
  /** Step of the snapshot of the best epoch. */
  bestStep?: number;
  /** What is needed to go on, bit by bit, from where the run stood. */
  checkpoint?: { position: RunPosition; state: Required<NetworkState> };
  /** What panels found (spectrum, geometry, ...), by name; carried, not read. */
  results: { [name: string]: JsonValue };
  /** Figures and tables by path: `figures/filters.png`, `tables/geometry.csv`. */
  attachments: Map<string, Uint8Array>;
}
