import { CallError } from '../callError.ts';
import { type RowData, rowGram } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import type { Manifold } from './centers.ts';
import { randomStream } from './gaussian.ts';
import { concatenateRows } from './spanCoordinates.ts';

export interface FewShot {
  /** Examples behind each prototype (m). */
  shots: number;
  /** Measured share of wrong answers, over all pairs of classes and `trials` draws of prototypes each. */
  error: number;
  /** Standard error of `error` over the pairs of classes. */
  standardError: number;
  /** The theory's error from distances, radii and dimensions alone (Sorscher et al., eq. 1), mean over ordered pairs. */
  theory: number;
  /** Mean over classes of the root mean squared |x - center|. */
  radius: number;
  /** Mean over classes of (sum of variances)^2 / sum of squared variances, the participation ratio. */
  dimension: number;
  /** Mean over ordered pairs of the distance of two centers in units of the class's radius. */
  distance: number;
}

/**
 * Learning from few examples: two classes are told apart by the nearer of two prototypes, each the mean of m examples, and
 * tested on all other examples. Beside it stands the theory (Sorscher, Ganguli, Sompolinsky, PNAS 119, e2200800119, 2022).
 * Needs only inner products. Deterministic for a seed.
 * @throws for fewer than two manifolds, or one with fewer than m + 1 points.
 */
export function fewShot(
  manifolds: readonly Manifold[],
  { shots = 5, trials = 20, seed = 0 }: { shots?: number; trials?: number; seed?: number } = {},
): FewShot {
  assertFewShot(manifolds, shots);
  const all: RowData = concatenateRows(manifolds);
  const gram = rowGram(all);
  const first = manifolds.map((_, m) => manifolds.slice(0, m).reduce((sum, { rows }) => sum + rows, 0));
  const classes = manifolds.map(({ rows }, m) => ({ first: first[m], rows }));
  const own = classes.map((one) => shapeOf(gram, one));
  const errors: number[] = [];
  let theory = 0;
  let distance = 0;
  const ordered = classes.length * (classes.length - 1);
  for (const [a, x] of classes.entries()) {
    for (const [b, y] of classes.entries()) {
      if (a === b) continue;
      const apart = between(gram, x, y);
      theory += expectedError(own[a], own[b], apart, shots) / ordered;
      distance += Math.sqrt(apart.squared / own[a].variance) / ordered;
      if (a < b) {
        errors.push(measuredError(gram, [x, y], { shots, trials, random: randomStream(seed, 1000 * a + b) }));
      }
    }
  }
  const error = meanOf(errors);
  const spread = errors.reduce((sum, value) => sum + (value - error) ** 2, 0);
  return {
    shots,
    error,
    standardError: errors.length > 1 ? Math.sqrt(spread / (errors.length - 1) / errors.length) : 0,
    theory,
    radius: meanOf(own.map(({ variance }) => Math.sqrt(variance))),
    dimension: meanOf(own.map((one) => one.dimension)),
    distance,
  };
}

interface ClassRows {
  first: number;
  rows: number;
}

