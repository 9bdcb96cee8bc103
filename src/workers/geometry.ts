import {
  analyzeManifoldsSteps,
  groupByLabel,
  type Manifold,
  randomProjectionSteps,
  resampleExamplesSteps,
  simulateCapacitySteps,
} from '../ml/geometry/index.ts';
import { createEngine, fallbackFor } from './engines.ts';
import { inSlices } from './inSlices.ts';
import { MomentEngine } from './momentEngine.ts';
import type { GeometryCalls, GeometryJob } from './protocol.ts';
import { type Endpoint, serve } from './rpc.ts';

/** What the examples' share of the progress is worth where they are resampled: each costs about half the whole. */
const RESAMPLE_COST = 0.5;

/**
 * One of the geometry pool's workers: one layer of one moment at a time. Its engine is the CPU's, so that it never
 * takes the GPU from training.
 */
export function createGeometry(endpoint: Endpoint): void {
  const moments = new MomentEngine((network) =>
    createEngine('wasm', network).catch(() => createEngine(fallbackFor('wasm'), network)),
  );

  serve<GeometryCalls, never>(endpoint, {
    async analyze({ job, kappa, samples, resamples, warmStart }, { signal, progress }) {
      const { labels, manifolds } = await manifoldsOf(moments, job, signal);
      const names = labels.map((label) => `class ${label}`);
      const options = { kappa, samples, seed: job.seed, warmStart, names };
      const whole = 1 / (1 + RESAMPLE_COST * resamples);
      const { centers, ...result } = await inSlices(analyzeManifoldsSteps(manifolds, options), {
        signal,
        onSlice: ({ fraction }) => progress({ fraction: fraction * whole }),
      });
      const weights = centers.candidates.map((candidate) => candidate.weights);
      const exampleErrors =
        resamples === 0
          ? undefined
          : await inSlices(resampleExamplesSteps(manifolds, { ...options, resamples, warmStart: weights }), {
              signal,
              onSlice: (fraction) => progress({ fraction: whole + (1 - whole) * fraction }),
            });
      return { ...result, layer: job.layer, labels, exampleErrors, warmStart: weights };
    },
    async simulate({ job, dichotomies, expected }, { signal, progress }) {
      const { manifolds } = await manifoldsOf(moments, job, signal);
      return inSlices(simulateCapacitySteps(manifolds, { dichotomies, seed: job.seed, expected }), {
        signal,
        onSlice: (fraction) => progress({ fraction }),
      });
    },
  });
}

/** The layer's activations, one manifold per class, projected if that is asked for. */
async function manifoldsOf(
  moments: MomentEngine,
  { moment, images, labels, layer, projection, seed }: GeometryJob,
  signal: AbortSignal,
): Promise<{ labels: number[]; manifolds: Manifold[] }> {
  const loaded = await moments.at(moment);
  signal.throwIfAborted();
  const data = await loaded.forward(images, layer);
  signal.throwIfAborted();
  const rows = labels.length;
  const grouped = groupByLabel({ data, rows, columns: data.length / rows }, labels);
  if (projection === undefined) return grouped;
  const steps = randomProjectionSteps(grouped.manifolds, { dimensions: projection, seed });
  return { ...grouped, manifolds: await inSlices(steps, { signal }) };
}
