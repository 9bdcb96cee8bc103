import {
  analyzeManifoldsSteps,
  type FewShot,
  type Figures,
  fewShot,
  type GeometryResult,
  type GlueFigures,
  type GlueGeometry,
  type GlueResample,
  type GlueSpan,
  glueResampleSteps,
  glueSpanSteps,
  groupByLabel,
  type Manifold,
  neuralCollapse,
  type Resample,
  randomHalves,
  resampleSteps,
  type SimulatedCapacity,
  samplesOfResample,
  simulateCapacitySteps,
} from '../../ml/geometry/index.ts';
import type { Matrix } from '../../ml/linear/matrix.ts';
import { mapProgress, type Steps } from '../../ml/linear/steps.ts';
import { principalComponents } from '../../ml/spectrum/index.ts';
import type { Layer } from '../inputs/activations.ts';
import type { Estimator, GeometrySettings } from './settings.ts';

/** One layer by one estimator. */
export interface AnalysisJob {
  layer: Layer;
  /** Index of each row's class. */
  labels: Int32Array;
  classNames: readonly string[];
  estimator: Estimator;
  settings: GeometrySettings;
}

export interface GlueResult {
  estimator: 'glue';
  geometry: GlueGeometry;
  /** Standard errors over the draw of images, where resamples were asked for. */
  imageErrors?: GlueFigures;
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

const manifoldsOf = ({ layer, labels }: AnalysisJob): Manifold[] => groupByLabel(layer, labels).manifolds;

/** Mean-field figures, with the starting points of the resamples. */
export interface MeanFieldFigures {
  geometry: MeanFieldResult['geometry'];
  warmStart: Matrix[];
}

export function* meanFieldSteps(job: AnalysisJob): Steps<number, MeanFieldFigures> {
  const { kappa, samples, seed, rule } = job.settings;
  const options = { kappa, samples, seed, rule, names: job.classNames };
  const { centers, ...geometry } = yield* mapProgress(
    analyzeManifoldsSteps(manifoldsOf(job), options),
    ({ fraction }) => fraction,
  );
  return { geometry, warmStart: centers.candidates.map(({ weights }) => weights) };
}

/** Mean-field figures of random half number `index` of the examples. */
export function* meanFieldResampleSteps(
  job: AnalysisJob,
  index: number,
  warmStart: Matrix[],
): Steps<number, Resample> {
  const { kappa, rule } = job.settings;
  const seed = job.settings.seed + 1 + index;
  const options = { kappa, seed, rule, names: job.classNames, warmStart };
  return yield* resampleSteps(randomHalves(manifoldsOf(job), seed), options);
}

/** The layer's points in their span, the first part of GLUE. */
export function glueSpanOf(job: AnalysisJob): Steps<number, GlueSpan> {
  return glueSpanSteps(manifoldsOf(job), job.settings.center);
}

/** Fewest samples of a resample, which are halved to see their noise. */
const FEWEST_SAMPLES = 4;

/** GLUE's figures of random half number `index` of the examples. */
export function glueResampleOf(job: AnalysisJob, index: number): Steps<number, GlueResample> {
  const { ensemble, center, samples: own } = job.settings;
  const seed = job.settings.seed + 1 + index;
  const samples = Math.max(FEWEST_SAMPLES, samplesOfResample(own, job.layer.columns));
  const options = { seed, ensemble, center, samples };
  return glueResampleSteps(randomHalves(manifoldsOf(job), seed), options);
}

export function* simulationSteps(job: AnalysisJob): Steps<number, SimulationResult> {
  const { dichotomies, seed } = job.settings;
  const simulated = yield* simulateCapacitySteps(manifoldsOf(job), { dichotomies, seed });
  return { estimator: 'simulation', simulated };
}

/** The largest number of examples in a prototype; one example of each class is left for the test. */
const MOST_SHOTS = 5;

export function companionsOf(job: AnalysisJob): CompanionsResult {
  const manifolds = manifoldsOf(job);
  const fewest = Math.min(...manifolds.map(({ rows }) => rows));
  const shots = Math.max(1, Math.min(MOST_SHOTS, fewest - 1));
  return {
    estimator: 'companions',
    participationRatio: principalComponents(job.layer, { components: 1 }).participationRatio,
    neuralCollapse: neuralCollapse(manifolds),
    fewShot: fewShot(manifolds, { shots, seed: job.settings.seed }),
  };
}
