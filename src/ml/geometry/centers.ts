import { CallError } from '../callError.ts';
import { assertFiniteRows, type RowData, rowGram, rowMean } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { drain } from '../linear/steps.ts';
import {
  type CenterOptions,
  type CenterStructure,
  centerStructureSteps,
  multiply,
} from './centerStructure.ts';

/** A class's points, one row each: float64, or an engine's float32 activations. */
export type Manifold = RowData;

/** The information about all manifolds that each manifold's analysis needs, as plain data for workers. */
export interface PreparedCenters {
  /** Mean of all points. */
  globalMean: Float64Array;
  /** Orthonormal directions to remove, one row each: [rank, N]. */
  directions: Matrix;
  rank: number;
  /** Mean |cosine| between centered centers before the removal. */
  centerCorrelation: number;
  /** Candidates of every rank; empty if the directions were given. */
  candidates: CenterStructure['candidates'];
}

export interface PrepareOptions extends CenterOptions {
  /** Directions to remove instead of the center problem's: one per row, [K, N] (or one per column, [N, K]). */
  centerDirections?: Matrix;
  /** The manifolds' names, for error messages. */
  names?: readonly string[];
}

/** The name of manifold `index` in error messages. */
export function manifoldName(index: number, names?: readonly string[]): string {
  return names?.[index] === undefined ? `manifold ${index}` : `manifold ${index} (${names[index]})`;
}

/**
 * Finds the centers' low-rank structure, the part of the analysis that needs all manifolds at once.
 * Yields at intervals, so that a caller can cancel.
 * @throws for fewer than two manifolds, unequal widths, values that are not finite, or a center at the mean.
 */
export function* prepareCentersSteps(
  manifolds: readonly Manifold[],
  { centerDirections, names, ...options }: PrepareOptions = {},
): Generator<number, PreparedCenters, void> {
  const caller = 'analyzeManifolds';
  if (manifolds.length < 2) {
    throw new CallError(
      caller,
      `expected at least two manifolds (a center is placed relative to the others), found ${manifolds.length}`,
    );
  }
  const width = manifolds[0].columns;
  const centers = zeros(manifolds.length, width);
  const globalMean = new Float64Array(width);
  const total = manifolds.reduce((sum, manifold) => sum + manifold.rows, 0);
  let largest = 0;
  for (const [index, manifold] of manifolds.entries()) {
    const name = manifoldName(index, names);
    largest = Math.max(largest, assertFiniteRows(manifold, caller, name));
    if (manifold.columns !== width) {
      throw new CallError(caller, `expected ${width} values per point in ${name}, found ${manifold.columns}`);
    }
    const mean = rowMean(manifold);
    centers.data.set(mean, index * width);
    for (let k = 0; k < width; k++) globalMean[k] += (mean[k] * manifold.rows) / total;
    yield 0;
  }
  const centered = subtractRow(centers, rowMean(centers));
  assertCentersApart(centered, subtractRow(centers, globalMean), largest, names);
  const gram = rowGram(centered);
  if (centerDirections) {
    const directions = orthonormalRows(rowsOfWidth(centerDirections, width, caller), caller);
    const { correlation } = drain(centerStructureSteps(gram, { restarts: 0 }));
    return { globalMean, directions, rank: directions.rows, centerCorrelation: correlation, candidates: [] };
  }
  const structure = yield* centerStructureSteps(gram, options);
  const chosen = structure.candidates.find(({ rank }) => rank === structure.rank);
  const directions = chosen ? orthonormalRows(multiply(chosen.weights, centered), caller) : zeros(0, width);
  return {
    globalMean,
    directions,
    rank: structure.rank,
    centerCorrelation: structure.correlation,
    candidates: structure.candidates,
  };
}

function subtractRow({ data, rows, columns }: Matrix, row: Float64Array): Matrix {
  const result = zeros(rows, columns);
  for (let i = 0; i < data.length; i++) result.data[i] = data[i] - row[i % columns];
  return result;
}

function assertCentersApart(
  fromCenterMean: Matrix,
  fromGlobalMean: Matrix,
  largest: number,
  names?: readonly string[],
): void {
  const { rows, columns } = fromCenterMean;
  const smallest = 1e-13 * largest * Math.sqrt(columns);
  const norms = Array.from({ length: rows }, (_, i) =>
    Math.min(rowNorm(fromCenterMean, i), rowNorm(fromGlobalMean, i)),
  );
  if (norms.every((norm) => norm <= smallest)) {
    throw new CallError(
      'analyzeManifolds',
      'all centers coincide (a layer of zeros or constants?), so no geometry relative to them exists',
    );
  }
  const index = norms.findIndex((norm) => norm <= smallest);
  if (index >= 0) {
    throw new CallError(
      'analyzeManifolds',
      `the center of ${manifoldName(index, names)} lies at the mean of all, so its radius has no unit`,
    );
  }
}

/** Euclidean norm of one row. */
export function rowNorm({ data, columns }: Matrix, row: number): number {
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += data[row * columns + k] ** 2;
  return Math.sqrt(sum);
}

function rowsOfWidth(directions: Matrix, width: number, caller: string): Matrix {
  const { data, rows, columns } = directions;
  if (columns === width) return directions;
  if (rows !== width) {
    throw new CallError(caller, `expected center directions of ${width} values, found ${rows} x ${columns}`);
  }
  const result = zeros(columns, rows);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) result.data[k * rows + i] = data[i * columns + k];
  }
  return result;
}

/** Orthonormal basis of the rows' span (Gram-Schmidt, twice). */
function orthonormalRows(rows: Matrix, caller: string): Matrix {
  const result = { ...rows, data: rows.data.slice() };
  const { data, columns } = result;
  for (let k = 0; k < rows.rows; k++) {
    const before = rowNorm(result, k);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) {
        let dot = 0;
        for (let i = 0; i < columns; i++) dot += data[k * columns + i] * data[j * columns + i];
        for (let i = 0; i < columns; i++) data[k * columns + i] -= dot * data[j * columns + i];
      }
    }
    const norm = rowNorm(result, k);
    if (!(norm > 1e-10 * before)) {
      throw new CallError(
        caller,
        `expected finite, independent center directions, found direction ${k} otherwise`,
      );
    }
    for (let i = 0; i < columns; i++) data[k * columns + i] /= norm;
  }
  return result;
}
