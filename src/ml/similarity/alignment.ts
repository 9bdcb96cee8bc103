import { CallError } from '../callError.ts';
import { assertFiniteRows, type RowData, rowGramSteps } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import { drain, mapProgress, type Steps } from '../linear/steps.ts';

/** A layer's activations, prepared for comparisons: everything but the products of two layers' units. */
export interface Represented {
  /** [examples, units] */
  activations: RowData;
  /** Inner products of the examples, divided by the number of units, [examples, examples]. */
  gram: Matrix;
  /** Its estimated alignment with itself, corrected for examples and units. */
  own: number;
}

/** Products of different units need two. */
const FEWEST_UNITS = 2;

/** Prepares activations [examples, units]. @throws for fewer than four examples or two units. */
export function represent(activations: RowData): Represented {
  return drain(representSteps(activations));
}

/** `represent` in steps. Yields the fraction done. */
function* representSteps(activations: RowData): Steps<number, Represented> {
  const caller = 'debiasedCka';
  assertFiniteRows(activations, caller);
  const { rows, columns } = activations;
  if (rows < 4 || columns < FEWEST_UNITS) {
    throw new CallError(caller, `expected at least four examples and two units, found ${rows} x ${columns}`);
  }
  const gram = yield* rowGramSteps(activations);
  for (let i = 0; i < gram.data.length; i++) gram.data[i] /= columns;
  return { activations, gram, own: withoutSharedUnits(gram, gram, activations, activations) };
}

/**
 * Debiased linear CKA of two representations of the same examples: near 1 where examples are similar in the same way, 0
 * where unrelated; noise may carry it a little below 0 or above 1. Corrected for few examples (Song et al. 2007) and for few
 * units (Chun, Canatar, Chung, Lee, arXiv 2502.15104): products of a unit with itself, which inflate the norms, are left out.
 * @param sharedUnits whether unit i is the same in both, as in one layer at two moments; its products with itself are then
 *   left out of the numerator too, so that equal activations give exactly 1.
 */
export function debiasedCka(x: Represented, y: Represented, { sharedUnits = false } = {}): number {
  if (x.gram.rows !== y.gram.rows) {
    throw new CallError(
      'debiasedCka',
      `expected the same examples on both sides, found ${x.gram.rows} and ${y.gram.rows}`,
    );
  }
  if (sharedUnits && x.activations.columns !== y.activations.columns) {
    throw new CallError(
      'debiasedCka',
      `expected the same units on both sides, found ${x.activations.columns} and ${y.activations.columns}`,
    );
  }
  const cross = sharedUnits
    ? withoutSharedUnits(x.gram, y.gram, x.activations, y.activations)
    : independence(x.gram, y.gram);
  const norm = x.own * y.own;
  // Representations without any structure that survives the correction have no alignment.
  return norm > 0 && x.own > 0 ? cross / Math.sqrt(norm) : Number.NaN;
}

/** `debiasedCka` of every pair, row-major [n, n]. Yields the fraction done. */
export function* similaritySteps(
  all: readonly Represented[],
  sharedUnits: boolean,
): Steps<number, Float64Array> {
  const count = all.length;
  const values = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      // A representation is equal to itself, whatever the correction.
      const value = i === j ? 1 : debiasedCka(all[i], all[j], { sharedUnits });
      values[i * count + j] = value;
      values[j * count + i] = value;
      yield (i * (i + 1)) / (count * (count + 1));
    }
  }
  return values;
}

/**
 * Debiased linear CKA of every pair of layers with the same examples, row-major [n, n], with ones on the diagonal. See
 * `debiasedCka` for the corrections. A layer of a single unit has no value: NaN.
 * @param layers activations [examples, units] each.
 * @param sharedUnits whether unit i is the same in all, as in one layer at several moments.
 * @throws for fewer than four examples, for unequal numbers of examples, and for values that are not finite.
 */
export function debiasedCkaMatrix(
  layers: readonly RowData[],
  options: { sharedUnits?: boolean } = {},
): Float64Array {
  return drain(debiasedCkaMatrixSteps(layers, options));
}

/** `debiasedCkaMatrix` in steps. Yields the fraction done. */
export function* debiasedCkaMatrixSteps(
  layers: readonly RowData[],
  { sharedUnits = false }: { sharedUnits?: boolean } = {},
): Steps<number, Float64Array> {
  const count = layers.length;
  const places = layers.flatMap(({ columns }, i) => (columns >= FEWEST_UNITS ? [i] : []));
  const represented: Represented[] = [];
  for (const i of places) {
    represented.push(
      yield* mapProgress(representSteps(layers[i]), (fraction) => (0.8 * (i + fraction)) / count),
    );
  }
  const known = yield* mapProgress(similaritySteps(represented, sharedUnits), (part) => 0.8 + 0.2 * part);
  const values = new Float64Array(count * count).fill(Number.NaN);
  places.forEach((row, i) => {
    places.forEach((column, j) => {
      values[row * count + column] = known[i * places.length + j];
    });
  });
  return values;
}

/** The unbiased Hilbert-Schmidt independence criterion of two symmetric kernels (Song et al. 2007), without diagonals. */
function independence(k: Matrix, l: Matrix): number {
  const n = k.rows;
  let products = 0;
  let sumK = 0;
  let sumL = 0;
  let rows = 0;
  for (let i = 0; i < n; i++) {
    let rowK = 0;
    let rowL = 0;
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const a = k.data[i * n + j];
      const b = l.data[i * n + j];
      products += a * b;
      rowK += a;
      rowL += b;
    }
    sumK += rowK;
    sumL += rowL;
    rows += rowK * rowL;
  }
  return combine(n, products, sumK * sumL, rows);
}

function combine(n: number, products: number, sums: number, rows: number): number {
  return (products + sums / ((n - 1) * (n - 2)) - (2 * rows) / (n - 2)) / (n * (n - 3));
}

/** The criterion of the mean kernels over units, from pairs of different units only. */
function withoutSharedUnits(k: Matrix, l: Matrix, x: RowData, y: RowData): number {
  const n = x.rows;
  const units = x.columns;
  let same = 0;
  for (let q = 0; q < units; q++) same += unitIndependence(x, y, q, n);
  return (units ** 2 * independence(k, l) - same) / (units * (units - 1));
}

/** The criterion of one unit's kernel in x with the same unit's in y, from sums over examples. */
function unitIndependence(x: RowData, y: RowData, q: number, n: number): number {
  let sumX = 0;
  let sumY = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  let xxyy = 0;
  let xxy = 0;
  let xyy = 0;
  for (let i = 0; i < n; i++) {
    const a = x.data[i * x.columns + q];
    const b = y.data[i * y.columns + q];
    sumX += a;
    sumY += b;
    xx += a * a;
    yy += b * b;
    xy += a * b;
    xxyy += a * a * b * b;
    xxy += a * a * b;
    xyy += a * b * b;
  }
  // Kernels a a^T and b b^T without diagonals: row i of the first adds up to a_i (sum - a_i).
  const products = xy ** 2 - xxyy;
  const sums = (sumX ** 2 - xx) * (sumY ** 2 - yy);
  const rows = xy * sumX * sumY - sumX * xyy - sumY * xxy + xxyy;
  return combine(n, products, sums, rows);
}
