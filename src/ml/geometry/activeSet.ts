import type { Matrix } from '../matrix.ts';

/** A projection onto the cone of some points: the sum of multipliers[i] * points[support[i]], i < size. */
export interface ConeProjection {
  /** How many points carry it; at most the dimension. */
  size: number;
  support: Int32Array;
  /** Positive, one for each point of the support. */
  multipliers: Float64Array;
}

/** Relative tolerance below which a point counts as satisfied, or as dependent on the support. */
const TOLERANCE = 1e-12;

/**
 * Projects vectors onto the cone {sum of a_p points_p, a >= 0} exactly: Lawson and Hanson's active set method for
 * non-negative least squares, with an updated Cholesky factor of the support's inner products. Takes any points:
 * more than dimensions, duplicates, dependent ones. One object serves many vectors.
 */
export class ActiveSet {
  private readonly points: Float64Array;
  private readonly count: number;
  private readonly dimension: number;
  private readonly norms: Float64Array;
  private readonly capacity: number;
  /** Lower Cholesky factor of the support's inner products, rows of `capacity`. */
  private readonly factor: Float64Array;
  /** factor^-1 (support's points . vector). */
  private readonly reduced: Float64Array;
  private readonly trial: Float64Array;
  private readonly residual: Float64Array;
  /** 0: free to enter, 1: in the support, 2: rejected since the residual last changed. */
  private readonly state: Uint8Array;
  private readonly projection: ConeProjection;

  constructor(points: Matrix) {
    this.points = points.data;
    this.count = points.rows;
    this.dimension = points.columns;
    this.capacity = Math.min(points.rows, points.columns) + 1;
    this.norms = new Float64Array(points.rows);
    for (let p = 0; p < points.rows; p++) this.norms[p] = Math.sqrt(this.dot(p, p));
    this.factor = new Float64Array(this.capacity * this.capacity);
    this.reduced = new Float64Array(this.capacity);
    this.trial = new Float64Array(this.capacity);
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
   * @returns a view that the next call overwrites.
   * @throws if the active set does not settle, which only inconsistent input can cause.
   */
  project(vector: Float64Array, offset = 0): ConeProjection {
    const { projection, residual, dimension, state } = this;
    projection.size = 0;
    state.fill(0);
    let squared = 0;
    for (let k = 0; k < dimension; k++) {
      residual[k] = vector[offset + k];
      squared += residual[k] * residual[k];
    }
    const threshold = TOLERANCE * Math.sqrt(squared);
    const limit = 30 * (this.count + 10);
    for (let iteration = 0; iteration < limit; iteration++) {
      const entering = this.mostViolated(threshold);
      if (entering < 0) return projection;
      if (!this.append(entering, vector, offset)) {
        state[entering] = 2;
        continue;
      }
      this.settle();
      this.updateResidual(vector, offset);
    }
    throw new Error(
      `ActiveSet: expected the active set to settle within ${limit} steps (${this.count} points of ${dimension} values)`,
    );
  }

  private dot(p: number, q: number): number {
    const { points, dimension } = this;
    const a = p * dimension;
    const b = q * dimension;
    let sum = 0;
    for (let k = 0; k < dimension; k++) sum += points[a + k] * points[b + k];
    return sum;
  }

  /** The point whose normalized inner product with the residual is largest, or -1 if none is positive. */
  private mostViolated(threshold: number): number {
    const { points, dimension, residual, state, norms } = this;
    let best = -1;
    let largest = threshold;
    for (let p = 0; p < this.count; p++) {
      if (state[p] !== 0 || norms[p] === 0) continue;
      const row = p * dimension;
      let sum = 0;
      for (let k = 0; k < dimension; k++) sum += points[row + k] * residual[k];
      sum /= norms[p];
      if (sum > largest) {
        largest = sum;
        best = p;
      }
    }
    return best;
  }

  /** Adds a point to the support; false if it depends on the support or would not carry weight. */
  private append(point: number, vector: Float64Array, offset: number): boolean {
    const { factor, capacity, projection, points, dimension, reduced } = this;
    const size = projection.size;
    if (size >= capacity) return false;
    const row = size * capacity;
    let squared = this.dot(point, point);
    const smallest = TOLERANCE * squared;
    let target = 0;
    for (let k = 0; k < dimension; k++) target += points[point * dimension + k] * vector[offset + k];
    for (let i = 0; i < size; i++) {
      let sum = this.dot(projection.support[i], point);
      const other = i * capacity;
      for (let k = 0; k < i; k++) sum -= factor[other + k] * factor[row + k];
      const value = sum / factor[other + i];
      factor[row + i] = value;
      squared -= value * value;
      target -= value * reduced[i];
    }
    if (squared <= smallest || target <= 0) return false;
    const pivot = Math.sqrt(squared);
    factor[row + size] = pivot;
    reduced[size] = target / pivot;
    projection.support[size] = point;
    projection.multipliers[size] = 0;
    projection.size = size + 1;
    this.state[point] = 1;
    return true;
  }

  /** Moves the multipliers to the least squares solution of the support, dropping points that would turn negative. */
  private settle(): void {
    const { projection, trial, factor, reduced, capacity } = this;
    const { multipliers } = projection;
    for (;;) {
      const size = projection.size;
      for (let i = size - 1; i >= 0; i--) {
        let sum = reduced[i];
        for (let k = i + 1; k < size; k++) sum -= factor[k * capacity + i] * trial[k];
        trial[i] = sum / factor[i * capacity + i];
      }
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
    const { projection, factor, reduced, capacity } = this;
    const { support, multipliers } = projection;
    this.state[support[index]] = 0;
    const size = projection.size - 1;
    for (let i = index; i < size; i++) {
      support[i] = support[i + 1];
      multipliers[i] = multipliers[i + 1];
      const to = i * capacity;
      for (let k = 0; k <= i + 1; k++) factor[to + k] = factor[to + capacity + k];
    }
    for (let c = index; c < size; c++) {
      const x = factor[c * capacity + c];
      const y = factor[c * capacity + c + 1];
      const length = Math.sqrt(x * x + y * y);
      const cos = x / length;
      const sin = y / length;
      for (let i = c; i < size; i++) {
        const at = i * capacity + c;
        const left = factor[at];
        const right = factor[at + 1];
        factor[at] = cos * left + sin * right;
        factor[at + 1] = cos * right - sin * left;
      }
      const left = reduced[c];
      const right = reduced[c + 1];
      reduced[c] = cos * left + sin * right;
      reduced[c + 1] = cos * right - sin * left;
    }
    projection.size = size;
  }

  private updateResidual(vector: Float64Array, offset: number): void {
    const { projection, residual, points, dimension, state } = this;
    for (let k = 0; k < dimension; k++) residual[k] = vector[offset + k];
    for (let i = 0; i < projection.size; i++) {
      const row = projection.support[i] * dimension;
      const weight = projection.multipliers[i];
      for (let k = 0; k < dimension; k++) residual[k] -= weight * points[row + k];
    }
    for (let p = 0; p < this.count; p++) if (state[p] === 2) state[p] = 0;
  }
}
