import { dot } from './dot.ts';
import type { Matrix } from './matrix.ts';
import { zeros } from './matrix.ts';

/**
 * Computes the triangular factor of the QR decomposition whose columns are the given rows, by Householder reflections
 * with LAPACK's signs: R_jj is -sign(x_j) times the norm of the remaining part of column j. Needs at least as many
 * columns as rows.
 * @param rows [P, N] with N >= P; the decomposed matrix is the transpose. Not modified.
 * @returns R transposed, [P, P], lower triangular: row p is point p in the basis of Q's columns.
 */
export function triangularRows(rows: Matrix): Matrix {
  const { rows: count, columns: length } = rows;
  const a = rows.data.slice();
  const result = zeros(count, count);
  for (let j = 0; j < count; j++) {
    const own = j * length;
    let tail = 0;
    for (let k = j + 1; k < length; k++) tail += a[own + k] ** 2;
    const first = a[own + j];
    // Like LAPACK's dlarfg, reflect nothing if everything below the diagonal is zero.
    if (tail > 0) {
      const norm = Math.sqrt(first * first + tail);
      const diagonal = first >= 0 ? -norm : norm;
      const head = first - diagonal;
      const scale = -1 / (diagonal * head);
      a[own + j] = head;
      for (let p = j + 1; p < count; p++) {
        const other = p * length;
        let dot = 0;
        for (let k = j; k < length; k++) dot += a[own + k] * a[other + k];
        const factor = dot * scale;
        for (let k = j; k < length; k++) a[other + k] -= factor * a[own + k];
      }
      result.data[j * count + j] = diagonal;
    } else {
      result.data[j * count + j] = first;
    }
    for (let k = 0; k < j; k++) result.data[j * count + k] = a[own + k];
  }
  return result;
}

/**
 * Computes the same points from their inner products alone: the Cholesky factor, with a positive diagonal. Directions
 * below 3e-7 of a point's norm cannot be distinguished from rounding errors and are set to zero.
 * @param gram [P, P]. Not modified.
 * @returns [P, P], lower triangular, one row per point.
 */
export function choleskyRows(gram: Matrix): Matrix {
  const count = gram.rows;
  const result = zeros(count, count);
  const l = result.data;
  for (let j = 0; j < count; j++) {
    let pivot = gram.data[j * count + j];
    for (let k = 0; k < j; k++) pivot -= l[j * count + k] ** 2;
    if (pivot <= 1e-13 * gram.data[j * count + j]) continue;
    const diagonal = Math.sqrt(pivot);
    l[j * count + j] = diagonal;
    for (let p = j + 1; p < count; p++) {
      l[p * count + j] = (gram.data[p * count + j] - dot(l, p * count, l, j * count, j)) / diagonal;
    }
  }
  return result;
}
