import { CallError } from '../callError.ts';
import { dot } from './dot.ts';
import type { Matrix } from './matrix.ts';

/** A projection onto the cone of the points: the sum of multipliers[i] * points[support[i]] for i < size. */
export interface ConeProjection {
  /** Number of points in the support; at most the dimension. */
  size: number;
  support: Int32Array;
  /** Positive multipliers, one for each point of the support. */
  multipliers: Float64Array;
}

/** With more points than this, most steps check only the most likely candidates. */
const PRICE_ALL = 64;
const CANDIDATES = 24;

/** Relative tolerance below which a point counts as satisfied, or as dependent on the support. */
const TOLERANCE = 1e-12;

export interface ActiveSetOptions {
  /** Whether several violated points enter at once, which is several times faster for large supports. Default false. */
  isBatched?: boolean;
  /** The points' inner products, [count, count], if known; read anew at each projection. */
  gram?: Matrix;
  /**
   * Whether a point's distance from the support's span is measured on the vectors, by corrected seminormal equations (Bjorck
   * 1987), and the multipliers are refined. Slower, and exact for points closer to each other than 1e-6, which inner products do
   * not resolve. Default false.
   */
  isCareful?: boolean;
}

/** Distance from the support's span, relative to the point's length, below which a careful set rejects a point. */
const CAREFUL_DISTANCE = 1e-12;
/** Corrections of a point's distance, and of the multipliers. */
const CORRECTIONS = 3;

/**
 * Projects vectors onto the cone {sum of a_p points_p, a >= 0} exactly: Lawson and Hanson's active set method for
 * non-negative least squares, with an updated Cholesky factor of the support's inner products. Accepts any points,
 * including duplicates, dependent points, and more points than dimensions. An object can project many vectors.
 */
export class ActiveSet {
  private readonly points: Float64Array;
  private readonly gram: Float64Array | undefined;
  private readonly isBatched: boolean;
  private readonly isCareful: boolean;
  private readonly count: number;
  private readonly dimension: number;
  private readonly norms: Float64Array;
  private readonly capacity: number;
  /** Lower Cholesky factor of the support's inner products, rows of `capacity`. */
  private readonly factor: Float64Array;
  /** factor^-1 (support's points . vector). */
  private readonly reduced: Float64Array;
  private readonly trial: Float64Array;
  private readonly cosines: Float64Array;
  private readonly sines: Float64Array;
  private readonly residual: Float64Array;
  /** 0: free to enter, 1: in the support, 2: rejected since the residual last changed. */
  private readonly state: Uint8Array;
  private readonly projection: ConeProjection;
  /** The most violated points of the last full check, the first `candidateCount`. */
  private readonly candidates = new Int32Array(CANDIDATES);
  private readonly candidateValues = new Float64Array(CANDIDATES);
  private candidateCount = 0;
  /** Largest normalized inner product of a point outside the support with the residual at the last full check. */
  private largest = 0;

  constructor(points: Matrix, { isBatched = false, gram, isCareful = false }: ActiveSetOptions = {}) {
    this.points = points.data;
    this.gram = gram?.data;
    this.isBatched = isBatched;
    this.isCareful = isCareful;
    this.count = points.rows;
    this.dimension = points.columns;
    this.capacity = Math.min(points.rows, points.columns) + 1;
    this.norms = new Float64Array(points.rows);
    for (let p = 0; p < points.rows; p++) this.norms[p] = Math.sqrt(this.product(p, p));
    this.factor = new Float64Array(this.capacity * this.capacity);
    this.reduced = new Float64Array(this.capacity);
    this.trial = new Float64Array(this.capacity);
    this.cosines = new Float64Array(this.capacity);
    this.sines = new Float64Array(this.capacity);
    this.residual = new Float64Array(this.dimension);
    this.state = new Uint8Array(points.rows);
    this.projection = {
      size: 0,
      support: new Int32Array(this.capacity),
      multipliers: new Float64Array(this.capacity),
    };
  }

  /**
   * Projects `vector` (read from `offset`) onto the cone.
   * @param enough called at each check of all points, with the largest inner product of a unit-length point with the
   * residual; returning true ends the projection early, unfinished.
   * @returns a view that the next call overwrites.
   * @throws if the active set does not settle, which only inconsistent input can cause.
   */
  project(
    vector: Float64Array,
    offset = 0,
    enough?: (largest: number, residual: Float64Array) => boolean,
  ): ConeProjection {
    const { projection, residual, dimension, state } = this;
    projection.size = 0;
    this.candidateCount = 0;
    state.fill(0);
    let squared = 0;
    for (let k = 0; k < dimension; k++) {
      residual[k] = vector[offset + k];
      squared += residual[k] * residual[k];
    }
    const threshold = TOLERANCE * Math.sqrt(squared);
    const limit = 30 * (this.count + 10);
    for (let iteration = 0; iteration < limit; iteration++) {
      let entering = this.mostViolatedCandidate(threshold);
      if (entering < 0) {
        entering = this.mostViolated(threshold);
        if (entering < 0 || enough?.(this.largest, residual)) return projection;
      }
      const isAppended = this.isCareful
        ? this.appendCarefully(entering, vector, offset)
        : this.append(entering, vector, offset);
      if (!isAppended) {
        state[entering] = 2;
        continue;
      }
      if (this.isBatched) this.appendCandidates(vector, offset);
      this.settle();
      this.updateResidual(vector, offset);
      if (this.isCareful) this.refine(vector, offset);
    }
    throw new CallError(
      'ActiveSet',
      `expected the active set to settle within ${limit} steps (${this.count} points of ${dimension} values)`,
    );
  }

