import type { RowData } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import type { Steps } from '../linear/steps.ts';

/** A symmetric kernel of n examples, with the sums that every criterion needs. */
export interface Kernel {
  /** [n, n], with zeros on the diagonal. */
  gram: Matrix;
  /** n values. */
  rowSums: Float64Array;
  sum: number;
}

/** A criterion of all examples, and of all but one. */
export interface Criterion {
  value: number;
  /** Value i is the criterion without example i; not finite for four examples. */
  without: Float64Array;
}

/** Zeroes the diagonal of `gram`, in place, and adds up the rest. */
export function kernelOf(gram: Matrix): Kernel {
  const n = gram.rows;
  const rowSums = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    gram.data[i * n + i] = 0;
    for (let j = 0; j < n; j++) rowSums[i] += gram.data[i * n + j];
    sum += rowSums[i];
  }
  return { gram, rowSums, sum };
}

/** The unbiased Hilbert-Schmidt independence criterion of two kernels (Song et al. 2007, Eq. 5), n at least 4. */
export function independence(k: Kernel, l: Kernel): Criterion {
  const n = k.gram.rows;
  const products = new Float64Array(n);
  const throughK = new Float64Array(n);
  const throughL = new Float64Array(n);
  let allProducts = 0;
  let rows = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0, at = i * n; j < n; j++, at++) {
      const a = k.gram.data[at];
      const b = l.gram.data[at];
      products[i] += a * b;
      throughK[i] += a * l.rowSums[j];
      throughL[i] += b * k.rowSums[j];
    }
    allProducts += products[i];
    rows += k.rowSums[i] * l.rowSums[i];
  }
  const without = products.map((product, i) => {
    const [rowK, rowL] = [k.rowSums[i], l.rowSums[i]];
    return combine(
      n - 1,
      allProducts - 2 * product,
      (k.sum - 2 * rowK) * (l.sum - 2 * rowL),
      rows - rowK * rowL - throughK[i] - throughL[i] + product,
    );
  });
  return { value: combine(n, allProducts, k.sum * l.sum, rows), without };
}

function combine(n: number, products: number, sums: number, rows: number): number {
  return (products + sums / ((n - 1) * (n - 2)) - (2 * rows) / (n - 2)) / (n * (n - 3));
}

/** Activations and each unit's mean over the examples, which the criteria do not depend on, but their rounding does. */
export interface Units {
  activations: RowData;
  mean: Float64Array;
}

/**
 * The criterion of the mean kernels over units from pairs of different units only: `all` is the criterion of all pairs, from
 * which those of a unit of x with the same unit of y are taken (arXiv 2502.15104). Yields the fraction done.
 */
export function* withoutSharedUnitsSteps(all: Criterion, x: Units, y: Units): Steps<number, Criterion> {
  const units = x.activations.columns;
  const same = yield* sameUnitsSteps(x, y);
  const corrected = (value: number, part: number) => (units ** 2 * value - part) / (units * (units - 1));
  return {
    value: corrected(all.value, same.value),
    without: all.without.map((value, i) => corrected(value, same.without[i])),
  };
}

/** The sum over units of the criterion of one unit's kernel in x with the same unit's in y. */
function* sameUnitsSteps(x: Units, y: Units): Steps<number, Criterion> {
  const { rows: n, columns: units } = x.activations;
  const sums = new Float64Array(SUMS * units);
  for (let i = 0; i < n; i++) {
    addToSums(sums, x, y, i);
    yield (0.4 * i) / n;
  }
  const value = combineSums(sums, x, y);
  const without = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    without[i] = combineSums(sums, x, y, i);
    yield 0.4 + (0.6 * i) / n;
  }
  return { value, without };
}

/** Per unit, with a and b of x and y, the sums over examples of a, b, aa, bb, ab, aabb, aab and abb. */
const SUMS = 8;

function addToSums(sums: Float64Array, x: Units, y: Units, row: number): void {
  const { columns } = x.activations;
  for (let q = 0, from = row * columns, to = 0; q < columns; q++, from++, to += SUMS) {
    const a = x.activations.data[from] - x.mean[q];
    const b = y.activations.data[from] - y.mean[q];
    sums[to] += a;
    sums[to + 1] += b;
    sums[to + 2] += a * a;
    sums[to + 3] += b * b;
    sums[to + 4] += a * b;
    sums[to + 5] += a * a * b * b;
    sums[to + 6] += a * a * b;
    sums[to + 7] += a * b * b;
  }
}

/** The criteria of all units added up, without the example `left` where it is given. */
function combineSums(sums: Float64Array, x: Units, y: Units, left?: number): number {
  const { rows: n, columns } = x.activations;
  let products = 0;
  let pairs = 0;
  let rows = 0;
  for (let q = 0, at = 0; q < columns; q++, at += SUMS) {
    const a = left === undefined ? 0 : x.activations.data[left * columns + q] - x.mean[q];
    const b = left === undefined ? 0 : y.activations.data[left * columns + q] - y.mean[q];
    const sumX = sums[at] - a;
    const sumY = sums[at + 1] - b;
    const xy = sums[at + 4] - a * b;
    const xxyy = sums[at + 5] - a * a * b * b;
    // Kernels a a^T and b b^T without diagonals: row i of the first adds up to a_i (sum - a_i).
    products += xy * xy - xxyy;
    pairs += (sumX * sumX - sums[at + 2] + a * a) * (sumY * sumY - sums[at + 3] + b * b);
    rows += xy * sumX * sumY - sumX * (sums[at + 7] - a * b * b) - sumY * (sums[at + 6] - a * a * b) + xxyy;
  }
  return combine(left === undefined ? n : n - 1, products, pairs, rows);
}

/** The jackknife's standard error of an estimate, from its n values without one example each; NaN unless all are finite. */
export function jackknifeError(without: Float64Array): number {
  const n = without.length;
  const mean = without.reduce((sum, value) => sum + value, 0) / n;
  const spread = without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(((n - 1) / n) * spread);
  return Number.isFinite(error) ? error : Number.NaN;
}
