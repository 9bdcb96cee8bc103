import { CallError } from '../callError.ts';
import type { Matrix } from './matrix.ts';
import { zeros } from './matrix.ts';

/** M = sum over i of values[i] left_i right_i^T, values descending. */
export interface SingularDecomposition {
  values: Float64Array;
  /** Row i is the left vector of values[i], orthonormal; zero where values[i] is zero. [rows, rows] */
  left: Matrix;
  /** Row i is the right vector of values[i], orthonormal; zero where values[i] is zero. [rows, columns] */
  right: Matrix;
}

/**
 * Singular values and vectors by one-sided Jacobi rotations (Golub & Van Loan, 8.6.3): accurate to rounding even for the
 * smallest, O(rows^2 columns) per sweep. Needs rows <= columns. The input is not modified.
 */
export function jacobiSvd(matrix: Matrix, { maxSweeps = 60 } = {}): SingularDecomposition {
  const { rows, columns } = matrix;
  if (rows > columns) {
    throw new CallError(
      'jacobiSvd',
      `expected no more rows than columns, found ${rows} x ${columns}; transpose it`,
    );
  }
  const a = matrix.data.slice();
  const u = zeros(rows, rows).data;
  for (let i = 0; i < rows; i++) u[i * rows + i] = 1;
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    let rotated = false;
    for (let p = 0; p < rows - 1; p++) {
      for (let q = p + 1; q < rows; q++) {
        const pp = dot(a, p, p, columns);
        const qq = dot(a, q, q, columns);
        const pq = dot(a, p, q, columns);
        if (Math.abs(pq) <= 1e-15 * Math.sqrt(pp * qq)) continue;
        rotated = true;
        const theta = (qq - pp) / (2 * pq);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        rotateRows(a, p, q, columns, c, t * c);
        rotateRows(u, p, q, rows, c, t * c);
      }
    }
    if (!rotated) break;
  }
  const norms = Array.from({ length: rows }, (_, i) => Math.sqrt(dot(a, i, i, columns)));
  const order = norms.map((_, i) => i).sort((i, j) => norms[j] - norms[i]);
  const result = { values: new Float64Array(rows), left: zeros(rows, rows), right: zeros(rows, columns) };
  order.forEach((from, to) => {
    const norm = norms[from];
    result.values[to] = norm;
    if (norm === 0) return;
    result.left.data.set(u.subarray(from * rows, (from + 1) * rows), to * rows);
    for (let k = 0; k < columns; k++) result.right.data[to * columns + k] = a[from * columns + k] / norm;
  });
  return result;
}

function dot(a: Float64Array, p: number, q: number, columns: number): number {
  const x = p * columns;
  const y = q * columns;
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += a[x + k] * a[y + k];
  return sum;
}

function rotateRows(a: Float64Array, p: number, q: number, columns: number, c: number, s: number): void {
  for (let k = 0; k < columns; k++) {
    const x = a[p * columns + k];
    const y = a[q * columns + k];
    a[p * columns + k] = c * x - s * y;
    a[q * columns + k] = s * x + c * y;
  }
}