  /** Inner product of the residual with a point scaled to length 1. */
  private violation(p: number): number {
    const { points, dimension, residual, norms } = this;
    return dot(points, p * dimension, residual, 0, dimension) / norms[p];
  }

  private product(p: number, q: number): number {
    const { points, dimension, gram, count } = this;
    if (gram) return gram[q * count + p];
    return dot(points, p * dimension, points, q * dimension, dimension);
  }

  /** Finds the most violated of all points (-1 if none) and fills the list of candidates. */
  private mostViolated(threshold: number): number {
    const { state, norms, candidates, candidateValues } = this;
    const keep = this.count > PRICE_ALL ? CANDIDATES : 0;
    let held = 0;
    let best = -1;
    this.largest = -Infinity;
    for (let p = 0; p < this.count; p++) {
      if (state[p] !== 0 || norms[p] === 0) continue;
      const value = this.violation(p);
      if (value > this.largest) {
        this.largest = value;
        if (value > threshold) best = p;
      }
      if (keep === 0 || value <= threshold) continue;
      if (held === keep && value <= candidateValues[held - 1]) continue;
      // Sorted insertion; the smallest falls off the end.
      let place = held < keep ? held++ : held - 1;
      while (place > 0 && candidateValues[place - 1] < value) {
        candidateValues[place] = candidateValues[place - 1];
        candidates[place] = candidates[place - 1];
        place--;
      }
      candidateValues[place] = value;
      candidates[place] = p;
    }
    this.candidateCount = held;
    return best;
  }

  /** Finds the most violated of the candidates; -1 if all points should be checked again. */
  private mostViolatedCandidate(threshold: number): number {
    const { state, candidates } = this;
    // If all candidates are far below the last full check's maximum, other points are probably violated more.
    let best = -1;
    let largest = Math.max(threshold, 0.5 * this.largest);
    for (let i = 0; i < this.candidateCount; i++) {
      const p = candidates[i];
      if (state[p] !== 0) continue;
      const value = this.violation(p);
      if (value > largest) {
        largest = value;
        best = p;
      }
    }
    return best;
  }

  /**
   * Adds the other candidates that are violated more than half as much as the most violated one. The distance still falls with
   * each step: `settle` drops the points that are no longer needed, but never all new points.
   */
  private appendCandidates(vector: Float64Array, offset: number): void {
    const { state, candidates, candidateValues } = this;
    const least = 0.5 * this.largest;
    for (let i = 0; i < this.candidateCount; i++) {
      const p = candidates[i];
      if (state[p] === 0 && candidateValues[i] > least && !this.append(p, vector, offset)) state[p] = 2;
    }
    this.candidateCount = 0;
  }

  /** Adds a point to the support; returns false if it depends on the support or would get no weight. */
  private append(point: number, vector: Float64Array, offset: number): boolean {
    const { factor, capacity, projection, points, dimension, reduced } = this;
    const size = projection.size;
    if (size >= capacity) return false;
    const row = size * capacity;
    let squared = this.product(point, point);
    const smallest = TOLERANCE * squared;
    let target = dot(points, point * dimension, vector, offset, dimension);
    for (let i = 0; i < size; i++) {
      const other = i * capacity;
      const product = this.product(projection.support[i], point);
      const value = (product - dot(factor, other, factor, row, i)) / factor[other + i];
      factor[row + i] = value;
      squared -= value * value;
      target -= value * reduced[i];
    }
    if (squared <= smallest || target <= 0) return false;
    this.enter(point, Math.sqrt(squared), target);
    return true;
  }

  /** The same for a careful set: the part of the point outside the support's span is computed as a vector. */
  private appendCarefully(point: number, vector: Float64Array, offset: number): boolean {
    const { factor, capacity, projection, points, dimension, trial, norms } = this;
    const { size } = projection;
    if (size >= capacity) return false;
    const row = size * capacity;
    const outside = points.slice(point * dimension, (point + 1) * dimension);
    factor.fill(0, row, row + size);
    for (let pass = 0; pass < CORRECTIONS; pass++) {
      this.reduceProducts(outside, trial);
      for (let i = 0; i < size; i++) factor[row + i] += trial[i];
      this.solveUpper(trial);
      this.subtractSupport(trial, outside);
    }
    const distance = Math.sqrt(dot(outside, 0, outside, 0, dimension));
    const target = dot(outside, 0, vector, offset, dimension);
    if (distance <= CAREFUL_DISTANCE * norms[point] || target <= 0) return false;
    this.enter(point, distance, target);
    return true;
  }

