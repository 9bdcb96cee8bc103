import type { Steps } from '../../ml/linear/steps.ts';
import { debiasedCkaMatrixSteps } from '../../ml/similarity/alignment.ts';
import type { Layer } from '../inputs/activations.ts';

/** How similarly the layers of a file arrange the same examples. */
export interface Similarity {
  layers: string[];
  /** Of each layer. */
  units: number[];
  examples: number;
  /** Debiased linear CKA of every pair of layers, row-major; NaN for a layer of one unit, and where nothing is left beyond noise. */
  values: Float64Array;
}

/** Compares all layers of the same examples. Yields the fraction done. */
export function* layersSimilaritySteps(layers: readonly Layer[]): Steps<number, Similarity> {
  const values = yield* debiasedCkaMatrixSteps(layers);
  return {
    layers: layers.map(({ name }) => name),
    units: layers.map(({ columns }) => columns),
    examples: layers[0].rows,
    values,
  };
}
