import { CallError } from '../callError.ts';
import { dot } from './dot.ts';
import type { Matrix } from './matrix.ts';
import { zeros } from './matrix.ts';
import type { Steps } from './steps.ts';

/** A symmetric matrix reduced to tridiagonal form by Householder reflections. */
export interface Tridiagonal {
  diagonal: Float64Array;
  /** Entry i couples i - 1 and i. */
  offDiagonal: Float64Array;
  /** Row i holds the reflection of the leading i coordinates, I - u u^T / scales[i]: u is its first i entries. [n, n] */
  reflections: Matrix;
  /** 0 where nothing was reflected. */
  scales: Float64Array;
}

/** Reduces a symmetric matrix to tridiagonal form (EISPACK's tred1). Yields the fraction done. The input is not modified. */
export function* tridiagonalizeSteps(matrix: Matrix): Steps<number, Tridiagonal> {
  const n = matrix.rows;
  const a = matrix.data.slice();
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  const scales = new Float64Array(n);
  const product = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    // Reflect row i so that only its last entry before the diagonal remains. Works on the leading i x i block.
    const row = i * n;
    let scale = 0;
    for (let k = 0; k < i; k++) scale = Math.max(scale, Math.abs(a[row + k]));
    diagonal[i] = a[row + i];
    if (scale === 0) continue;
    let sum = 0;
    for (let k = 0; k < i; k++) {
      a[row + k] /= scale;
      sum += a[row + k] * a[row + k];
    }
    const last = a[row + i - 1];
    const g = last >= 0 ? -Math.sqrt(sum) : Math.sqrt(sum);
    offDiagonal[i] = scale * g;
    const h = sum - last * g;
    scales[i] = h;
    a[row + i - 1] = last - g;
    symmetricTimes(a, n, i, row, product);
    let dot = 0;
    for (let k = 0; k < i; k++) {
      product[k] /= h;
      dot += product[k] * a[row + k];
    }
    const half = dot / (2 * h);
    for (let k = 0; k < i; k++) product[k] -= half * a[row + k];
    for (let j = 0; j < i; j++) {
      const f = a[row + j];
      const e = product[j];
      const target = j * n;
      for (let k = 0; k <= j; k++) a[target + k] -= f * product[k] + e * a[row + k];
    }
    if (i % 16 === 0) yield 1 - (i / n) ** 3;
  }
  diagonal[0] = a[0];
  return { diagonal, offDiagonal, scales, reflections: { data: a, rows: n, columns: n } };
}

/** product = (leading i x i block of a, lower triangle) times the vector stored at `row`. */
function symmetricTimes(a: Float64Array, n: number, i: number, row: number, product: Float64Array): void {
  product.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const source = j * n;
    const x = a[row + j];
    // Two sums, because one would wait for each addition to finish.
    let even = 0;
    let odd = 0;
    let k = 0;
    for (; k + 1 < j; k += 2) {
      const value = a[source + k];
      const next = a[source + k + 1];
      even += value * a[row + k];
      odd += next * a[row + k + 1];
      product[k] += value * x;
      product[k + 1] += next * x;
    }
    if (k < j) {
      even += a[source + k] * a[row + k];
      product[k] += a[source + k] * x;
    }
    product[j] += even + odd + a[source + j] * x;
  }
}

/** The product of the reflections, transposed: row j is the direction of the tridiagonal form's coordinate j. [n, n] */
export function* transformationSteps({ reflections, scales }: Tridiagonal): Steps<number, Matrix> {
  const n = scales.length;
  const result = zeros(n, n);
  const { data } = result;
  for (let k = 0; k < n; k++) data[k * n + k] = 1;
  for (let i = 1; i < n; i++) {
    if (scales[i] === 0) continue;
    const source = i * n;
    for (let k = 0; k < i; k++) {
      const row = k * n;
      const sum = dot(data, row, reflections.data, source, i) / scales[i];
      for (let j = 0; j < i; j++) data[row + j] -= sum * reflections.data[source + j];
    }
    if (i % 16 === 0) yield (i / n) ** 3;
  }
  return result;
}

/**
 * Eigenvalues by implicit QL with Wilkinson shifts (EISPACK's tql2), in place on `diagonal`; `offDiagonal[i]` couples
 * i - 1 and i. The rows of `basis`, if given, turn with the coordinates and become eigenvectors.
 * @throws if QL does not converge in 60 iterations; `caller` starts the error's message.
 */
export function* diagonalizeSteps(
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  caller: string,
  basis?: Matrix,
): Steps<number, void> {
  const n = diagonal.length;
  const e = new Float64Array(n + 1);
  let largest = 0;
  for (let i = 0; i < n; i++) {
    if (i > 0) e[i - 1] = offDiagonal[i];
    largest = Math.max(largest, Math.abs(diagonal[i]) + Math.abs(offDiagonal[i]));
  }
  // If all values are rounding errors, none is small relative to its neighbors.
  const rounding = 1e-17 * largest;
  const turns: Turns = { cosines: new Float64Array(n), sines: new Float64Array(n) };
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; ; iteration++) {
      let m = l;
      while (m < n - 1) {
        const size = Math.abs(diagonal[m]) + Math.abs(diagonal[m + 1]);
        if (Math.abs(e[m]) <= Math.max(rounding, 1.1e-16 * size)) break;
        m++;
      }
      if (m === l) break;
      if (iteration === 60) throw new CallError(caller, 'expected QL to converge in 60 iterations');
      const end = sweep(diagonal, e, l, m, turns);
      if (basis) turnRows(basis, m - 1, end, turns);
    }
    if (basis && l % 4 === 0) yield l / n;
  }
}

/** Rotations of a sweep: entry i turns rows i and i + 1. */
interface Turns {
  cosines: Float64Array;
  sines: Float64Array;
}

/**
 * One implicit QL step on the block l..m.
 * @returns the last rotation, the first being m - 1.
 */
function sweep(diagonal: Float64Array, e: Float64Array, l: number, m: number, turns: Turns): number {
  let g = (diagonal[l + 1] - diagonal[l]) / (2 * e[l]);
  let r = Math.hypot(g, 1);
  g = diagonal[m] - diagonal[l] + e[l] / (g + (g >= 0 ? r : -r));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      diagonal[i + 1] -= p;
      e[m] = 0;
      return i + 1;
    }
    s = f / r;
    c = g / r;
    g = diagonal[i + 1] - p;
    r = (diagonal[i] - g) * s + 2 * c * b;
    p = s * r;
    diagonal[i + 1] = g + p;
    g = c * r - b;
    turns.cosines[i] = c;
    turns.sines[i] = s;
  }
  diagonal[l] -= p;
  e[l] = g;
  e[m] = 0;
  return l;
}

/** Columns turned at a time: the rows of so many columns stay in a core's cache. */
const COLUMNS = 64;

/** Applies a sweep's rotations, from entry `first` down to `last`, to the rows. */
function turnRows({ data, columns }: Matrix, first: number, last: number, { cosines, sines }: Turns): void {
  for (let start = 0; start < columns; start += COLUMNS) {
    const width = Math.min(COLUMNS, columns - start);
    for (let i = first; i >= last; i--)
      turnPair(data, i * columns + start, columns, width, cosines[i], sines[i]);
  }
}

function turnPair(
  data: Float64Array,
  row: number,
  stride: number,
  width: number,
  c: number,
  s: number,
): void {
  const next = row + stride;
  for (let k = 0; k < width; k++) {
    const x = data[row + k];
    const y = data[next + k];
    data[next + k] = s * x + c * y;
    data[row + k] = c * x - s * y;
  }
}