  /** Puts a point into the support, at this distance from the span of the others. `target`: its part of the projected vector. */
  private enter(point: number, distance: number, target: number): void {
    const { factor, capacity, projection, reduced, state } = this;
    const { size } = projection;
    factor[size * capacity + size] = distance;
    reduced[size] = target / distance;
    projection.support[size] = point;
    projection.multipliers[size] = 0;
    projection.size = size + 1;
    state[point] = 1;
  }

  /** Refines the multipliers by the residual's inner products with the support, which are zero at the solution. */
  private refine(vector: Float64Array, offset: number): void {
    const { projection, trial, residual } = this;
    const { multipliers } = projection;
    for (let pass = 0; pass < CORRECTIONS; pass++) {
      this.reduceProducts(residual, trial);
      this.solveUpper(trial);
      for (let i = 0; i < projection.size; i++) multipliers[i] = Math.max(0, multipliers[i] + trial[i]);
      this.updateResidual(vector, offset);
    }
  }

  /** out = factor^-1 times the inner products of the support's points with the vector. */
  private reduceProducts(vector: Float64Array, out: Float64Array): void {
    const { factor, capacity, projection, points, dimension } = this;
    for (let i = 0; i < projection.size; i++) {
      const row = i * capacity;
      const product = dot(points, projection.support[i] * dimension, vector, 0, dimension);
      out[i] = (product - dot(factor, row, out, 0, i)) / factor[row + i];
    }
  }

  /** Solves factor^T x = values in place. */
  private solveUpper(values: Float64Array): void {
    const { factor, capacity, projection } = this;
    for (let i = projection.size - 1; i >= 0; i--) {
      const row = i * capacity;
      const value = values[i] / factor[row + i];
      values[i] = value;
      for (let k = 0; k < i; k++) values[k] -= factor[row + k] * value;
    }
  }

  /** Subtracts the support's points, times `weights`, from the vector. */
  private subtractSupport(weights: Float64Array, vector: Float64Array): void {
    const { projection, points, dimension } = this;
    for (let i = 0; i < projection.size; i++) {
      const row = projection.support[i] * dimension;
      for (let k = 0; k < dimension; k++) vector[k] -= weights[i] * points[row + k];
    }
  }

  /** Moves the multipliers to the support's least squares solution and drops points that would become negative. */
  private settle(): void {
    const { projection, trial, reduced } = this;
    const { multipliers } = projection;
    for (;;) {
      const size = projection.size;
      for (let i = 0; i < size; i++) trial[i] = reduced[i];
      this.solveUpper(trial);
      let step = 1;
      let leaving = -1;
      for (let i = 0; i < size; i++) {
        if (trial[i] > 0) continue;
        const ratio = multipliers[i] === 0 ? 0 : multipliers[i] / (multipliers[i] - trial[i]);
        if (leaving < 0 || ratio < step) {
          step = ratio;
          leaving = i;
        }
      }
      if (leaving < 0) {
        for (let i = 0; i < size; i++) multipliers[i] = trial[i];
        return;
      }
      for (let i = 0; i < size; i++) multipliers[i] += step * (trial[i] - multipliers[i]);
      this.remove(leaving);
    }
  }

  /** Drops entry `index` of the support; Givens rotations restore the factor's triangle. */
  private remove(index: number): void {
    const { projection, factor, reduced, capacity, cosines, sines } = this;
    const { support, multipliers } = projection;
    this.state[support[index]] = 0;
    const size = projection.size - 1;
    for (let i = index; i < size; i++) {
      support[i] = support[i + 1];
      multipliers[i] = multipliers[i + 1];
      // Row i + 1 moves up with one entry too many. The rotations of the rows above apply, then its own removes that
      // entry.
      const row = i * capacity;
      const from = row + capacity;
      for (let k = 0; k < index; k++) factor[row + k] = factor[from + k];
      let left = factor[from + index];
      for (let c = index; c < i; c++) {
        const right = factor[from + c + 1];
        factor[row + c] = cosines[c] * left + sines[c] * right;
        left = cosines[c] * right - sines[c] * left;
      }
      const right = factor[from + i + 1];
      const length = Math.sqrt(left * left + right * right);
      cosines[i] = left / length;
      sines[i] = right / length;
      factor[row + i] = length;
      const x = reduced[i];
      const y = reduced[i + 1];
      reduced[i] = cosines[i] * x + sines[i] * y;
      reduced[i + 1] = cosines[i] * y - sines[i] * x;
    }
    projection.size = size;
  }

  private updateResidual(vector: Float64Array, offset: number): void {
    const { projection, residual, dimension, state } = this;
    for (let k = 0; k < dimension; k++) residual[k] = vector[offset + k];
    this.subtractSupport(projection.multipliers, residual);
    for (let p = 0; p < this.count; p++) if (state[p] === 2) state[p] = 0;
  }
}
