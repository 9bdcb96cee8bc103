import type { Steps } from '../../ml/linear/steps.ts';
import { debiasedCkaMatrixSteps } from '../../ml/similarity/alignment.ts';
import type { Layer } from '../inputs/activations.ts';

/** Fewer examples or units leave nothing after the corrections. */
const FEWEST_EXAMPLES = 4;
const FEWEST_UNITS = 2;

/** How similarly the layers of a file arrange the same examples. */
export interface Similarity {
  layers: string[];
  /** Of each layer. */
  units: number[];
  examples: number;
  /** Debiased linear CKA of every pair of layers, row-major; NaN for a layer without figures, such as one of a single unit. */
  values: Float64Array;
}

/** Compares all layers of the same examples. Yields the fraction done. */
export function* layersSimilaritySteps(layers: readonly Layer[]): Steps<number, Similarity> {
  const places = layers.flatMap(({ rows, columns }, i) =>
    rows >= FEWEST_EXAMPLES && columns >= FEWEST_UNITS ? [i] : [],
  );
  const known = yield* debiasedCkaMatrixSteps(places.map((i) => layers[i]));
  const values = new Float64Array(layers.length ** 2).fill(Number.NaN);
  places.forEach((row, i) => {
    places.forEach((column, j) => {
      values[row * layers.length + column] = known[i * places.length + j];
    });
  });
  return {
    layers: layers.map(({ name }) => name),
    units: layers.map(({ columns }) => columns),
    examples: layers[0].rows,
    values,
  };
}
