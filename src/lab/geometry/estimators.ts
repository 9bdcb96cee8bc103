import { imageErrors, type SimulatedCapacity } from '../../ml/geometry/index.ts';
import type {
  GeometryJob,
  GlueSettings,
  LayerGeometry,
  LayerGlue,
  ResampleDraw,
} from '../../workers/geometryProtocol.ts';
import { partsOf, type Watched } from '../ask/watched.ts';
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

/** GLUE's figures of a layer; all workers of the pool share the samples. */
async function analyzeGlue(
  pool: GeometryPool,
  job: GeometryJob,
  { ensemble, center, samples }: GlueSettings & { samples: number },
  watched: Watched,
): Promise<LayerGlue> {
  const { signal } = watched;
  const { span, companions } = await pool.glueSpan({ job, center }, { signal });
  const count = Math.min(pool.size, samples);
  const parts = await Promise.all(
    partsOf(watched, count).map((own, i) => {
      const [from, to] = [i, i + 1].map((edge) => Math.floor((edge * samples) / count));
      return pool.glueSamples({ span, seed: job.seed, ensemble, from, to }, own);
    }),
  );
  const { perSample: _, ...figures } = await pool.glueSummary({ span, parts }, { signal });
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
