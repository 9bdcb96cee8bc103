import { CallError } from '../callError.ts';
import { jacobiSvd } from '../linear/jacobiSvd.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';

/**
 * Rotates a projection to align with an earlier projection of the same images (orthogonal Procrustes, Schonemann
 * 1966), so that clusters move smoothly over a run although each moment's axes have free signs, order and rotation.
 * @param projection [n, k]; not modified.
 * @param reference [n, k], the same images in the same order.
 * @returns the rotated projection and the orthogonal [k, k] matrix used, which may include a reflection.
 */
export function alignProjection(
  projection: Matrix,
  reference: Matrix,
): { projection: Matrix; rotation: Matrix } {
  const { rows, columns } = projection;
  if (reference.rows !== rows || reference.columns !== columns) {
    throw new CallError(
      'alignProjection',
      `expected a reference of ${rows} x ${columns} values, found ${reference.rows} x ${reference.columns}`,
    );
  }
  const cross = zeros(columns, columns);
  for (let i = 0; i < rows; i++) {
    for (let a = 0; a < columns; a++) {
      for (let b = 0; b < columns; b++) {
        cross.data[a * columns + b] += projection.data[i * columns + a] * reference.data[i * columns + b];
      }
    }
  }
  const rotation = nearestOrthogonal(cross);
  const turned = zeros(rows, columns);
  for (let i = 0; i < rows; i++) {
    for (let b = 0; b < columns; b++) {
      let sum = 0;
      for (let a = 0; a < columns; a++) {
        sum += projection.data[i * columns + a] * rotation.data[a * columns + b];
      }
      turned.data[i * columns + b] = sum;
    }
  }
  return { projection: turned, rotation };
}

/** U V^T of M = U S V^T; directions in the null space of M are completed to an orthonormal basis. */
function nearestOrthogonal(matrix: Matrix): Matrix {
  const { values, left, right } = jacobiSvd(matrix);
  const size = matrix.rows;
  let known = 0;
  while (known < size && values[known] > 1e-12 * values[0]) known++;
  completeBasis(left, known);
  completeBasis(right, known);
  const result = zeros(size, size);
  for (let i = 0; i < size; i++) {
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        result.data[a * size + b] += left.data[i * size + a] * right.data[i * size + b];
      }
    }
  }
  return result;
}

/** Replaces rows from `known` on by unit vectors orthogonal to all before. */
function completeBasis({ data, columns }: Matrix, known: number): void {
  for (let row = known; row < columns; row++) {
    let best = new Float64Array(columns);
    let bestNorm = 0;
    for (let axis = 0; axis < columns; axis++) {
      const candidate = new Float64Array(columns);
      candidate[axis] = 1;
      for (let other = 0; other < row; other++) {
        const weight = data[other * columns + axis];
        for (let k = 0; k < columns; k++) candidate[k] -= weight * data[other * columns + k];
      }
      const norm = Math.hypot(...candidate);
      if (norm > bestNorm) {
        best = candidate.map((value) => value / norm);
        bestNorm = norm;
      }
    }
    data.set(best, row * columns);
  }
}
