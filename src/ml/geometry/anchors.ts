import { CallError } from '../callError.ts';
import { ActiveSet, type ConeProjection } from '../linear/activeSet.ts';
import { BlockPivoting } from '../linear/blockPivoting.ts';
import { dot } from '../linear/dot.ts';
import { rowGram } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import { assertMatrix, zeros } from '../linear/matrix.ts';
import { drain } from '../linear/steps.ts';

/** The reference calls a vector this close to the allowed region an interior point. */
const INTERIOR = 1e-8;

/** The t-vectors' anchor points, with the quantities for capacity, radius and dimension. */
export interface AnchorSet {
  /** Anchor points without their center coordinate (which is 1), one row per t-vector: [samples, D]. */
  anchors: Matrix;
  /** Squared distance from t to the vectors that keep the margin (PRX 2018, eq. 17); its mean is 1 / capacity. */
  distances: Float64Array;
  /** Cosine between t and its anchor point, both without the center coordinate (eq. 29). */
  cosines: Float64Array;
}

/** Capacity, radius and dimension of one manifold, with their standard errors over the t-vectors. */
export interface AnchorGeometry {
  /** Manifolds per dimension that are separable; Infinity if no t-vector touches the manifold. */
  capacity: number;
  /** Relative to the norm of the manifold's center. */
  radius: number;
  dimension: number;
  standardErrors: { capacity: number; radius: number; dimension: number };
}

/** Finds anchor points of one manifold; see `anchorGeometry`. */
export class AnchorSolver {
  private readonly points: Matrix;
  private readonly activeSet: ActiveSet;
  private readonly blocks: BlockPivoting | undefined;
  private readonly targets: Float64Array;
  private readonly shifted: Float64Array;

  /** `points`: [P, D + 1], the last column 1. */
  constructor(points: Matrix) {
    this.points = points;
    this.activeSet = new ActiveSet(points);
    this.targets = new Float64Array(points.rows);
    this.shifted = new Float64Array(points.columns);
    if (points.rows > 1 && points.columns >= points.rows) {
      const blocks = new BlockPivoting(rowGram(points));
      if (blocks.isDefinite()) this.blocks = blocks;
    }
  }

  /**
   * Minimizes |v - t|^2 subject to v . s <= -kappa for all points s. Since every point's last coordinate is 1, that is
   * the projection of t + kappa e onto the points' cone: t - v is the sum of the points by their multipliers.
   * @returns undefined if v = t is allowed, else a view that the next call overwrites.
   */
  solve(t: Float64Array, offset: number, kappa: number): ConeProjection | undefined {
    const { shifted, points, targets } = this;
    const width = points.columns;
    for (let k = 0; k < width; k++) shifted[k] = t[offset + k];
    shifted[width - 1] += kappa;
    let largest = -Infinity;
    for (let p = 0; p < points.rows; p++) {
      targets[p] = dot(points.data, p * width, shifted, 0, width);
      if (targets[p] > largest) largest = targets[p];
    }
    if (largest < 0) return undefined;
    return this.blocks?.project(targets) ?? this.activeSet.project(shifted);
  }

  /** The point farthest along the last t given to `solve`. */
  farthest(): number {
    let best = 0;
    for (let p = 1; p < this.targets.length; p++) if (this.targets[p] > this.targets[best]) best = p;
    return best;
  }

  /** Squared norm of the projection last returned by `solve`: multipliers . targets, as the residual is orthogonal. */
  squaredDistance({ size, support, multipliers }: ConeProjection): number {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += multipliers[i] * this.targets[support[i]];
    return Math.max(sum, 0);
  }
}

/** Solves all t-vectors of one manifold; yields the number solved after each `batch`, so that a caller can cancel. */
export function* solveAnchors(
  points: Matrix,
  tVectors: Matrix,
  { kappa = 0, batch = 64 } = {},
): Generator<number, AnchorSet, void> {
  assertAnchorInput(points, tVectors, kappa);
  const solver = new AnchorSolver(points);
  const width = points.columns;
  const depth = width - 1;
  const samples = tVectors.rows;
  const anchors = zeros(samples, depth);
  const distances = new Float64Array(samples);
  const cosines = new Float64Array(samples);
  for (let i = 0; i < samples; i++) {
    const offset = i * width;
    const projection = solver.solve(tVectors.data, offset, kappa);
    const distance = projection ? solver.squaredDistance(projection) : 0;
    const anchor = anchors.data.subarray(i * depth, (i + 1) * depth);
    if (projection && Math.sqrt(distance) >= INTERIOR) {
      distances[i] = distance;
      addAnchor(anchor, projection, points);
    } else {
      const row = solver.farthest() * width;
      for (let k = 0; k < depth; k++) anchor[k] = points.data[row + k];
    }
    cosines[i] = cosine(tVectors.data, offset, anchor);
    if ((i + 1) % batch === 0) yield i + 1;
  }
  return { anchors, distances, cosines };
}

