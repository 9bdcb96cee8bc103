import { CallError } from '../callError.ts';
import type { Matrix } from '../linear/matrix.ts';
import type { Manifold } from './centers.ts';
import { GlueCone } from './glueCone.ts';
import { concatenateRows } from './spanCoordinates.ts';

/** The solution for one t and one labeling; GLUE averages over many of these. */
export interface GlueSample {
  /** The nearest vector to t that satisfies the labeling, [N]. */
  v: Float64Array;
  /** |t - v|^2, whose mean over many t and labelings is P / capacity. */
  a: number;
  /** Each manifold's anchor point, [N]; missing if no point of the manifold has a multiplier. */
  anchors: (Float64Array | undefined)[];
  isSeparable: boolean;
}

/**
 * Solves one sample in the points' own coordinates, for a picture.
 * @param manifolds points as rows, already centered if they should be.
 * @param t [N]. @param labels one -1 or +1 for each manifold.
 * @throws if the sizes do not fit together.
 */
export function glueSample(manifolds: readonly Manifold[], t: Float64Array, labels: Int8Array): GlueSample {
  const all = concatenateRows(manifolds);
  if (t.length !== all.columns || labels.length !== manifolds.length) {
    throw new CallError(
      'glueSample',
      `expected t of ${all.columns} values and ${manifolds.length} labels, found ${t.length} and ${labels.length}`,
    );
  }
  const points: Matrix = { ...all, data: Float64Array.from(all.data) };
  const cone = new GlueCone(
    points,
    manifolds.map(({ rows }) => rows),
  );
  const { projection, squared, isSeparable } = cone.solve(t, 0, labels);
  const owners = manifolds.flatMap(({ rows }, m) => Array.from({ length: rows }, () => m));
  const totals = manifolds.map(() => 0);
  const sums = manifolds.map(() => new Float64Array(all.columns));
  const v = t.slice();
  for (let i = 0; i < projection.size; i++) {
    const point = projection.support[i];
    const m = owners[point];
    const weight = projection.multipliers[i] / cone.lengths[point];
    totals[m] += weight;
    for (let k = 0; k < v.length; k++) {
      const part = weight * points.data[point * v.length + k];
      sums[m][k] += part;
      v[k] -= labels[m] * part;
    }
  }
  const anchors = sums.map((sum, m) => (totals[m] > 0 ? sum.map((value) => value / totals[m]) : undefined));
  return { v, a: squared, anchors, isSeparable };
}
