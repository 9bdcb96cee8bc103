import { CallError } from '../callError.ts';
import type { Matrix } from '../linear/matrix.ts';
import { drain, mapProgress } from '../linear/steps.ts';
import { type AnchorGeometry, solveAnchors, summarizeAnchors } from './anchors.ts';
import { type Manifold, type PreparedCenters, type PrepareOptions, prepareCentersSteps } from './centers.ts';
import { gaussianMatrix, randomStream } from './gaussian.ts';
import { reduceManifoldSteps } from './reduceManifold.ts';

/** One manifold's figures. */
export interface ManifoldGeometry extends AnchorGeometry {
  points: number;
  /** Norm of the center after the low-rank structure is removed; the unit of the radius. */
  centerNorm: number;
  /** Ratio of that norm to the center's norm before the removal. */
  centerNormRatio: number;
}

/** Figures of all manifolds. Standard errors are those of the t-vectors, with points and directions held fixed. */
export interface GeometryResult {
  /** Harmonic mean: capacities are manifolds per dimension. */
  capacity: number;
  radius: number;
  radiusMedian: number;
  dimension: number;
  /** Mean |cosine| between centered centers, before the low-rank structure is removed. */
  centerCorrelation: number;
  /** Number of directions removed (K). */
  rank: number;
  /** The search for the removed directions: random starts, and how many reached the chosen solution. */
  search?: { starts: number; finds: number };
  perManifold: ManifoldGeometry[];
  standardErrors: { capacity: number; radius: number; radiusMedian: number; dimension: number };
  centers: Pick<PreparedCenters, 'directions' | 'candidates'>;
}

export interface ManifoldOptions {
  /** Margin, in units of the center's norm. */
  kappa?: number;
  /** Gaussian t-vectors per manifold. */
  samples?: number;
  /** Seed of the t-vectors and the center problem's starts. */
  seed?: number;
  /**
   * Given t-vectors, one matrix [samples, D + 1] per manifold, D = min(N, P): in the basis of Householder QR with
   * LAPACK's signs of the centered, normalized manifold if N > P, else in the ambient basis; the center's last.
   */
  tVectors?: readonly Matrix[];
  names?: readonly string[];
}

export interface AnalyzeOptions extends ManifoldOptions, PrepareOptions {
  /** Called with the progress every few milliseconds; an exception ends the analysis. */
  onProgress?: (progress: GeometryProgress) => void;
}

export interface GeometryProgress {
  stage: 'centers' | 'manifolds';
  /** Number of finished manifolds. */
  finished: number;
  /** Fraction of the whole analysis, from 0 to 1. */
  fraction: number;
}

/**
 * Capacity, radius and dimension of class manifolds, exactly by inner products (Chung, Lee, Sompolinsky, PRX 8, 031003,
 * 2018; Cohen et al., Nat Commun 11, 746, 2020; the reference's `manifold_analysis_corr`). The theory assumes many
 * manifolds. Inputs are not modified; the same seed gives the same figures.
 *
 * @param manifolds one matrix per class, one row per point; float64 or float32, all of the same width.
 * @throws for fewer than two manifolds, empty ones, unequal widths, values that are not finite, a layer of zeros, and a
 *   center at the mean or inside given `centerDirections`.
 */
export function analyzeManifolds(
  manifolds: readonly Manifold[],
  options: AnalyzeOptions = {},
): GeometryResult {
  return drain(analyzeManifoldsSteps(manifolds, options), options.onProgress);
}

/**
 * `analyzeManifolds` in steps of a few milliseconds. A worker can yield between steps, and cancels by stopping. To spread
 * one analysis over workers use its three parts: `prepareCentersSteps`, `analyzeManifoldSteps` each, `combineManifolds`.
 */
export function* analyzeManifoldsSteps(
  manifolds: readonly Manifold[],
  options: AnalyzeOptions = {},
): Generator<GeometryProgress, GeometryResult, void> {
  assertOptions(manifolds, options);
  const prepared = yield* mapProgress(
    prepareCentersSteps(manifolds, options),
    (): GeometryProgress => ({ stage: 'centers', finished: 0, fraction: 0 }),
  );
  const perManifold: ManifoldGeometry[] = [];
  for (const [index, manifold] of manifolds.entries()) {
    const part = yield* mapProgress(
      analyzeManifoldSteps(manifold, index, prepared, options),
      (done): GeometryProgress => {
        const fraction = 0.1 + (0.9 * (index + done)) / manifolds.length;
        return { stage: 'manifolds', finished: index, fraction };
      },
    );
    perManifold.push(part);
  }
  return combineManifolds(perManifold, prepared);
}

