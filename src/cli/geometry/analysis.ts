import {
  analyzeManifoldsSteps,
  type FewShot,
  type Figures,
  fewShot,
  type GeometryResult,
  type GlueFigures,
  type GlueGeometry,
  type GlueResample,
  type GlueSamples,
  type GlueSpan,
  glueGeometrySteps,
  glueResampleSteps,
  glueSamplesSteps,
  glueSpanSteps,
  groupByLabel,
  imageErrors,
  joinSamples,
  type Manifold,
  neuralCollapse,
  RESAMPLE_SAMPLES,
  type Resample,
  randomHalves,
  resampleSteps,
  type SimulatedCapacity,
  simulateCapacitySteps,
  summarizeGlueSteps,
} from '../../ml/geometry/index.ts';
import { mapProgress, type Steps } from '../../ml/linear/steps.ts';
import { principalComponents } from '../../ml/spectrum/index.ts';
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
  /** Only these samples of GLUE, if several threads share a layer. */
  range?: { from: number; to: number };
}

export interface GlueResult {
  estimator: 'glue';
  geometry: GlueGeometry;
  /** Standard errors over the draw of images, where resamples were asked for. */
  imageErrors?: GlueFigures;
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

/** Figures without a theory of capacity, from the same activations. */
export interface CompanionsResult {
  estimator: 'companions';
  /** Participation ratio of the centered activations. */
  participationRatio: number;
  /** Variance within classes relative to that between their centers. */
  neuralCollapse: number;
  fewShot: FewShot;
}

export type AnalysisResult = GlueResult | MeanFieldResult | SimulationResult | CompanionsResult;

/** Analyzes a job's layer. Yields the fraction done. */
export function* analysisSteps(job: AnalysisJob): Steps<number, AnalysisResult | GluePart> {
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
    case 'companions':
      return companionsOf(manifolds, job);
    default:
      return job.estimator satisfies never;
  }
}

function* glueSteps(manifolds: Manifold[], job: AnalysisJob): Steps<number, GlueResult | GluePart> {
  const { seed, ensemble, center } = job.settings;
  const { range } = job;
  if (!range) {
    return yield* wholeGlueSteps(manifolds, job);
  }
  const span = yield* mapProgress(glueSpanSteps(manifolds, center), (fraction) => 0.1 * fraction);
  const samples = yield* mapProgress(
    glueSamplesSteps(span, { seed, ensemble }, range),
    (fraction) => 0.1 + 0.9 * fraction,
  );
  return { estimator: 'glue-part', span, samples };
}

function* wholeGlueSteps(
  manifolds: Manifold[],
  { settings, classNames: names }: AnalysisJob,
): Steps<number, GlueResult> {
  const { seed, ensemble, center, samples, resamples: count } = settings;
  const whole = 1 + count * RESAMPLE_COST;
  const geometry = yield* mapProgress(
    glueGeometrySteps(manifolds, { seed, ensemble, center, samples, names }),
    (fraction) => fraction / whole,
  );
  if (count === 0) return { estimator: 'glue', geometry };
  const resamples: GlueResample[] = [];
  for (let i = 0; i < count; i++) {
    const own = seed + 1 + i;
    const options = { seed: own, ensemble, center, samples: RESAMPLE_SAMPLES };
    resamples.push(
      yield* mapProgress(
        glueResampleSteps(randomHalves(manifolds, own), options),
        (fraction) => (1 + (i + fraction) * RESAMPLE_COST) / whole,
      ),
    );
  }
  return { estimator: 'glue', geometry, imageErrors: imageErrors(resamples) };
}

/** The largest number of examples in a prototype; one example of each class is left for the test. */
const MOST_SHOTS = 5;

function companionsOf(manifolds: Manifold[], { layer, settings }: AnalysisJob): CompanionsResult {
  const fewest = Math.min(...manifolds.map(({ rows }) => rows));
  const shots = Math.max(1, Math.min(MOST_SHOTS, fewest - 1));
  return {
    estimator: 'companions',
    participationRatio: principalComponents(layer, { components: 1 }).participationRatio,
    neuralCollapse: neuralCollapse(manifolds),
    fewShot: fewShot(manifolds, { shots, seed: settings.seed }),
  };
}

/** The figures of a layer whose samples several threads solved; they equal the figures of one thread. */
export function* joinGlueSteps(parts: readonly GluePart[]): Steps<number, GlueResult> {
  const samples = joinSamples(parts.map((part) => part.samples));
  return { estimator: 'glue', geometry: yield* summarizeGlueSteps(parts[0].span, samples) };
}

/** Time of a resample relative to that of the figures. */
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
