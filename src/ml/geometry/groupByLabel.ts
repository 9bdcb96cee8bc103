import { CallError } from '../callError.ts';
import type { Manifold } from './centers.ts';

/**
 * Splits activations [n, units] into one manifold per label, labels in the order of first appearance.
 * @throws if there is not one label per row.
 */
export function groupByLabel(
  activations: Manifold,
  labels: ArrayLike<number>,
): { labels: number[]; manifolds: Manifold[] } {
  const { data, rows, columns } = activations;
  if (labels.length !== rows) {
    throw new CallError('groupByLabel', `expected ${rows} labels, one per row, found ${labels.length}`);
  }
  const members = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const own = members.get(labels[row]);
    if (own) own.push(row);
    else members.set(labels[row], [row]);
  }
  const manifolds = [...members.values()].map((own) => {
    const points =
      data instanceof Float32Array
        ? new Float32Array(own.length * columns)
        : new Float64Array(own.length * columns);
    own.forEach((row, i) => {
      points.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
    });
    return { data: points, rows: own.length, columns };
  });
  return { labels: [...members.keys()], manifolds };
}
