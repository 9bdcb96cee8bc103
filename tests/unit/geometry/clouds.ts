import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import { type Matrix, zeros } from '../../../src/ml/linear/matrix.ts';

/** Random manifolds: Gaussian centers of length about 1 with points around them, spread by `spread`. */
export function randomClouds({
  manifolds = 8,
  points = 12,
  dimensions = 20,
  spread = 0.5,
  seed = 1,
} = {}): Matrix[] {
  const random = randomStream(seed, 77);
  const scale = 1 / Math.sqrt(dimensions);
  return Array.from({ length: manifolds }, () => {
    const center = Array.from({ length: dimensions }, () => scale * random.normal());
    const cloud = zeros(points, dimensions);
    for (let i = 0; i < cloud.data.length; i++) {
      cloud.data[i] = center[i % dimensions] + spread * scale * random.normal();
    }
    return cloud;
  });
}

/** An orthogonal [size, size] matrix, rows orthonormal. */
export function randomRotation(size: number, seed = 5): Matrix {
  const rotation = gaussianMatrix(size, size, randomStream(seed, 3));
  const { data } = rotation;
  for (let i = 0; i < size; i++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        let dot = 0;
        for (let k = 0; k < size; k++) dot += data[i * size + k] * data[j * size + k];
        for (let k = 0; k < size; k++) data[i * size + k] -= dot * data[j * size + k];
      }
    }
    const norm = Math.hypot(...data.subarray(i * size, (i + 1) * size));
    for (let k = 0; k < size; k++) data[i * size + k] /= norm;
  }
  return rotation;
}

/** Scales and rotates each row, then shifts it. */
export function transformed(
  { data, rows, columns }: Matrix,
  { rotation, shift = 0, scale = 1 }: { rotation?: Matrix; shift?: number; scale?: number },
): Matrix {
  const result = zeros(rows, columns);
  for (let p = 0; p < rows; p++) {
    for (let k = 0; k < columns; k++) {
      let sum = rotation ? 0 : data[p * columns + k];
      if (rotation) {
        for (let j = 0; j < columns; j++) sum += rotation.data[k * columns + j] * data[p * columns + j];
      }
      result.data[p * columns + k] = scale * sum + shift * Math.sin(k);
    }
  }
  return result;
}

/** The rows in the given order, some possibly omitted or repeated. */
export function reordered({ data, columns }: Matrix, order: readonly number[]): Matrix {
  const result = zeros(order.length, columns);
  order.forEach((from, to) => {
    result.data.set(data.subarray(from * columns, (from + 1) * columns), to * columns);
  });
  return result;
}
