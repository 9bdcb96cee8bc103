import type { Manifold } from '../../ml/geometry/index.ts';
import type { Matrix } from '../../ml/linear/matrix.ts';

/** Half of the picture's side, in units of t. */
export const REACH = 2.6;

/** Two axes of the picture, as directions among the points. */
export interface ScreenAxes {
  right: readonly number[];
  up: readonly number[];
}

/** The picture's axes: two dimensions as they are; three seen from above, turned by `degrees` around the third. */
export function screenAxes(dimensions: number, degrees: number): ScreenAxes {
  if (dimensions === 2) return { right: [1, 0], up: [0, 1] };
  const turn = (degrees * Math.PI) / 180;
  const tilt = 0.45;
  return {
    right: [Math.cos(turn), Math.sin(turn), 0],
    up: [-Math.sin(turn) * Math.sin(tilt), Math.cos(turn) * Math.sin(tilt), Math.cos(tilt)],
  };
}

/** Where a vector lies in the picture; y grows downward, as in SVG. */
export function placeOf(vector: ArrayLike<number>, { right, up }: ScreenAxes): { x: number; y: number } {
  let x = 0;
  let y = 0;
  for (let k = 0; k < right.length; k++) {
    x += right[k] * vector[k];
    y -= up[k] * vector[k];
  }
  return { x, y };
}

/** Moves t to a place in the picture, at the same depth. */
export function movedTo(t: Float64Array, axes: ScreenAxes, place: { x: number; y: number }): Float64Array {
  const now = placeOf(t, axes);
  return t.map((value, k) => value + (place.x - now.x) * axes.right[k] - (place.y - now.y) * axes.up[k]);
}

/** The points of some classes in the leading components, scaled so that the farthest has length 1. */
export function manifoldsIn(
  projection: Matrix,
  labels: ArrayLike<number>,
  classes: readonly number[],
  dimensions: number,
): Manifold[] {
  const used = Math.min(dimensions, projection.columns);
  const rowsOf = (label: number) =>
    Array.from({ length: projection.rows }, (_, row) => row).filter((row) => labels[row] === label);
  const picked = classes.map((label) =>
    rowsOf(label).map((row) =>
      Array.from({ length: used }, (_, k) => projection.data[row * projection.columns + k]),
    ),
  );
  const largest = Math.max(...picked.flat().map((point) => Math.hypot(...point)), Number.MIN_VALUE);
  return picked.map((points) => ({
    data: Float64Array.from(points.flat(), (value) => value / largest),
    rows: points.length,
    columns: used,
  }));
}

/** The directions that a labeling allows in two dimensions, as an SVG path from the origin; empty if only 0 is allowed. */
export function allowedWedge(manifolds: readonly Manifold[], labels: Int8Array, radius: number): string {
  const STEPS = 720;
  const isAllowed = (index: number) => {
    const angle = (2 * Math.PI * index) / STEPS;
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    return manifolds.every(({ data, rows }, m) => {
      for (let p = 0; p < rows; p++)
        if (labels[m] * (data[2 * p] * x + data[2 * p + 1] * y) > 1e-9) return false;
      return true;
    });
  };
  const allowed = Array.from({ length: STEPS }, (_, index) => isAllowed(index));
  const first = allowed.findIndex((value, i) => value && !allowed[(i + STEPS - 1) % STEPS]);
  if (first < 0) return '';
  const places: string[] = [];
  for (let i = first; allowed[i % STEPS]; i++) {
    const angle = (2 * Math.PI * i) / STEPS;
    places.push(`${(radius * Math.cos(angle)).toFixed(3)} ${(-radius * Math.sin(angle)).toFixed(3)}`);
  }
  return `M0 0 L${places.join(' L')} Z`;
}

/** Capacity from the first 1, 2, ... values of a: manifolds divided by their mean. */
export function runningCapacity(a: ArrayLike<number>, manifolds: number): number[] {
  let sum = 0;
  return Array.from(a, (value, i) => {
    sum += value;
    return (manifolds * (i + 1)) / sum;
  });
}
