import { CallError } from '../callError.ts';
import { dot } from '../linear/dot.ts';
import { type RowData, rowGramSteps, rowMean } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { mapProgress, type Steps } from '../linear/steps.ts';
import { symmetricEigenSteps } from '../linear/symmetricEigen.ts';
import type { Manifold } from './centers.ts';
import { concatenateRows } from './spanCoordinates.ts';

/** Singular values below this share of the largest are rounding errors of float32 activations. */
const SMALLEST_SINGULAR = 1e-6;

/** All manifolds' points in orthonormal coordinates of their span, as plain data for workers. */
export interface GlueSpan {
  /** [points, rank], one manifold after another. */
  points: Matrix;
  /** Number of points of each manifold. */
  sizes: number[];
  /** Values per point before the reduction (N). */
  dimensions: number;
  /**
   * Turns a standard normal vector into the span's coordinates, [rank, values]: orthonormal rows. With values = N (fewer
   * dimensions than points), the vector has the points' coordinates; otherwise, the vector has one value per point.
   */
  basis: Matrix;
}

/**
 * Reduces the points to coordinates of their span, without directions whose singular value is below 1e-6 of the largest.
 * A vector drawn through `basis` changes little when the points change little, whatever the eigenvectors' signs.
 * Yields the fraction done.
 * @param center subtracts the mean of all points first.
 * @throws if all points coincide with the mean, or with the origin if not centered.
 */
export function* glueSpanSteps(manifolds: readonly Manifold[], center: boolean): Steps<number, GlueSpan> {
  const all = concatenateRows(manifolds);
  const mean = center ? rowMean(all) : undefined;
  const sizes = manifolds.map(({ rows }) => rows);
  const dimensions = all.columns;
  const isWide = dimensions >= all.rows;
  const source = isWide ? all : columnsAsRows(all, mean);
  const gram = yield* mapProgress(
    rowGramSteps(source, isWide && mean ? { shift: mean } : {}),
    (fraction) => 0.5 * fraction,
  );
  const { values, vectors } = yield* mapProgress(symmetricEigenSteps(gram), (part) => 0.5 + 0.5 * part);
  const smallest = SMALLEST_SINGULAR ** 2 * values[0];
  const rank = values[0] > 0 ? values.filter((value) => value > smallest).length : 0;
  if (rank === 0) {
    throw new CallError(
      'glueGeometry',
      `all points ${center ? 'coincide' : 'lie at the origin'} (a layer of zeros or constants?), so no plane separates them`,
    );
  }
  const basis: Matrix = {
    data: vectors.data.slice(0, rank * gram.rows),
    rows: rank,
    columns: gram.rows,
  };
  const points = isWide ? fromEigenvectors(basis, values) : ontoRows(all, mean, basis);
  return { points, sizes, dimensions, basis };
}

/**
 * Given t-vectors [samples, N] in the span's coordinates: [samples, rank]. The part outside the span never enters.
 */
export function ontoSpan(
  tVectors: RowData,
  { basis, points }: GlueSpan,
  manifolds: readonly Manifold[],
  center: boolean,
): Matrix {
  if (basis.columns === tVectors.columns) return ontoRows(tVectors, undefined, basis);
  // The span's directions are sums of the points: row r is (sum over p of basis[r, p] point p) / singular value r.
  const all = concatenateRows(manifolds);
  const mean = center ? rowMean(all) : undefined;
  const result = zeros(tVectors.rows, basis.rows);
  const products = new Float64Array(all.rows);
  const squares = Float64Array.from({ length: basis.rows }, (_, r) => {
    let sum = 0;
    for (let p = 0; p < points.rows; p++) sum += points.data[p * points.columns + r] ** 2;
    return sum;
  });
  for (let k = 0; k < tVectors.rows; k++) {
    for (let p = 0; p < all.rows; p++) products[p] = shiftedProduct(all, p, mean, tVectors, k);
    for (let r = 0; r < basis.rows; r++) {
      result.data[k * basis.rows + r] =
        dot(basis.data, r * basis.columns, products, 0, all.rows) / Math.sqrt(squares[r]);
    }
  }
  return result;
}

function shiftedProduct(
  { data, columns }: RowData,
  p: number,
  mean: Float64Array | undefined,
  tVectors: RowData,
  k: number,
): number {
  let sum = 0;
  const row = p * columns;
  const other = k * columns;
  for (let i = 0; i < columns; i++) {
    sum += (data[row + i] - (mean ? mean[i] : 0)) * tVectors.data[other + i];
  }
  return sum;
}

/** The transposed points, centered: [columns, rows]. */
function columnsAsRows({ data, rows, columns }: RowData, mean: Float64Array | undefined): Matrix {
  const result = zeros(columns, rows);
  for (let p = 0; p < rows; p++) {
    for (let k = 0; k < columns; k++) {
      result.data[k * rows + p] = data[p * columns + k] - (mean ? mean[k] : 0);
    }
  }
  return result;
}

/** The points' coordinates where the inner products' eigenvectors are known: sqrt(value) times the eigenvector's entry. */
function fromEigenvectors(basis: Matrix, values: Float64Array): Matrix {
  const { rows: rank, columns: count } = basis;
  const points = zeros(count, rank);
  for (let r = 0; r < rank; r++) {
    const scale = Math.sqrt(values[r]);
    for (let p = 0; p < count; p++) points.data[p * rank + r] = scale * basis.data[r * count + p];
  }
  return points;
}

/** Coordinates of all rows along the basis's rows: four rows and two directions at a time, whose sums stay in registers. */
function ontoRows({ data, rows, columns }: RowData, mean: Float64Array | undefined, basis: Matrix): Matrix {
  const result = zeros(rows, basis.rows);
  const block = new Float64Array(4 * columns);
  const last = basis.rows - 1;
  for (let p = 0; p < rows; p += 4) {
    const count = Math.min(4, rows - p);
    for (let i = 0; i < count; i++) {
      const row = (p + i) * columns;
      for (let k = 0; k < columns; k++) block[4 * k + i] = data[row + k] - (mean ? mean[k] : 0);
    }
    for (let r = 0; r < basis.rows; r += 2) {
      const sums = pairProducts(basis.data, r * columns, Math.min(r + 1, last) * columns, block);
      for (let i = 0; i < count; i++) {
        result.data[(p + i) * basis.rows + r] = sums[i];
        if (r < last) result.data[(p + i) * basis.rows + r + 1] = sums[4 + i];
      }
    }
  }
  return result;
}

/** Inner products of the two vectors at `first` and `second` with four interleaved ones. */
function pairProducts(data: Float64Array, first: number, second: number, block: Float64Array): number[] {
  let [a0, a1, a2, a3] = [0, 0, 0, 0];
  let [b0, b1, b2, b3] = [0, 0, 0, 0];
  const length = block.length >> 2;
  for (let k = 0; k < length; k++) {
    const a = data[first + k];
    const b = data[second + k];
    const x0 = block[4 * k];
    const x1 = block[4 * k + 1];
    const x2 = block[4 * k + 2];
    const x3 = block[4 * k + 3];
    a0 += a * x0;
    a1 += a * x1;
    a2 += a * x2;
    a3 += a * x3;
    b0 += b * x0;
    b1 += b * x1;
    b2 += b * x2;
    b3 += b * x3;
  }
  return [a0, a1, a2, a3, b0, b1, b2, b3];
}
