import { ActiveSet } from '../linear/activeSet.ts';
import type { Matrix } from '../linear/matrix.ts';

/**
 * Whether some w has w . x > 0 for every row x. By Farkas' lemma that is so unless 0 is a convex combination of the rows,
 * which projecting the last axis onto the cone of the rows, each extended by 1, decides.
 * @param extended [points, dimensions + 1]: each row scaled to length 1, then a 1.
 */
export function isStrictlySeparable(extended: Matrix): boolean {
  const last = extended.columns - 1;
  const axis = new Float64Array(extended.columns);
  axis[last] = 1;
  // Every row has length sqrt(2). Once all rows lie on one side of the residual, more precision is not needed.
  const separates = (largest: number, residual: Float64Array) =>
    largest * Math.SQRT2 < (1 - 1e-6) * residual[last];
  const { size, multipliers } = new ActiveSet(extended).project(axis, 0, separates);
  let projected = 0;
  for (let i = 0; i < size; i++) projected += multipliers[i];
  // |residual|^2 = 1 - projected; separable points leave margin^2 / (1 + margin^2), others rounding.
  return 1 - projected > 1e-9;
}
