import type { MetamerLoss } from '../../ml/metamers/loss.ts';
import type { MetamerStart } from '../../ml/metamers/start.ts';

export interface MetamerControls {
  layers: readonly string[];
  start: MetamerStart;
  iterations: number;
  learningRate: number;
  /** `mse`, `normalized`, or an expression. */
  loss: string;
  totalVariation: number;
  clip: boolean;
  accumulate: boolean;
}

/** How metamers were made, but for the layers. */
export type MetamerRecipe = Omit<MetamerControls, 'layers'>;

export const NOTEBOOK_START: MetamerStart = { kind: 'noise', scale: 1, mean: 0, seed: 314 };

export const FIRST_CONTROLS: MetamerControls = {
  layers: ['conv', 'fc'],
  start: NOTEBOOK_START,
  // The notebook makes 100, from which noise of scale 1 is still far from a match.
  iterations: 1000,
  learningRate: 0.01,
  loss: 'mse',
  totalVariation: 0,
  clip: false,
  accumulate: false,
};

/** The loss that a person's text means. */
export function lossOf(text: string): MetamerLoss {
  return text === 'mse' || text === 'normalized' ? text : { expression: text };
}
