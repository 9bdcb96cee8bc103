import {
  analyzeManifoldsSteps,
  groupByLabel,
  type Manifold,
  type Resample,
  randomHalves,
  randomProjectionSteps,
  resampleSteps,
  simulateCapacitySteps,
} from '../ml/geometry/index.ts';
import { createEngine, fallbackFor } from './engines.ts';
import { inSlices } from './inSlices.ts';
import { MomentEngine } from './momentEngine.ts';
import type { GeometryCalls, GeometryJob } from './protocol.ts';
import { type CallContext, type Endpoint, serve } from './rpc.ts';

/**
 * A worker of the geometry pool, which analyzes one layer of one moment at a time. It uses a CPU engine, so that it never
 * takes the GPU from training.
 */
export function createGeometry(endpoint: Endpoint): void {
  const moments = new MomentEngine((network) =>
    createEngine('wasm', network).catch(() => createEngine(fallbackFor('wasm'), network)),
  );

  serve<GeometryCalls, never>(endpoint, {
    async analyze({ job, kappa, samples, search }, { signal, progress, turn }) {
      const { labels, manifolds } = await manifoldsOf(moments, job, { signal, turn });
      const options = { kappa, samples, seed: job.seed, ...search, names: namesOf(labels) };
      const { centers, ...result } = await inSlices(analyzeManifoldsSteps(manifolds, options), {
        signal,
        turn,
        onSlice: ({ fraction }) => progress({ fraction }),
      });
      const warmStart = centers.candidates.map((candidate) => candidate.weights);
      return { ...result, layer: job.layer, labels, warmStart };
    },
    async resample({ job, draws, kappa, samples, search }, { signal, progress, turn }) {
      // A random projection changes the spread over images by much less than the error of that spread.
      const exact = { ...job, projection: undefined };
      const resamples: Resample[] = [];
      const whole = draws.some(({ drawn }) => !drawn)
        ? manifoldsOf(moments, exact, { signal, turn })
        : undefined;
      for (const { seed, drawn } of draws) {
        const { labels, manifolds } = await (drawn || !whole
          ? manifoldsOf(moments, { ...exact, ...drawn }, { signal, turn })
          : whole);
        const options = { kappa, samples, seed, ...search, names: namesOf(labels) };
        const others = drawn ? manifolds : randomHalves(manifolds, seed);
        const done = resamples.length;
        resamples.push(
          await inSlices(resampleSteps(others, options), {
            signal,
            turn,
            onSlice: (fraction) => progress({ fraction: (done + fraction) / draws.length }),
          }),
        );
      }
      return resamples;
    },
    async simulate({ job, dichotomies, offset, expected }, { signal, progress, turn }) {
      const { manifolds } = await manifoldsOf(moments, job, { signal, turn });
      const options = { dichotomies, seed: job.seed, bias: offset, expected };
      return inSlices(simulateCapacitySteps(manifolds, options), {
        signal,
        turn,
        onSlice: (fraction) => progress({ fraction }),
      });
    },
  });
}

interface ManifoldsByLabel {
  labels: number[];
  manifolds: Manifold[];
}

const namesOf = (labels: readonly number[]) => labels.map((label) => `class ${label}`);

/** The network's activations for the job's images. */
async function activationsOf(
  moments: MomentEngine,
  { moment, images, layer }: Extract<GeometryJob, { images: Uint8Array }>,
  signal: AbortSignal,
): Promise<Float32Array> {
  const loaded = await moments.at(moment);
  signal.throwIfAborted();
  const data = await loaded.forward(images, layer);
  signal.throwIfAborted();
  return data;
}

/** The layer's activations, one manifold per class, projected on request. */
async function manifoldsOf(
  moments: MomentEngine,
  job: GeometryJob,
  { signal, turn }: Pick<CallContext<never>, 'signal' | 'turn'>,
): Promise<ManifoldsByLabel> {
  const { labels, projection, seed } = job;
  const data = 'rows' in job ? job.rows.data : await activationsOf(moments, job, signal);
  const rows = labels.length;
  const grouped = groupByLabel({ data, rows, columns: data.length / rows }, labels);
  if (projection === undefined) return grouped;
  const steps = randomProjectionSteps(grouped.manifolds, { dimensions: projection, seed });
  return { ...grouped, manifolds: await inSlices(steps, { signal, turn }) };
}
