import type { Matrix } from './matrix.ts';
import { zeros } from './matrix.ts';
import { drain, mapProgress, type Steps } from './steps.ts';
import { diagonalizeSteps, transformationSteps, tridiagonalizeSteps } from './tridiagonal.ts';

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, 8.5):
 * simple and accurate, O(n^3) per sweep; for n up to about 100. The input is not modified.
 * @returns values in descending order, and row i of `vectors` belongs to `values[i]`.
 */
export function jacobiEigen(
  matrix: Matrix,
  { maxSweeps = 60 } = {},
): { values: Float64Array; vectors: Matrix } {
  const n = matrix.rows;
  const a = matrix.data.slice();
  const v = zeros(n, n).data;
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(a[i * n + i]));
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q];
        const app = a[p * n + p];
        const aqq = a[q * n + q];
        const size = Math.abs(apq);
        if (size <= 1e-18 * largest || size <= 1e-16 * Math.sqrt(Math.abs(app * aqq))) continue;
        rotated = true;
        const theta = (aqq - app) / (2 * apq);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        rotate(a, n, p, q, c, t * c);
        for (let k = 0; k < n; k++) {
          const x = v[p * n + k];
          const y = v[q * n + k];
          v[p * n + k] = c * x - t * c * y;
          v[q * n + k] = t * c * x + c * y;
        }
        a[p * n + p] = app - t * apq;
        a[q * n + q] = aqq + t * apq;
        a[p * n + q] = 0;
        a[q * n + p] = 0;
      }
    }
    if (!rotated) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i]);
  const values = new Float64Array(n);
  const vectors = zeros(n, n);
  order.forEach((from, to) => {
    values[to] = a[from * n + from];
    vectors.data.set(v.subarray(from * n, from * n + n), to * n);
  });
  return { values, vectors };
}

/** Rotates rows and columns p and q of the symmetric `a`, except their four crossings. */
function rotate(a: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    if (k === p || k === q) continue;
    const x = a[p * n + k];
    const y = a[q * n + k];
    const newX = c * x - s * y;
    const newY = s * x + c * y;
    a[p * n + k] = newX;
    a[k * n + p] = newX;
    a[q * n + k] = newY;
    a[k * n + q] = newY;
  }
}

/**
 * Eigenvalues of a symmetric matrix: Householder tridiagonalization, then implicit QL (EISPACK's tred1 and tql1).
 * O(n^3), no vectors; absolute accuracy is about 1e-16 times the largest. The input is not modified.
 * @returns values in descending order.
 */
export function symmetricEigenvalues(matrix: Matrix): Float64Array {
  return drain(symmetricEigenvaluesSteps(matrix));
}

