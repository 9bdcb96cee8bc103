import type { Steps } from '../../ml/linear/steps.ts';
import { type CkaMatrix, debiasedCkaEstimatesSteps } from '../../ml/similarity/alignment.ts';
import type { Layer } from '../inputs/activations.ts';

/** How similarly the layers of a file arrange the same examples: every pair of layers, row-major. */
export interface Similarity extends CkaMatrix {
  layers: string[];
  /** Of each layer. */
  units: number[];
  examples: number;
}

/** Compares all layers of the same examples. Yields the fraction done. */
export function* layersSimilaritySteps(layers: readonly Layer[]): Steps<number, Similarity> {
  const matrix = yield* debiasedCkaEstimatesSteps(layers);
  return {
    layers: layers.map(({ name }) => name),
    units: layers.map(({ columns }) => columns),
    examples: layers[0].rows,
    ...matrix,
  };
}
