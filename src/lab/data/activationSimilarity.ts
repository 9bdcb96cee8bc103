import { checkWhole } from '../ask/selection.ts';
import type { Watched } from '../ask/watched.ts';
import { checkLayerOf } from './activationChoice.ts';
import type { OpenedActivations } from './activationGeometry.ts';

export interface ActivationSimilarityOptions extends Watched {
  /** Default: every layer of the file. */
  layers?: readonly string[];
  /** The first `count` images. Default 200. */
  count?: number;
}

export interface ActivationSimilarity {
  /** The layers, as rows and as columns. */
  rows: string[];
  columns: string[];
  /** Number of images. */
  count: number;
  /** Debiased linear CKA, row-major; NaN for a layer of one unit and for one without structure beyond noise. */
  values: Float64Array;
}

/** Activations of all layers are in memory at once. */
const MOST_LAYERS = 24;
const MOST_IMAGES = 1000;

const caller = 'similarity';

/** How alike the layers of a file treat the same images. */
export async function similarityOfActivations(
  { worker, info }: OpenedActivations,
  { layers, count = 200, ...watched }: ActivationSimilarityOptions,
): Promise<ActivationSimilarity> {
  const names = layers ? [...layers] : info.layers.map(({ name }) => name);
  for (const name of names) checkLayerOf(info, name, caller);
  checkWhole(names.length, [2, MOST_LAYERS], caller, 'a number of layers');
  const length = Math.min(checkWhole(count, [4, MOST_IMAGES], caller, 'count'), info.count);
  const indices = Int32Array.from({ length }, (_, i) => i);
  const values = await worker.call('similarity', { layers: names, indices }, watched);
  return { rows: names, columns: names, count: length, values };
}
