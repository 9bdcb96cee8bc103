import { CallError } from '../callError.ts';
import { rowGramSteps, rowMean } from '../linear/gram.ts';
import { choleskyRows, triangularRows } from '../linear/householder.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { type Manifold, manifoldName, type PreparedCenters, rowNorm } from './centers.ts';

/** A manifold in its own D + 1 dimensions, as `anchorGeometry` takes it. */
export interface ReducedManifold {
  /** [P, D + 1], D = min(N, P): centered, freed of the removed directions, in units of the center's norm; then 1. */
  points: Matrix;
  /** Norm of the center after the removal. */
  centerNorm: number;
  /** Ratio of `centerNorm` to the center's norm before the removal. */
  centerNormRatio: number;
}

/**
 * Transforms a manifold into its own D + 1 dimensions. With more values than points the basis is that of the inner
 * products' Cholesky factor, which varies smoothly over a run; with `householder`, that of LAPACK's QR decomposition,
 * which given t-vectors need. Else it is the ambient basis. Yields now and then, so that a caller can cancel.
 * @throws if the removed directions take away the center.
 */
export function* reduceManifoldSteps(
  manifold: Manifold,
  index: number,
  { globalMean, directions }: Pick<PreparedCenters, 'globalMean' | 'directions'>,
  { householder = false, names }: { householder?: boolean; names?: readonly string[] } = {},
): Generator<number, ReducedManifold, void> {
  const center = rowMean(manifold);
  const { before, after } = centerNorms(center, globalMean, directions);
  if (!(after > 1e-9 * before)) {
    throw new CallError(
      'analyzeManifolds',
      `the removed directions take away the center of ${manifoldName(index, names)}, so its radius has no unit`,
    );
  }
  const { rows, columns } = manifold;
  let points: Matrix;
  if (columns <= rows || householder) {
    const explicit = explicitResidual(manifold, center, directions, after);
    points = columns <= rows ? explicit : triangularRows(explicit);
  } else {
    const gram = yield* rowGramSteps(manifold, { shift: center, extra: directions });
    points = choleskyRows(residualGram(gram, rows, after));
  }
  return { points: appendOnes(points), centerNorm: after, centerNormRatio: after / before };
}

function centerNorms(
  center: Float64Array,
  globalMean: Float64Array,
  directions: Matrix,
): { before: number; after: number } {
  const row = zeros(1, center.length);
  for (let k = 0; k < center.length; k++) row.data[k] = center[k] - globalMean[k];
  const before = rowNorm(row, 0);
  removeDirections(row, directions);
  return { before, after: rowNorm(row, 0) };
}

function removeDirections(points: Matrix, directions: Matrix): void {
  const { data, rows, columns } = points;
  for (let p = 0; p < rows; p++) {
    for (let d = 0; d < directions.rows; d++) {
      let dot = 0;
      for (let k = 0; k < columns; k++) dot += data[p * columns + k] * directions.data[d * columns + k];
      for (let k = 0; k < columns; k++) data[p * columns + k] -= dot * directions.data[d * columns + k];
    }
  }
}

function explicitResidual(
  manifold: Manifold,
  center: Float64Array,
  directions: Matrix,
  unit: number,
): Matrix {
  const { data, rows, columns } = manifold;
  const result = zeros(rows, columns);
  for (let i = 0; i < data.length; i++) result.data[i] = data[i] - center[i % columns];
  removeDirections(result, directions);
  for (let i = 0; i < data.length; i++) result.data[i] /= unit;
  return result;
}

/** Inner products of the points without the directions, whose inner products follow the points' in `gram`. */
function residualGram(gram: Matrix, count: number, unit: number): Matrix {
  const result = zeros(count, count);
  for (let p = 0; p < count; p++) {
    for (let q = 0; q < count; q++) {
      let sum = gram.data[p * gram.columns + q];
      for (let d = count; d < gram.columns; d++) {
        sum -= gram.data[p * gram.columns + d] * gram.data[q * gram.columns + d];
      }
      result.data[p * count + q] = sum / unit / unit;
    }
  }
  return result;
}

function appendOnes({ data, rows, columns }: Matrix): Matrix {
  const result = zeros(rows, columns + 1);
  for (let p = 0; p < rows; p++) {
    result.data.set(data.subarray(p * columns, (p + 1) * columns), p * (columns + 1));
    result.data[p * (columns + 1) + columns] = 1;
  }
  return result;
}
