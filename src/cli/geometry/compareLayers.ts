import type { Host } from '../frame/command.ts';
import type { Progress } from '../frame/progress.ts';
import type { Layer } from '../inputs/activations.ts';
import { type Outcome, runJobs } from '../threads/pool.ts';
import type { GeometryCalls } from './serve.ts';
import type { Similarity } from './similarity.ts';

/** `layersSimilaritySteps` on a thread. */
export async function compareLayers(
  layers: readonly Layer[],
  { host, progress }: { host: Host; progress: Progress },
): Promise<Outcome<Similarity>> {
  const [outcome] = await runJobs<GeometryCalls, 'similarity'>('similarity', [layers], {
    ...{ thread: 'analysis', threads: 1, startThread: host.startThread, signal: host.signal },
    onProgress: (_, fraction) => progress.now(`Comparing the layers: ${Math.floor(100 * fraction)} %`),
  });
  progress.clear();
  return outcome;
}