/** One manifold's part of `analyzeManifolds`. Yields the fraction of this manifold done. */
function* analyzeManifoldSteps(
  manifold: Manifold,
  index: number,
  prepared: Pick<PreparedCenters, 'globalMean' | 'directions'>,
  { kappa = 0, samples = 300, seed = 0, tVectors, names }: ManifoldOptions = {},
): Generator<number, ManifoldGeometry, void> {
  const { points, centerNorm, centerNormRatio } = yield* mapProgress(
    reduceManifoldSteps(manifold, index, prepared, { householder: tVectors !== undefined, names }),
    (fraction) => 0.5 * fraction,
  );
  const own = tVectors?.[index] ?? gaussianMatrix(samples, points.columns, randomStream(seed, index));
  const anchors = yield* mapProgress(
    solveAnchors(points, own, { kappa }),
    (solved) => 0.5 + (0.5 * solved) / own.rows,
  );
  return { ...summarizeAnchors(anchors), points: manifold.rows, centerNorm, centerNormRatio };
}

/** Means over manifolds, and their standard errors. */
export function combineManifolds(
  perManifold: readonly ManifoldGeometry[],
  prepared: Omit<PreparedCenters, 'globalMean'>,
): GeometryResult {
  const count = perManifold.length;
  const mean = (of: (one: ManifoldGeometry) => number) =>
    perManifold.reduce((sum, one) => sum + of(one), 0) / count;
  const errorOfMean = (of: (one: ManifoldGeometry) => number) =>
    Math.sqrt(perManifold.reduce((sum, one) => sum + of(one) ** 2, 0)) / count;
  const inverse = mean((one) => 1 / one.capacity);
  const capacity = 1 / inverse;
  const inverseError = errorOfMean((one) =>
    Number.isFinite(one.capacity) ? one.standardErrors.capacity / one.capacity ** 2 : 0,
  );
  const byRadius = [...perManifold].sort((a, b) => a.radius - b.radius);
  const middle = [byRadius[Math.floor((count - 1) / 2)], byRadius[Math.floor(count / 2)]];
  const { rank, centerCorrelation, directions, candidates } = prepared;
  const chosen = candidates.find((candidate) => candidate.rank === rank);
  return {
    capacity,
    radius: mean((one) => one.radius),
    radiusMedian: (middle[0].radius + middle[1].radius) / 2,
    dimension: mean((one) => one.dimension),
    centerCorrelation,
    rank,
    ...(chosen && { search: { starts: chosen.starts, finds: chosen.finds } }),
    perManifold: [...perManifold],
    standardErrors: {
      capacity: Number.isFinite(capacity) ? capacity ** 2 * inverseError : Infinity,
      radius: errorOfMean((one) => one.standardErrors.radius),
      // The error of the manifolds in the middle: t-vectors hardly change which these are.
      radiusMedian: (middle[0].standardErrors.radius + middle[1].standardErrors.radius) / 2,
      dimension: errorOfMean((one) => one.standardErrors.dimension),
    },
    centers: { directions, candidates },
  };
}

function assertOptions(
  manifolds: readonly Manifold[],
  { samples = 300, tVectors, kappa = 0 }: AnalyzeOptions,
): void {
  const caller = 'analyzeManifolds';
  if (!Number.isInteger(samples) || samples < 1) {
    throw new CallError(caller, `expected at least one sample, found ${samples}`);
  }
  if (!Number.isFinite(kappa)) throw new CallError(caller, `expected a finite kappa, found ${kappa}`);
  if (!tVectors) return;
  if (tVectors.length !== manifolds.length) {
    throw new CallError(
      caller,
      `expected t-vectors for each of ${manifolds.length} manifolds, found ${tVectors.length}`,
    );
  }
  for (const [index, { rows, columns }] of manifolds.entries()) {
    const expected = Math.min(rows, columns) + 1;
    if (tVectors[index].columns !== expected) {
      throw new CallError(
        caller,
        `expected t-vectors of min(${columns}, ${rows}) + 1 = ${expected} values for manifold ${index}, found ${tVectors[index].columns}`,
      );
    }
  }
}
