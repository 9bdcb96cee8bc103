import { finishGlue, imageErrors, joinPieces, type SimulatedCapacity } from '../../ml/geometry/index.ts';
import type {
  GeometryJob,
  GlueSettings,
  LayerGeometry,
  LayerGlue,
  ResampleDraw,
} from '../../workers/geometryProtocol.ts';
import { sharedCounter, sharedMatrix } from '../../workers/sharedMemory.ts';
import { partOf, partsOf, type Watched } from '../ask/watched.ts';
import type { GeometryPool } from './geometryPool.ts';

/**
 * How capacity and the other figures are estimated: by mean-field theory (blind to labels), by GLUE (for random labelings),
 * or, capacity alone, by separating random labelings. The mean-field figures are always computed, for comparison.
 */
export const ESTIMATORS = ['meanField', 'glue', 'simulation'] as const;
export type Estimator = (typeof ESTIMATORS)[number];

export interface EstimatorSettings extends GlueSettings {
  estimator: Estimator;
}

/** Number of random labelings of the classes in a simulation. */
export const DICHOTOMIES = 50;

/** The figures that the estimator adds to a layer's mean-field figures. */
export async function estimateFurther(
  pool: GeometryPool,
  job: GeometryJob,
  { estimator, samples, ...settings }: EstimatorSettings & { samples: number },
  meanField: LayerGeometry,
  watched: Watched,
): Promise<Pick<LayerGeometry, 'glue' | 'simulation'>> {
  if (estimator === 'glue') return { glue: await analyzeGlue(pool, job, { ...settings, samples }, watched) };
  if (estimator === 'meanField') return {};
  return { simulation: await simulate(pool, job, meanField.capacity, watched) };
}

function simulate(
  pool: GeometryPool,
  job: GeometryJob,
  expected: number,
  watched: Watched,
): Promise<SimulatedCapacity> {
  return pool.simulate({ job, dichotomies: DICHOTOMIES, offset: false, expected }, watched);
}

/** Shares of the time for the span, and for the span and the samples; the summary takes the rest. */
const SPAN_PART = 0.1;
const SAMPLES_PART = 0.95;

/** GLUE's figures of a layer; all workers of the pool share the samples and the summary. */
async function analyzeGlue(
  pool: GeometryPool,
  job: GeometryJob,
  { ensemble, center, samples: total }: GlueSettings & { samples: number },
  watched: Watched,
): Promise<LayerGlue> {
  const { span, companions } = await pool.glueSpan({ job, center }, partOf(watched, 0, SPAN_PART));
  const workers = Math.min(pool.size, total);
  const next = sharedCounter();
  const pieces = await Promise.all(
    partsOf(partOf(watched, SPAN_PART, SAMPLES_PART), workers).map((own, i) => {
      const edge = (of: number) => Math.floor((of * total) / workers);
      const work = next ? { next, samples: total } : { from: edge(i), to: edge(i + 1) };
      return pool.glueSamples({ span, seed: job.seed, ensemble, work }, own);
    }),
  );
  const joined = joinPieces(pieces.flat());
  const samples = { ...joined, tVectors: sharedMatrix(joined.tVectors) };
  const parts = await Promise.all(
    partsOf(partOf(watched, SAMPLES_PART, 1), workers).map((own, part) =>
      pool.glueSummary({ span, samples, part, parts: workers }, own),
    ),
  );
  const { perSample: _, ...figures } = finishGlue(span, samples, parts);
  return { ...figures, ensemble, center, companions };
}

/** Fewest samples of a resample, which are halved to see their noise. */
const FEWEST_SAMPLES = 4;

/** Adds the errors over images to GLUE's figures. */
export async function resampleGlue(
  pool: GeometryPool,
  {
    job,
    draws,
    kind,
    samples,
  }: Pick<NonNullable<LayerGlue['resampled']>, 'kind' | 'samples'> & {
    job: GeometryJob;
    draws: ResampleDraw[];
  },
  glue: LayerGlue,
  watched: Watched,
): Promise<LayerGlue> {
  const { ensemble, center } = glue;
  const own = Math.max(FEWEST_SAMPLES, samples);
  const resamples = await pool.glueResample({ job, draws, samples: own, ensemble, center }, watched);
  return { ...glue, imageErrors: imageErrors(resamples), resampled: { kind, samples: own, resamples } };
}
