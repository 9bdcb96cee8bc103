import {
  analyzeManifoldsSteps,
  type Figures,
  type GeometryResult,
  type GlueGeometry,
  type GlueSamples,
  type GlueSpan,
  glueGeometrySteps,
  glueSamplesSteps,
  glueSpanSteps,
  groupByLabel,
  imageErrors,
  joinSamples,
  type Manifold,
  type Resample,
  randomHalves,
  resampleSteps,
  type SimulatedCapacity,
  simulateCapacitySteps,
  summarizeGlueSteps,
} from '../../ml/geometry/index.ts';
import { assertFiniteRows } from '../../ml/linear/gram.ts';
import { mapProgress, type Steps } from '../../ml/linear/steps.ts';
import type { Layer } from '../inputs/activations.ts';
import type { Estimator, GeometrySettings } from './settings.ts';

/** One layer by one estimator: a thread's job. */
export interface AnalysisJob {
  layer: Layer;
  /** Index of each row's class. */
  labels: Int32Array;
  classNames: readonly string[];
  estimator: Estimator;
  settings: GeometrySettings;
  /** Only these samples of GLUE, where several threads share a layer. */
  range?: { from: number; to: number };
}

export interface GlueResult {
  estimator: 'glue';
  geometry: GlueGeometry;
}

/** Some samples of GLUE; every part of a layer has the same span. */
export interface GluePart {
  estimator: 'glue-part';
  span: GlueSpan;
  samples: GlueSamples;
}

export interface MeanFieldResult {
  estimator: 'mean-field';
  geometry: Omit<GeometryResult, 'centers'>;
  /** Standard errors over the draw of images, where resamples were asked for. */
  imageErrors?: Figures;
}

export interface SimulationResult {
  estimator: 'simulation';
  simulated: SimulatedCapacity;
}

export type AnalysisResult = GlueResult | MeanFieldResult | SimulationResult;

/** Analyzes a job's layer. Yields the fraction done. */
export function* analysisSteps(job: AnalysisJob): Steps<number, AnalysisResult | GluePart> {
  // The shares of a layer are not checked by the library's own entry, which makes them.
  if (job.range) assertFiniteRows(job.layer, 'glueGeometry');
  const { manifolds } = groupByLabel(job.layer, job.labels);
  switch (job.estimator) {
    case 'glue':
      return yield* glueSteps(manifolds, job);
    case 'mean-field':
      return yield* meanFieldSteps(manifolds, job);
    case 'simulation': {
      const { dichotomies, seed } = job.settings;
      const simulated = yield* simulateCapacitySteps(manifolds, { dichotomies, seed });
      return { estimator: 'simulation', simulated };
    }
    default:
      return job.estimator satisfies never;
  }
}

function* glueSteps(
  manifolds: Manifold[],
  { settings, classNames: names, range }: AnalysisJob,
): Steps<number, GlueResult | GluePart> {
  const { seed, ensemble, center, samples: count } = settings;
  if (!range) {
    const options = { seed, ensemble, center, samples: count, names };
    return { estimator: 'glue', geometry: yield* glueGeometrySteps(manifolds, options) };
  }
  const span = yield* mapProgress(glueSpanSteps(manifolds, center), (fraction) => 0.1 * fraction);
  const samples = yield* mapProgress(
    glueSamplesSteps(span, { seed, ensemble }, range),
    (fraction) => 0.1 + 0.9 * fraction,
  );
  return { estimator: 'glue-part', span, samples };
}

/** The figures of a layer whose samples several threads solved: the same as of one thread. */
export function* joinGlueSteps(parts: readonly GluePart[]): Steps<number, GlueResult> {
  const samples = joinSamples(parts.map((part) => part.samples));
  return { estimator: 'glue', geometry: yield* summarizeGlueSteps(parts[0].span, samples) };
}

/** A resample costs about a third of the figures. */
const RESAMPLE_COST = 1 / 3;

function* meanFieldSteps(
  manifolds: Manifold[],
  { settings, classNames: names }: AnalysisJob,
): Steps<number, MeanFieldResult> {
  const { kappa, samples, seed, rule, resamples: count } = settings;
  const whole = 1 + count * RESAMPLE_COST;
  const { centers, ...geometry } = yield* mapProgress(
    analyzeManifoldsSteps(manifolds, { kappa, samples, seed, rule, names }),
    ({ fraction }) => fraction / whole,
  );
  if (count === 0) return { estimator: 'mean-field', geometry };
  const warmStart = centers.candidates.map(({ weights }) => weights);
  const resamples: Resample[] = [];
  for (let i = 0; i < count; i++) {
    const own = seed + 1 + i;
    resamples.push(
      yield* mapProgress(
        resampleSteps(randomHalves(manifolds, own), { kappa, seed: own, rule, names, warmStart }),
        (fraction) => (1 + (i + fraction) * RESAMPLE_COST) / whole,
      ),
    );
  }
  return { estimator: 'mean-field', geometry, imageErrors: imageErrors(resamples) };
}
