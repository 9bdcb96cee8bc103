import { CallError } from '../callError.ts';
import { rowGram, rowMean } from '../linear/gram.ts';
import { zeros } from '../linear/matrix.ts';
import { symmetricEigen } from '../linear/symmetricEigen.ts';
import type { Manifold } from './centers.ts';

/** Directions between centers with less than this share of the largest variance are dropped. */
const SMALLEST_BETWEEN = 1e-3;

/**
 * NC1 = tr(Sigma_W Sigma_B^+) / C, the variance within classes relative to that between their centers (Papyan, Han, Donoho,
 * PNAS 117, 24652, 2020). 0 where every class has collapsed to its center, Infinity where all centers coincide.
 * @throws for fewer than two manifolds.
 */
export function neuralCollapse(manifolds: readonly Manifold[]): number {
  const count = manifolds.length;
  if (count < 2) throw new CallError('neuralCollapse', `expected at least two manifolds, found ${count}`);
  const width = manifolds[0].columns;
  const centers = zeros(count, width);
  manifolds.forEach((manifold, m) => {
    centers.data.set(rowMean(manifold), m * width);
  });
  const mean = rowMean(centers);
  const { values, vectors } = symmetricEigen(rowGram(centers, { shift: mean }));
  if (!(values[0] > 0)) return Infinity;
  const points = manifolds.reduce((sum, { rows }) => sum + rows, 0);
  let sum = 0;
  for (let i = 0; i < count && values[i] > SMALLEST_BETWEEN * values[0]; i++) {
    // values[i] is C times the variance between centers along this direction, whose length is its root.
    const direction = new Float64Array(width);
    for (let m = 0; m < count; m++) {
      const weight = vectors.data[i * count + m] / Math.sqrt(values[i]);
      for (let k = 0; k < width; k++) direction[k] += weight * (centers.data[m * width + k] - mean[k]);
    }
    sum += (count * spreadAlong(manifolds, centers.data, direction)) / points / values[i];
  }
  return sum / count;
}

/** Sum over all points of the squared distance from their own center along a direction. */
function spreadAlong(manifolds: readonly Manifold[], centers: Float64Array, direction: Float64Array): number {
  let sum = 0;
  manifolds.forEach(({ data, rows, columns }, m) => {
    for (let p = 0; p < rows; p++) {
      let along = 0;
      for (let k = 0; k < columns; k++) {
        along += (data[p * columns + k] - centers[m * columns + k]) * direction[k];
      }
      sum += along * along;
    }
  });
  return sum;
}
