import type { Matrix } from '../linear/matrix.ts';

/**
 * The center problem's cost: half the sum of squared cosines between the centers' residuals once the span of some
 * directions is removed (Cohen et al., Nat Commun 11, 746, 2020, methods). Depends on the span only, and not on the
 * centers' lengths. The diagonal's constant, half the number of centers, is included as in the reference.
 */
export class CorrelationCost {
  /** Centers scaled to length 1, one row each: [count, dimension]. */
  private readonly centers: Matrix;
  private readonly gram: Float64Array;
  private readonly rank: number;
  private readonly orthonormal: Float64Array;
  /** Lower triangle of the directions' orthonormalization. */
  private readonly factor: Float64Array;
  private readonly inside: Float64Array;
  private readonly residual: Float64Array;
  private readonly slope: Float64Array;

  constructor(centers: Matrix, rank: number) {
    const { rows, columns } = centers;
    this.centers = { data: centers.data.slice(), rows, columns };
    this.rank = rank;
    for (let m = 0; m < rows; m++) {
      const row = this.centers.data.subarray(m * columns, (m + 1) * columns);
      const norm = Math.hypot(...row);
      for (let k = 0; k < columns; k++) row[k] /= norm;
    }
    this.gram = new Float64Array(rows * rows);
    this.residual = new Float64Array(rows * rows);
    this.orthonormal = new Float64Array(rank * columns);
    this.factor = new Float64Array(rank * rank);
    this.inside = new Float64Array(rows * rank);
    this.slope = new Float64Array(rank * columns);
    for (let m = 0; m < rows; m++) {
      for (let n = 0; n < rows; n++) this.gram[m * rows + n] = dot(this.centers.data, m, n, columns);
    }
  }

  /**
   * Cost at the span of `directions` ([rank, dimension], any basis).
   * Its gradient there is written to `gradient` when given. NaN if the directions are dependent.
   */
  evaluate(directions: Float64Array, gradient?: Float64Array): number {
    if (!this.orthonormalize(directions)) return Number.NaN;
    const { centers, gram, rank, inside, residual, orthonormal } = this;
    const { rows, columns, data } = centers;
    for (let m = 0; m < rows; m++) {
      for (let k = 0; k < rank; k++) {
        let sum = 0;
        for (let i = 0; i < columns; i++) sum += data[m * columns + i] * orthonormal[k * columns + i];
        inside[m * rank + k] = sum;
      }
    }
    for (let m = 0; m < rows; m++) {
      for (let n = 0; n <= m; n++) {
        let sum = gram[m * rows + n];
        for (let k = 0; k < rank; k++) sum -= inside[m * rank + k] * inside[n * rank + k];
        residual[m * rows + n] = sum;
      }
    }
    let cost = rows / 2;
    for (let m = 0; m < rows; m++) {
      for (let n = 0; n < m; n++) {
        const value = residual[m * rows + n];
        cost += (value * value) / (residual[m * rows + m] * residual[n * rows + n]);
      }
    }
    if (gradient) this.differentiate(gradient);
    return cost;
  }

  /** Smallest share of a center's norm that the last evaluated directions leave. */
  smallestNormRatio(): number {
    const rows = this.centers.rows;
    let smallest = Infinity;
    for (let m = 0; m < rows; m++) smallest = Math.min(smallest, this.residual[m * rows + m]);
    return Math.sqrt(Math.max(smallest, 0));
  }

  /** Mean |cosine| between the residuals of the last evaluated directions. */
  meanAbsoluteCosine(): number {
    const rows = this.centers.rows;
    let sum = 0;
    for (let m = 0; m < rows; m++) {
      for (let n = 0; n < m; n++) {
        const scale = Math.sqrt(this.residual[m * rows + m] * this.residual[n * rows + n]);
        sum += Math.min(1, Math.abs(this.residual[m * rows + n]) / scale);
      }
    }
    return (2 * sum) / (rows * (rows - 1));
  }

  /** Orthonormal basis of the last evaluated directions, [rank, dimension]. */
  basis(): Float64Array {
    return this.orthonormal.slice();
  }

  /** Gram-Schmidt, twice for accuracy; `factor` holds L with directions = L orthonormal. */
  private orthonormalize(directions: Float64Array): boolean {
    const { orthonormal, rank, factor } = this;
    const columns = this.centers.columns;
    orthonormal.set(directions);
    factor.fill(0);
    for (let k = 0; k < rank; k++) {
      const row = k * columns;
      for (let pass = 0; pass < 2; pass++) {
        for (let j = 0; j < k; j++) {
          let sum = 0;
          for (let i = 0; i < columns; i++) sum += orthonormal[row + i] * orthonormal[j * columns + i];
          for (let i = 0; i < columns; i++) orthonormal[row + i] -= sum * orthonormal[j * columns + i];
          factor[k * rank + j] += sum;
        }
      }
      let squared = 0;
      for (let i = 0; i < columns; i++) squared += orthonormal[row + i] ** 2;
      const norm = Math.sqrt(squared);
      if (!(norm > 1e-150)) return false;
      for (let i = 0; i < columns; i++) orthonormal[row + i] /= norm;
      factor[k * rank + k] = norm;
    }
    return true;
  }

  /** gradient = L^-T (gradient by the orthonormal basis, made orthogonal to it). */
  private differentiate(gradient: Float64Array): void {
    const { centers, rank, inside, residual, orthonormal, factor, slope } = this;
    const { rows, columns, data } = centers;
    slope.fill(0);
    for (let m = 0; m < rows; m++) {
      const own = residual[m * rows + m];
      let shrink = 0;
      for (let n = 0; n < rows; n++) {
        if (n === m) continue;
        const value = m > n ? residual[m * rows + n] : residual[n * rows + m];
        shrink += (value * value) / (own * own * residual[n * rows + n]);
      }
      for (let k = 0; k < rank; k++) {
        let sum = 2 * shrink * inside[m * rank + k];
        for (let n = 0; n < rows; n++) {
          if (n === m) continue;
          const value = m > n ? residual[m * rows + n] : residual[n * rows + m];
          sum -= ((2 * value) / (own * residual[n * rows + n])) * inside[n * rank + k];
        }
        for (let i = 0; i < columns; i++) slope[k * columns + i] += sum * data[m * columns + i];
      }
    }
    for (let k = 0; k < rank; k++) {
      for (let j = 0; j < rank; j++) {
        let sum = 0;
        for (let i = 0; i < columns; i++) sum += slope[k * columns + i] * orthonormal[j * columns + i];
        for (let i = 0; i < columns; i++) slope[k * columns + i] -= sum * orthonormal[j * columns + i];
      }
    }
    for (let k = rank - 1; k >= 0; k--) {
      for (let i = 0; i < columns; i++) {
        let sum = slope[k * columns + i];
        for (let j = k + 1; j < rank; j++) sum -= factor[j * rank + k] * gradient[j * columns + i];
        gradient[k * columns + i] = sum / factor[k * rank + k];
      }
    }
  }
}

function dot(data: Float64Array, m: number, n: number, columns: number): number {
  let sum = 0;
  for (let i = 0; i < columns; i++) sum += data[m * columns + i] * data[n * columns + i];
  return sum;
}
