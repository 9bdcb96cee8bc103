import { ActiveSet, type ConeProjection } from '../linear/activeSet.ts';
import { BlockPivoting } from '../linear/blockPivoting.ts';
import { dot } from '../linear/dot.ts';
import { rowGram } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';

/** |v|^2 relative to |t|^2 below which v is 0. */
const NO_RESIDUAL = 1e-14;

/**
 * Maximum number of dimensions for the further test of v = 0. In more dimensions, hardly any t lies in the cone of separable
 * points, and the test would take as long as the solution.
 */
const MOST_TESTED = 32;

/** Up to this many dimensions, supports are so small that adding points one by one is fastest. */
const MOST_SINGLE = 128;
/** Up to this many dependent points, their inner products are kept (at most 2 x 32 MB). */
const MOST_GRAM = 2000;

/** A solution that violates the conditions of the optimum by more than this is solved again by the next, slower method. */
const WORST_VIOLATION = 1e-11;

/** The projection of one t onto the cone of the signed points. */
export interface GlueSolution {
  /** The points' multipliers for rows scaled to length 1; a view that the next call overwrites. */
  projection: ConeProjection;
  /** |G^T lambda|^2, the squared distance from t to the vectors that satisfy the labeling. */
  squared: number;
  /** Whether a plane through the origin separates the labeling strictly. Only v = 0 needs a test. */
  isSeparable: boolean;
  /** Largest violation of the Karush-Kuhn-Tucker conditions, for rows of length 1, relative to |t|. */
  violation: number;
}

/**
 * Minimizes |v - t|^2 subject to y_mu z . v <= 0 for every point z of every manifold mu: one program for all manifolds,
 * by its dual, non-negative least squares. Rows are scaled to length 1. Block pivoting solves it where the points are
 * independent enough, else the active set method, sample by sample, with several points entering at once.
 */
export class GlueCone {
  /** Lengths of the points, 1 for a point at the origin, which has no multiplier. */
  readonly lengths: Float64Array;
  private readonly points: Matrix;
  private readonly manifoldOf: Int32Array;
  private readonly unit: Matrix;
  private readonly signed: Matrix;
  private readonly signs: Float64Array;
  private readonly targets: Float64Array;
  private readonly projected: Float64Array;
  private readonly rest: Float64Array;
  private readonly inSupport: Uint8Array;
  private readonly activeSet: ActiveSet;
  /** For nearly dependent points, made when the first appear. */
  private careful: ActiveSet | undefined;
  private readonly unitGram: Matrix | undefined;
  private readonly signedGram: Matrix | undefined;
  private readonly blocks: BlockPivoting | undefined;
  /** Labelings already tested; a labeling and its opposite are separable together. */
  private readonly separable = new Map<string, boolean>();

  /** @param points [n, rank]; `sizes` are the numbers of points of the manifolds, in order. */
  constructor(points: Matrix, sizes: readonly number[]) {
    const { rows, columns } = points;
    this.points = points;
    this.manifoldOf = Int32Array.from(sizes.flatMap((size, m) => Array.from({ length: size }, () => m)));
    this.lengths = new Float64Array(rows);
    this.unit = zeros(rows, columns);
    for (let p = 0; p < rows; p++) {
      const row = p * columns;
      this.lengths[p] = Math.sqrt(dot(points.data, row, points.data, row, columns)) || 1;
      for (let k = 0; k < columns; k++) this.unit.data[row + k] = points.data[row + k] / this.lengths[p];
    }
    this.signed = { ...this.unit, data: this.unit.data.slice() };
    this.signs = new Float64Array(rows).fill(1);
    this.targets = new Float64Array(rows);
    this.projected = new Float64Array(columns);
    this.rest = new Float64Array(columns);
    this.inSupport = new Uint8Array(rows);
    const isLarge = columns > MOST_SINGLE;
    // With more points than dimensions, supports soon become dependent. Centering removes one dimension.
    const isIndependent = columns >= rows - 1;
    if (isIndependent || (isLarge && rows <= MOST_GRAM)) {
      this.unitGram = rowGram(this.unit);
      this.signedGram = { ...this.unitGram, data: this.unitGram.data.slice() };
      if (isIndependent) this.blocks = new BlockPivoting(this.signedGram);
    }
    this.activeSet = new ActiveSet(this.signed, { isBatched: isLarge, gram: this.signedGram });
  }

