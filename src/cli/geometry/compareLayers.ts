import type { Progress } from '../frame/progress.ts';
import type { Layer } from '../inputs/activations.ts';
import { type Outcome, outcomeOf, type Pool } from '../threads/pool.ts';
import type { GeometryCalls } from './serve.ts';
import type { Similarity } from './similarity.ts';

/** `layersSimilaritySteps` on a thread. */
export async function compareLayers(
  layers: readonly Layer[],
  { pool, signal, progress }: { pool: Pool<GeometryCalls>; signal: AbortSignal; progress: Progress },
): Promise<Outcome<Similarity>> {
  const onProgress = (fraction: number) =>
    progress.now(`Comparing the layers: ${Math.floor(100 * fraction)} %`);
  const outcome = await outcomeOf(pool.call('similarity', layers, { job: 0, onProgress }), signal);
  progress.clear();
  return outcome;
}
