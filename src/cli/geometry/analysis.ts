import {
  analyzeManifoldsSteps,
  type Figures,
  type GeometryResult,
  groupByLabel,
  imageErrors,
  type Manifold,
  type Resample,
  randomHalves,
  resampleSteps,
  type SimulatedCapacity,
  simulateCapacitySteps,
} from '../../ml/geometry/index.ts';
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

export type AnalysisResult = MeanFieldResult | SimulationResult;

/** Analyzes a job's layer. Yields the fraction done. */
export function* analysisSteps(job: AnalysisJob): Steps<number, AnalysisResult> {
  const { manifolds } = groupByLabel(job.layer, job.labels);
  switch (job.estimator) {
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