  /** Projects t, [rank] from `offset`, for one labeling of the manifolds. */
  solve(t: Float64Array, offset: number, labels: Int8Array): GlueSolution {
    this.sign(labels);
    const { targets, signed } = this;
    const { rows, columns } = this.points;
    this.signGram();
    if (this.blocks) {
      for (let p = 0; p < rows; p++) targets[p] = dot(signed.data, p * columns, t, offset, columns);
      const projection = this.blocks.project(targets);
      const solution = projection && this.judge(projection, t, offset, labels);
      if (solution && solution.violation <= WORST_VIOLATION) return solution;
    }
    const solution = this.judge(this.activeSet.project(t, offset), t, offset, labels);
    return solution.violation <= WORST_VIOLATION
      ? solution
      : this.solveCarefully(solution, t, offset, labels);
  }

  /** Solves a sample again whose points are nearly dependent. Inner products do not resolve distances below 1e-6. */
  private solveCarefully(
    first: GlueSolution,
    t: Float64Array,
    offset: number,
    labels: Int8Array,
  ): GlueSolution {
    const { size, support, multipliers } = first.projection;
    const kept = { size, support: support.slice(0, size), multipliers: multipliers.slice(0, size) };
    this.careful ??= new ActiveSet(this.signed, { isCareful: true });
    const again = this.judge(this.careful.project(t, offset), t, offset, labels);
    return again.violation < first.violation ? again : { ...first, projection: kept };
  }

  private sign(labels: Int8Array): void {
    const { signs, signed, manifoldOf } = this;
    const { rows, columns } = this.points;
    for (let p = 0; p < rows; p++) {
      const sign = labels[manifoldOf[p]];
      if (sign === signs[p]) continue;
      signs[p] = sign;
      const row = p * columns;
      for (let k = 0; k < columns; k++) signed.data[row + k] = -signed.data[row + k];
    }
  }

  private signGram(): void {
    const { unitGram, signedGram, signs } = this;
    if (!unitGram || !signedGram) return;
    const { rows } = unitGram;
    for (let p = 0; p < rows; p++) {
      const row = p * rows;
      for (let q = 0; q < rows; q++) signedGram.data[row + q] = signs[p] * signs[q] * unitGram.data[row + q];
    }
  }

  /** The largest violation of the optimum's conditions: |g . v| for the support, g . v above 0 for other points. */
  private judge(
    projection: ConeProjection,
    t: Float64Array,
    offset: number,
    labels: Int8Array,
  ): GlueSolution {
    const { signed, projected, rest, inSupport } = this;
    const { rows, columns } = this.points;
    const { size, support, multipliers } = projection;
    projected.fill(0);
    inSupport.fill(0);
    let violation = 0;
    for (let i = 0; i < size; i++) {
      inSupport[support[i]] = 1;
      violation = Math.max(violation, -multipliers[i]);
      const row = support[i] * columns;
      for (let k = 0; k < columns; k++) projected[k] += multipliers[i] * signed.data[row + k];
    }
    let whole = 0;
    let squared = 0;
    let left = 0;
    for (let k = 0; k < columns; k++) {
      rest[k] = t[offset + k] - projected[k];
      whole += t[offset + k] ** 2;
      squared += projected[k] ** 2;
      left += rest[k] ** 2;
    }
    for (let p = 0; p < rows; p++) {
      const product = dot(signed.data, p * columns, rest, 0, columns);
      violation = Math.max(violation, inSupport[p] ? Math.abs(product) : product);
    }
    const found = { projection, squared, violation: violation / Math.sqrt(whole) };
    if (left > NO_RESIDUAL * whole) return { ...found, isSeparable: true };
    if (columns > MOST_TESTED) return { ...found, isSeparable: false };
    // The test overwrites the view.
    const kept = { size, support: support.slice(0, size), multipliers: multipliers.slice(0, size) };
    return { ...found, projection: kept, isSeparable: this.testSeparable(t, offset, labels) };
  }

  /**
   * Whether the labeling is separable although t lies in the cone (v = 0). For a separable labeling, the cone is not the whole
   * space, so -t lies outside it.
   */
  private testSeparable(t: Float64Array, offset: number, labels: Int8Array): boolean {
    const key = labels.map((label) => label * labels[0]).join();
    const known = this.separable.get(key);
    if (known !== undefined) return known;
    const { rest, signed } = this;
    const { columns } = signed;
    const opposite = t.slice(offset, offset + columns).map((value) => -value);
    const { size, support, multipliers } = this.activeSet.project(opposite);
    let left = 0;
    let whole = 0;
    rest.set(opposite);
    for (let i = 0; i < size; i++) {
      const row = support[i] * columns;
      for (let k = 0; k < columns; k++) rest[k] -= multipliers[i] * signed.data[row + k];
    }
    for (let k = 0; k < columns; k++) {
      left += rest[k] ** 2;
      whole += opposite[k] ** 2;
    }
    const isSeparable = left > NO_RESIDUAL * whole;
    this.separable.set(key, isSeparable);
    return isSeparable;
  }
}
