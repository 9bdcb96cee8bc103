import type { Split } from '../../ml/data/dataset.ts';
import type { Moment } from '../state/state.ts';

export const EXPORT_KINDS = ['run', 'parameters', 'activations', 'notebook'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

export interface ExportOptions {
  /** Whose parameters or activations; a run is exported whole. Default: live. */
  at?: Moment | 'best';
  /** Of `activations`: default every analyzed layer. */
  layers?: readonly string[];
  /** Of `activations`: default the first 100 training images. */
  split?: Split;
  indices?: ArrayLike<number>;
}

export interface Imported {
  kind: 'run' | 'parameters';
  /** Where the run stands now. */
  step: number;
}
