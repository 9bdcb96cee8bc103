import {
  analyzeManifoldsSteps,
  fewShot,
  glueResampleSteps,
  glueSpanSteps,
  glueSummarySteps,
  glueWorkSteps,
  groupByLabel,
  type Manifold,
  neuralCollapse,
  randomHalves,
  randomProjectionSteps,
  resampleSteps,
  simulateCapacitySteps,
} from '../ml/geometry/index.ts';
import type { Steps } from '../ml/linear/steps.ts';
import { type Represented, representSteps, similaritySteps } from '../ml/similarity/alignment.ts';
import { createEngine, fallbackFor } from './engines.ts';
import type { Companions, GeometryCalls, GeometryJob, ResampleDraw } from './geometryProtocol.ts';
import { inSlices } from './inSlices.ts';
import { MomentEngine } from './momentEngine.ts';
import { type CallContext, type Endpoint, type Handlers, serve } from './rpc.ts';
import { sharedMatrix } from './sharedMemory.ts';

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
    async resample({ job, draws, kappa, samples, search }, context) {
      return onOtherImages(moments, { job, draws }, context, ({ labels, manifolds }, seed) =>
        resampleSteps(manifolds, { kappa, samples, seed, ...search, names: namesOf(labels) }),
      );
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
    ...glueCalls(moments),
    ...similarityCall(moments),
  });
}

/** Debiased CKA of representations: they are prepared one after another, and then compared in pairs. */
function similarityCall(moments: MomentEngine): Pick<Handlers<GeometryCalls>, 'similarity'> {
  return {
    async similarity({ images, labels, parts }, { signal, progress, turn }) {
      const rows = labels.length;
      const represented: Represented[] = [];
      for (const [i, { moment, layer }] of parts.entries()) {
        const data = await (await moments.at(moment)).forward(images, layer);
        signal.throwIfAborted();
        const steps = representSteps({ data, rows, columns: data.length / rows });
        const onSlice = (part: number) => progress({ fraction: (0.8 * (i + part)) / parts.length });
        represented.push(await inSlices(steps, { signal, turn, onSlice }));
      }
      const sharesUnits = (i: number, j: number) => parts[i].units === parts[j].units;
      return inSlices(similaritySteps(represented, sharesUnits), {
        signal,
        turn,
        onSlice: (part) => progress({ fraction: 0.8 + 0.2 * part }),
      });
    },
  };
}

type GlueKind = 'glueSpan' | 'glueSamples' | 'glueSummary' | 'glueResample';

/** GLUE in three parts, so that workers share the samples of one layer; the same figures however many workers. */
function glueCalls(moments: MomentEngine): Pick<Handlers<GeometryCalls>, GlueKind> {
  return {
    async glueSpan({ job, center }, { signal, progress, turn }) {
      const { manifolds } = await manifoldsOf(moments, job, { signal, turn });
      const span = await inSlices(glueSpanSteps(manifolds, center), {
        signal,
        turn,
        onSlice: (fraction) => progress({ fraction }),
      });
      const shared = { ...span, points: sharedMatrix(span.points), basis: sharedMatrix(span.basis) };
      return { span: shared, companions: companionsOf(manifolds, job.seed) };
    },
    async glueSamples({ span, seed, ensemble, work }, { signal, progress, turn }) {
      return inSlices(glueWorkSteps(span, { seed, ensemble }, work), {
        signal,
        turn,
        onSlice: (fraction) => progress({ fraction }),
      });
    },
    async glueSummary({ span, samples, ...share }, { signal, progress, turn }) {
      return inSlices(glueSummarySteps(span, samples, share), {
        signal,
        turn,
        onSlice: (fraction) => progress({ fraction }),
      });
    },
    async glueResample({ job, draws, samples, ensemble, center }, context) {
      return onOtherImages(moments, { job, draws }, context, ({ manifolds }, seed) =>
        glueResampleSteps(manifolds, { samples, seed, ensemble, center }),
      );
    },
  };
}

const SHOTS = 5;

function companionsOf(manifolds: readonly Manifold[], seed: number): Companions {
  const isEnough = manifolds.every(({ rows }) => rows > SHOTS);
  return {
    neuralCollapse: neuralCollapse(manifolds),
    fewShot: isEnough ? fewShot(manifolds, { shots: SHOTS, seed }) : undefined,
  };
}

/** Runs an analysis on each draw of other images: redraws, or random halves of the job's own. */
async function onOtherImages<Result>(
  moments: MomentEngine,
  { job, draws }: { job: GeometryJob; draws: readonly ResampleDraw[] },
  { signal, progress, turn }: CallContext<{ fraction: number }>,
  steps: (others: ManifoldsByLabel, seed: number) => Steps<number, Result>,
): Promise<Result[]> {
  // A random projection changes the spread over images by much less than the error of that spread.
  const exact = { ...job, projection: undefined };
  const results: Result[] = [];
  const whole = draws.some(({ drawn }) => !drawn) ? manifoldsOf(moments, exact, { signal, turn }) : undefined;
  for (const { seed, drawn } of draws) {
    const found = await (drawn || !whole
      ? manifoldsOf(moments, { ...exact, ...drawn }, { signal, turn })
      : whole);
    const others = drawn ? found : { ...found, manifolds: randomHalves(found.manifolds, seed) };
    const done = results.length;
    results.push(
      await inSlices(steps(others, seed), {
        signal,
        turn,
        onSlice: (fraction) => progress({ fraction: (done + fraction) / draws.length }),
      }),
    );
  }
  return results;
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
