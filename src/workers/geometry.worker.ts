import type { Engine } from '../ml/engines/engine.ts';
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
import type { GeometryCalls, GeometryJob, NetworkMoment } from './protocol.ts';
import { serve } from './rpc.ts';

/**
 * One of the geometry pool's workers: one layer of one moment at a time. Its engine is the CPU's, so that it never
 * takes the GPU from training.
 */
let engine: Engine | undefined;
let loadedKey: string | undefined;

/** What the examples' share of the progress is worth where they are resampled: each costs about half the whole. */
const RESAMPLE_COST = 0.5;

serve<GeometryCalls, never>(self, {
  async analyze({ job, kappa, samples, resamples, warmStart }, { signal, progress }) {
    const { labels, manifolds } = await manifoldsOf(job, signal);
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
    const { manifolds } = await manifoldsOf(job, signal);
    return inSlices(simulateCapacitySteps(manifolds, { dichotomies, seed: job.seed, expected }), {
      signal,
      onSlice: (fraction) => progress({ fraction }),
    });
  },
});

/** The layer's activations, one manifold per class, projected if that is asked for. */
async function manifoldsOf(
  { moment, images, labels, layer, projection, seed }: GeometryJob,
  signal: AbortSignal,
): Promise<{ labels: number[]; manifolds: Manifold[] }> {
  const loaded = await engineAt(moment);
  signal.throwIfAborted();
  const data = await loaded.forward(images, layer);
  signal.throwIfAborted();
  const rows = labels.length;
  const grouped = groupByLabel({ data, rows, columns: data.length / rows }, labels);
  if (projection === undefined) return grouped;
  const steps = randomProjectionSteps(grouped.manifolds, { dimensions: projection, seed });
  return { ...grouped, manifolds: await inSlices(steps, { signal }) };
}

async function engineAt({ key, network, parameters }: NetworkMoment): Promise<Engine> {
  if (engine && JSON.stringify(engine.network) !== JSON.stringify(network)) {
    await engine.dispose();
    engine = undefined;
  }
  if (!engine) {
    engine = await createEngine('wasm', network).catch(() => createEngine(fallbackFor('wasm'), network));
    loadedKey = undefined;
  }
  if (loadedKey !== key) {
    await engine.load({ parameters });
    loadedKey = key;
  }
  return engine;
}
