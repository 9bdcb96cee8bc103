import type { Split } from '../../ml/data/dataset.ts';
import type { OpenedWeights } from '../../ml/formats/weights/openWeights.ts';
import type { Moment } from '../state/state.ts';

export const EXPORT_KINDS = ['run', 'parameters', 'activations', 'notebook', 'data'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

export interface ExportOptions {
  /** The moment of the parameters or activations (default: live). Ignored for a whole run. */
  at?: Moment | 'best';
  /** Layers of `activations`. Default: every analyzed layer. */
  layers?: readonly string[];
  /** Images of `activations`. Default: the first 100 training images. */
  split?: Split;
  indices?: ArrayLike<number>;
}

/** The kind of file opened, and the run's current step. */
export type Imported =
  | { kind: 'run'; step: number }
  | ({ kind: 'parameters'; step: number } & Pick<OpenedWeights, 'format' | 'renamed' | 'unused'>);
