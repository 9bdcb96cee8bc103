import { dot } from '../linear/dot.ts';
import { type RowData, rowGramSteps, rowMean } from '../linear/gram.ts';
import { choleskyRows } from '../linear/householder.ts';
import type { Matrix } from '../linear/matrix.ts';
import type { Manifold } from './centers.ts';

/**
 * All manifolds' points in coordinates of their span, which preserve all inner products: [points, points], lower
 * triangular. Random projections of these are distributed as random projections of the points themselves, and far
 * cheaper. Yields the fraction done, so that a caller can cancel.
 * @param options.centered subtracts the mean of all points first.
 */
export function* spanCoordinatesSteps(
  manifolds: readonly Manifold[],
  { centered = false } = {},
): Generator<number, Matrix, void> {
  const all = concatenateRows(manifolds);
  const gram = yield* rowGramSteps(all, centered ? { shift: rowMean(all) } : {});
  return choleskyRows(gram);
}

/** The rows of all manifolds, one manifold after another; float32 if all are. */
export function concatenateRows(manifolds: readonly Manifold[]): RowData {
  const columns = manifolds[0].columns;
  const rows = manifolds.reduce((sum, manifold) => sum + manifold.rows, 0);
  const single = manifolds.every(({ data }) => data instanceof Float32Array);
  const data = single ? new Float32Array(rows * columns) : new Float64Array(rows * columns);
  let offset = 0;
  for (const manifold of manifolds) {
    data.set(manifold.data, offset);
    offset += manifold.data.length;
  }
  return { data, rows, columns };
}

/** out[i] = row i of the lower triangular `points` times the vector. */
export function timesLowerTriangle(points: Matrix, vector: Float64Array, out: Float64Array): void {
  const { data, rows, columns } = points;
  for (let i = 0; i < rows; i++) out[i] = dot(data, i * columns, vector, 0, i + 1);
}