/** `symmetricEigenvalues` in steps: yields the fraction done, so that a caller can cancel. */
export function* symmetricEigenvaluesSteps(matrix: Matrix): Steps<number, Float64Array> {
  const { diagonal, offDiagonal } = yield* tridiagonalizeSteps(matrix);
  yield* diagonalizeSteps(diagonal, offDiagonal, 'symmetricEigenvalues');
  return diagonal.sort().reverse();
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonalization, then implicit QL (EISPACK's
 * tred2 and tql2), O(n^3). The input is not modified.
 * @returns values in descending order, and row i of `vectors` belongs to `values[i]`.
 */
export function symmetricEigen(matrix: Matrix): { values: Float64Array; vectors: Matrix } {
  return drain(symmetricEigenSteps(matrix));
}

/** `symmetricEigen` in steps: yields the fraction done, so that a caller can cancel. */
export function* symmetricEigenSteps(
  matrix: Matrix,
): Steps<number, { values: Float64Array; vectors: Matrix }> {
  const n = matrix.rows;
  const tridiagonal = yield* mapProgress(tridiagonalizeSteps(matrix), (part) => 0.3 * part);
  const { diagonal, offDiagonal } = tridiagonal;
  const basis = yield* mapProgress(transformationSteps(tridiagonal), (part) => 0.3 + 0.2 * part);
  yield* mapProgress(
    diagonalizeSteps(diagonal, offDiagonal, 'symmetricEigen', basis),
    (part) => 0.5 + 0.5 * part,
  );
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[j] - diagonal[i]);
  const vectors = zeros(n, n);
  order.forEach((from, to) => {
    vectors.data.set(basis.data.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (from) => diagonal[from]), vectors };
}

/**
 * The largest eigenvalues and their eigenvectors of a symmetric, positive semidefinite matrix: Jacobi for small ones,
 * else subspace iteration with Rayleigh-Ritz steps. The input is not modified.
 * @returns values in descending order, and row i of `vectors` belongs to `values[i]`.
 */
export function leadingEigenpairs(
  matrix: Matrix,
  count: number,
  { tolerance = 1e-13, maxIterations = 400 } = {},
): { values: Float64Array; vectors: Matrix } {
  const n = matrix.rows;
  if (n <= 100) {
    const { values, vectors } = jacobiEigen(matrix);
    return {
      values: values.slice(0, count),
      vectors: { data: vectors.data.slice(0, count * n), rows: count, columns: n },
    };
  }
  const size = Math.min(n, count + 8);
  let basis = zeros(size, n);
  // A fixed, unstructured start; any start that is not orthogonal to the solution works.
  for (let i = 0; i < basis.data.length; i++) basis.data[i] = Math.sin(1 + 7.3 * i + (i % 97) ** 2);
  orthonormalizeRows(basis);
  let values = new Float64Array(count);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const image = timesRows(matrix, basis);
    const small = zeros(size, size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) small.data[i * size + j] = rowDot(basis, i, image, j);
    }
    const ritz = jacobiEigen(small);
    const rotated = combineRows(ritz.vectors, basis);
    const rotatedImage = combineRows(ritz.vectors, image);
    values = ritz.values.slice(0, count);
    let error = 0;
    for (let i = 0; i < count; i++) {
      let squares = 0;
      for (let k = 0; k < n; k++) {
        squares += (rotatedImage.data[i * n + k] - values[i] * rotated.data[i * n + k]) ** 2;
      }
      error = Math.max(error, Math.sqrt(squares));
    }
    basis = rotated;
    if (error <= tolerance * values[0]) break;
    basis = rotatedImage;
    orthonormalizeRows(basis);
  }
  return { values, vectors: { data: basis.data.slice(0, count * n), rows: count, columns: n } };
}

/** Row i of the result is `matrix` times row i. */
function timesRows(matrix: Matrix, rows: Matrix): Matrix {
  const n = matrix.rows;
  const result = zeros(rows.rows, n);
  for (let j = 0; j < n; j++) {
    const row = j * n;
    for (let i = 0; i < rows.rows; i++) {
      const offset = i * n;
      let sum = 0;
      for (let k = 0; k < n; k++) sum += matrix.data[row + k] * rows.data[offset + k];
      result.data[offset + j] = sum;
    }
  }
  return result;
}

/** Row i of the result is the sum of weights[i, j] times row j. */
function combineRows(weights: Matrix, rows: Matrix): Matrix {
  const result = zeros(weights.rows, rows.columns);
  for (let i = 0; i < weights.rows; i++) {
    for (let j = 0; j < rows.rows; j++) {
      const weight = weights.data[i * weights.columns + j];
      for (let k = 0; k < rows.columns; k++) {
        result.data[i * rows.columns + k] += weight * rows.data[j * rows.columns + k];
      }
    }
  }
  return result;
}

function rowDot(a: Matrix, i: number, b: Matrix, j: number): number {
  let sum = 0;
  for (let k = 0; k < a.columns; k++) sum += a.data[i * a.columns + k] * b.data[j * b.columns + k];
  return sum;
}

/** Gram-Schmidt, applied twice; a row that depends on earlier rows becomes zero. */
function orthonormalizeRows(rows: Matrix): void {
  const { data, columns } = rows;
  for (let i = 0; i < rows.rows; i++) {
    const before = Math.sqrt(rowDot(rows, i, rows, i));
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const weight = rowDot(rows, i, rows, j);
        for (let k = 0; k < columns; k++) data[i * columns + k] -= weight * data[j * columns + k];
      }
    }
    const norm = Math.sqrt(rowDot(rows, i, rows, i));
    const scale = norm > 1e-13 * before ? 1 / norm : 0;
    for (let k = 0; k < columns; k++) data[i * columns + k] *= scale;
  }
}