/** anchor = the points' mean by their multipliers, without the center coordinate. */
function addAnchor(
  anchor: Float64Array,
  { size, support, multipliers }: ConeProjection,
  points: Matrix,
): void {
  let total = 0;
  for (let i = 0; i < size; i++) total += multipliers[i];
  for (let i = 0; i < size; i++) {
    const weight = multipliers[i] / total;
    const row = support[i] * points.columns;
    for (let k = 0; k < anchor.length; k++) anchor[k] += weight * points.data[row + k];
  }
}

function cosine(t: Float64Array, offset: number, anchor: Float64Array): number {
  let dot = 0;
  let tSquared = 0;
  let anchorSquared = 0;
  for (let k = 0; k < anchor.length; k++) {
    dot += t[offset + k] * anchor[k];
    tSquared += t[offset + k] ** 2;
    anchorSquared += anchor[k] ** 2;
  }
  // The reference's 1e-12 makes an anchor at the center count as 0.
  return tSquared === 0 ? 0 : dot / Math.sqrt(tSquared * (anchorSquared + 1e-12));
}

/** Capacity (eq. 16), radius (eq. 28) and dimension (eq. 29 of PRX 8, 031003) from anchor points. */
export function summarizeAnchors({ anchors, distances, cosines }: AnchorSet): AnchorGeometry {
  const { rows: samples, columns: depth } = anchors;
  const center = new Float64Array(depth);
  for (let i = 0; i < samples; i++) {
    for (let k = 0; k < depth; k++) center[k] += anchors.data[i * depth + k] / samples;
  }
  const spread = new Float64Array(samples);
  for (let i = 0; i < samples; i++) {
    for (let k = 0; k < depth; k++) spread[i] += (anchors.data[i * depth + k] - center[k]) ** 2;
  }
  const inverseCapacity = meanAndError(distances);
  const squaredRadius = meanAndError(spread);
  const meanCosine = meanAndError(cosines);
  const capacity = 1 / inverseCapacity.mean;
  const radius = Math.sqrt(squaredRadius.mean);
  return {
    capacity,
    radius,
    dimension: depth * meanCosine.mean ** 2,
    standardErrors: {
      capacity: Number.isFinite(capacity) ? capacity ** 2 * inverseCapacity.error : Infinity,
      radius: radius > 0 ? squaredRadius.error / (2 * radius) : 0,
      dimension: 2 * depth * Math.abs(meanCosine.mean) * meanCosine.error,
    },
  };
}

/** Mean and its standard error (0 for a single value, whose spread is unknown). */
function meanAndError(values: ArrayLike<number>): { mean: number; error: number } {
  const count = values.length;
  let mean = 0;
  for (let i = 0; i < count; i++) mean += values[i] / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i] - mean) ** 2;
  return { mean, error: count > 1 ? Math.sqrt(squares / (count - 1) / count) : 0 };
}

/**
 * Capacity, radius and dimension of one manifold in its own D + 1 dimensions, from given Gaussian vectors, as the
 * reference's `each_manifold_analysis_D1` (Chung, Lee, Sompolinsky, PRX 8, 031003, 2018, eq. 16, 17, 28, 29).
 *
 * @param points [P, D + 1]: one row per point, centered and divided by the center's norm; the last column, the
 *   center's coordinate, is 1.
 * @param tVectors [samples, D + 1], one row per vector; the last column is the center's. D counts null directions.
 * @param options.kappa margin, in units of the center's norm.
 * @throws if shapes disagree, a value is not finite, or the last column of `points` is not 1.
 */
export function anchorGeometry(points: Matrix, tVectors: Matrix, { kappa = 0 } = {}): AnchorGeometry {
  return summarizeAnchors(drain(solveAnchors(points, tVectors, { kappa })));
}

function assertAnchorInput(points: Matrix, tVectors: Matrix, kappa: number): void {
  const caller = 'anchorGeometry';
  assertMatrix(points, caller);
  assertMatrix(tVectors, caller);
  if (points.rows < 1 || points.columns < 2) {
    throw new CallError(
      caller,
      `expected at least one point of two values (the last is the center's), found ${points.rows} x ${points.columns}`,
    );
  }
  if (tVectors.rows < 1) throw new CallError(caller, `expected at least one t-vector, found none`);
  if (tVectors.columns !== points.columns) {
    throw new CallError(
      caller,
      `expected t-vectors of ${points.columns} values as the points have, found ${tVectors.columns}`,
    );
  }
  if (!Number.isFinite(kappa)) throw new CallError(caller, `expected a finite kappa, found ${kappa}`);
  assertFinite(points, 'points', caller);
  assertFinite(tVectors, 't-vectors', caller);
  for (let p = 0; p < points.rows; p++) {
    const last = points.data[(p + 1) * points.columns - 1];
    if (Math.abs(last - 1) > 1e-9) {
      throw new CallError(
        caller,
        `expected 1 in the last column of points, the center's, found ${last} in row ${p}`,
      );
    }
  }
}

function assertFinite({ data, columns }: Matrix, what: string, caller: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new CallError(
      caller,
      `expected finite ${what}, found ${data[at]} in row ${Math.floor(at / columns)}, column ${at % columns}`,
    );
  }
}
