/**
 * The timeline's scale: a step's place goes with its square root, so that the early snapshots, which lie close because
 * the filters change most there, have room under a finger. Places run from 0 to 1.
 */
export function placeOf(step: number, end: number): number {
  return Math.sqrt(Math.min(1, Math.max(0, step / end)));
}

/** The step at a place, not rounded. */
export function stepAt(place: number, end: number): number {
  return Math.min(1, Math.max(0, place)) ** 2 * end;
}

/** Mean of the logarithms of the losses in each of `columns` equal parts of the scale; NaN where there is no step. */
export function lossProfile(
  losses: Float32Array,
  length: number,
  end: number,
  columns: number,
): Float32Array {
  const sums = new Float32Array(columns);
  const counts = new Uint32Array(columns);
  for (let step = 0; step < length; step++) {
    const column = Math.min(columns - 1, Math.floor(placeOf(step, end) * columns));
    sums[column] += Math.log(losses[step]);
    counts[column]++;
  }
  return sums.map((sum, column) => sum / counts[column]);
}
