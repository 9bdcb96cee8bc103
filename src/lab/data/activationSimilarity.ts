import { checkSimilarity, type SimilarityMatrix } from '../ask/similarityMatrix.ts';
import type { Watched } from '../ask/watched.ts';
import { checkLayerOf } from './activationChoice.ts';
import type { OpenedActivations } from './activationGeometry.ts';

export interface ActivationSimilarityOptions extends Watched {
  /** Default: every layer of the file. */
  layers?: readonly string[];
  /** The first `count` images. Default 200. */
  count?: number;
}

/** How alike the layers of a file treat the same images. */
export async function similarityOfActivations(
  { worker, info }: OpenedActivations,
  { layers, count, ...watched }: ActivationSimilarityOptions,
): Promise<SimilarityMatrix> {
  const names = layers ? [...layers] : info.layers.map(({ name }) => name);
  for (const name of names) checkLayerOf(info, name, 'similarity');
  const length = Math.min(checkSimilarity(count, names.length, 'a number of layers'), info.count);
  const indices = Int32Array.from({ length }, (_, i) => i);
  const { values, errors } = await worker.call('similarity', { layers: names, indices }, watched);
  return { rows: names, columns: names, count: length, values, errors };
}
