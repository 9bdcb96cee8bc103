import type { Matrix } from '../../../src/ml/linear/matrix.ts';

export function matrix(rows: readonly (readonly number[])[]): Matrix {
  return { data: Float64Array.from(rows.flat()), rows: rows.length, columns: rows[0].length };
}

/** GLUE of two manifolds of two points, not centered, for six given t and labelings, to six decimals. */
export const byHand = {
  manifolds: [
    matrix([
      [1, 0, 0.5],
      [0.5, 1, 0],
    ]),
    matrix([
      [-1, 0.5, 1],
      [0, -1, 0.5],
    ]),
  ],
  tVectors: matrix([
    [1, 1, 1],
    [-1, 2, 0.5],
    [0.5, -1, 2],
    [2, 0, -1],
    [-0.5, -1.5, 1],
    [1, -1, 0],
  ]),
  labels: Int8Array.of(1, 1, 1, -1, -1, 1, -1, -1, 1, -1, -1, 1),
  perSample: {
    a: [3, 2.472222, 3.644444, 4.2, 0, 0.8],
    b: [2.990524, 5.189447, 1.874035, 4.757017, 3.045509, 1.991235],
    c: [2.541722, 2.907938, 0.318316, 2.932654, 1.522755, 0.896403],
  },
  /** Capacity, dimension, radius, utility. */
  summary: [0.850059, 1.653981, 1.128734, 0.787706],
} as const;
