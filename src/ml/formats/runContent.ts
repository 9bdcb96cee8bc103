import type { DataDescription, DataSet } from '../data/dataset.ts';
import type { NetworkDescription } from '../model/network.ts';
import type { NetworkState } from '../model/parameters.ts';
import type { LogEntry } from '../training/log.ts';
import type { EpochResult, RunPosition } from '../training/run.ts';
import type { Snapshot } from '../training/snapshots.ts';
import type { JsonValue } from './json.ts';

/** The saved content of a run, as plain data. */
export interface RunContent {
  name: string;
  /** When the run began, an ISO 8601 date. */
  created: string;
  /** Name of the data set, such as `MNIST`. */
  dataSet: string;
  /** Identifies the data set. Missing for MNIST, as in files from before other data could be chosen. */
  data?: DataDescription;
  /** A person's own images, where they are small enough to travel with the run. */
  images?: DataSet;
  network: NetworkDescription;
  /** The settings, stored without being interpreted. Validate them after reading. */
  settings: { [name: string]: JsonValue };
  log: LogEntry[];
  /** Mean loss of each step's batch before the update; `losses[i]` belongs to step i. */
  losses: Float32Array;
  /** Accuracy of each batch before the update. */
  accuracies: Float32Array;
  epochs: EpochResult[];
  /** Ordered by step. */
  snapshots: Snapshot[];
  /** Step of the snapshot of the best epoch. */
  bestStep?: number;
  /** The state from which training continues bit-identically. */
  checkpoint?: { position: RunPosition; state: Required<NetworkState> };
  /** The panels' results (spectrum, geometry, ...), by name, stored without being interpreted. */
  results: { [name: string]: JsonValue };
  /** Figures and tables by path: `figures/filters.png`, `tables/geometry.csv`. */
  attachments: Map<string, Uint8Array>;
}
