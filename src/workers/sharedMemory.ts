import type { Matrix } from '../ml/linear/matrix.ts';
import { canShareMemory } from '../ml/sharedMemory.ts';

/** The matrix in memory that workers share, so that messages need not copy it; the matrix itself where they cannot. */
export function sharedMatrix(matrix: Matrix): Matrix {
  if (!canShareMemory()) return matrix;
  const data = new Float64Array(new SharedArrayBuffer(matrix.data.byteLength));
  data.set(matrix.data);
  return { ...matrix, data };
}

/** A counter that starts at 0, from which workers take numbers; undefined where they share no memory. */
export function sharedCounter(): Int32Array | undefined {
  return canShareMemory() ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
}
