import type { MetamerLoss } from '../../ml/metamers/loss.ts';
import type { MetamerStart } from '../../ml/metamers/start.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';

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

/** The settings of metamers, without the layers. */
export type MetamerRecipe = Omit<MetamerControls, 'layers'>;

export const NOTEBOOK_START: MetamerStart = { kind: 'noise', scale: 1, mean: 0, seed: 314 };

export const FIRST_CONTROLS: MetamerControls = {
  layers: ['conv', 'fc'],
  start: NOTEBOOK_START,
  // The notebook's 100 iterations are far too few to match from noise of scale 1.
  iterations: 1000,
  learningRate: 0.01,
  loss: 'mse',
  totalVariation: 0,
  // Pixels outside [0, 1] are no image; scripts and the notebook do not clip by default.
  clip: true,
  accumulate: false,
};

/**
 * The notebook's settings, as far as its output reveals them: with a start of N(0, 0.1^2) and gradients that
 * accumulate over iterations, the correlation and the best iteration equal the printed ones. The notebook does not
 * state its noise's scale.
 */
export const AS_THE_NOTEBOOK: MetamerRecipe = {
  start: { kind: 'noise', scale: 0.1, mean: 0, seed: 314 },
  iterations: 100,
  learningRate: 0.01,
  loss: 'mse',
  totalVariation: 0,
  clip: false,
  accumulate: true,
};

/** The loss described by a text. */
export function lossOf(text: string): MetamerLoss {
  return text === 'mse' || text === 'normalized' ? text : { expression: text };
}

/** The layers that a metamer can match, in order, the input first. Flattening only changes the shape. */
export function matchedLayers({ layers }: NetworkDescription): string[] {
  return ['input', ...layers.filter(({ kind }) => kind !== 'flatten').map(({ name }) => name)];
}
