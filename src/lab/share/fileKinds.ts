import type { Split } from '../../ml/data/dataset.ts';
import type { OpenedWeights } from '../../ml/formats/weights/openWeights.ts';
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

/** What was opened, and the step where the run stands now. */
export type Imported =
  | { kind: 'run'; step: number }
  | ({ kind: 'parameters'; step: number } & Pick<OpenedWeights, 'format' | 'renamed' | 'unused'>);