interface ClassShape {
  /** Mean of |x - center|^2. */
  variance: number;
  dimension: number;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function shapeOf(gram: Matrix, { first, rows }: ClassRows): ClassShape {
  const centered = centeredProducts(gram, { first, rows });
  let trace = 0;
  let squares = 0;
  for (let p = 0; p < rows; p++) {
    trace += centered[p * rows + p];
    for (let q = 0; q < rows; q++) squares += centered[p * rows + q] ** 2;
  }
  return { variance: trace / rows, dimension: squares > 0 ? trace ** 2 / squares : 0 };
}

/** Inner products of a class's points around its center, [rows, rows]. */
function centeredProducts(gram: Matrix, { first, rows }: ClassRows): Float64Array {
  const at = (p: number, q: number) => gram.data[(first + p) * gram.columns + first + q];
  const means = Float64Array.from({ length: rows }, (_, p) => {
    let sum = 0;
    for (let q = 0; q < rows; q++) sum += at(p, q);
    return sum / rows;
  });
  const all = meanOf([...means]);
  const result = new Float64Array(rows * rows);
  for (let p = 0; p < rows; p++) {
    for (let q = 0; q < rows; q++) result[p * rows + q] = at(p, q) - means[p] - means[q] + all;
  }
  return result;
}

interface Between {
  /** Squared distance of the centers. */
  squared: number;
  /** Variance of the first and of the second class along the line between the centers, times that squared distance. */
  alongFirst: number;
  alongSecond: number;
}

function between(gram: Matrix, x: ClassRows, y: ClassRows): Between {
  // Each point's product with the difference of the centers.
  const product = (row: number) => blockMean(gram, row, x) - blockMean(gram, row, y);
  const ofX = Array.from({ length: x.rows }, (_, p) => product(x.first + p));
  const ofY = Array.from({ length: y.rows }, (_, p) => product(y.first + p));
  const [meanX, meanY] = [meanOf(ofX), meanOf(ofY)];
  return {
    squared: meanX - meanY,
    alongFirst: meanOf(ofX.map((value) => (value - meanX) ** 2)),
    alongSecond: meanOf(ofY.map((value) => (value - meanY) ** 2)),
  };
}

function blockMean({ data, columns }: Matrix, row: number, { first, rows }: ClassRows): number {
  let sum = 0;
  for (let q = 0; q < rows; q++) sum += data[row * columns + first + q];
  return sum / rows;
}

/** The error of class a against b: the tail of the normal distribution beyond the signal-to-noise ratio (eq. 1). */
function expectedError(a: ClassShape, b: ClassShape, apart: Between, shots: number): number {
  const unit = a.variance;
  const signal = (apart.squared / unit + (b.variance / unit - 1) / shots) / 2;
  const noise =
    1 / (a.dimension * shots) + apart.alongSecond / unit ** 2 / shots + apart.alongFirst / unit ** 2;
  return normalTail(signal / Math.sqrt(noise));
}

/** Probability that a standard normal exceeds x; Abramowitz & Stegun 7.1.26, within 1e-7. */
function normalTail(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (series * Math.exp(-z * z)) / 2;
  return x >= 0 ? tail : 1 - tail;
}

function measuredError(
  gram: Matrix,
  pair: readonly [ClassRows, ClassRows],
  { shots, trials, random }: { shots: number; trials: number; random: ReturnType<typeof randomStream> },
): number {
  let wrong = 0;
  let tested = 0;
  for (let trial = 0; trial < trials; trial++) {
    const chosen = pair.map(({ first, rows }) => {
      const order = Array.from({ length: rows }, (_, i) => first + i);
      for (let i = 0; i < shots; i++) {
        const j = i + Math.floor(random.uniform() * (rows - i));
        [order[i], order[j]] = [order[j], order[i]];
      }
      return { prototype: order.slice(0, shots), rest: order.slice(shots) };
    });
    const [halfX, halfY] = chosen.map(({ prototype }) => squaredLength(gram, prototype) / 2);
    chosen.forEach(({ rest }, side) => {
      for (const row of rest) {
        const closer =
          productMean(gram, row, chosen[0].prototype) -
          halfX -
          productMean(gram, row, chosen[1].prototype) +
          halfY;
        if (closer > 0 !== (side === 0)) wrong++;
        tested++;
      }
    });
  }
  return wrong / tested;
}

function productMean({ data, columns }: Matrix, row: number, rows: readonly number[]): number {
  return meanOf(rows.map((other) => data[row * columns + other]));
}

function squaredLength(gram: Matrix, rows: readonly number[]): number {
  return meanOf(rows.map((row) => productMean(gram, row, rows)));
}

function assertFewShot(manifolds: readonly Manifold[], shots: number): void {
  const caller = 'fewShot';
  if (manifolds.length < 2) {
    throw new CallError(caller, `expected at least two manifolds, found ${manifolds.length}`);
  }
  if (!Number.isInteger(shots) || shots < 1) {
    throw new CallError(caller, `expected at least one shot, found ${shots}`);
  }
  const small = manifolds.findIndex(({ rows }) => rows <= shots);
  if (small >= 0) {
    throw new CallError(
      caller,
      `expected more than ${shots} points to learn from ${shots}, found ${manifolds[small].rows} in manifold ${small}`,
    );
  }
}
