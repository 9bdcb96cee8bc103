/**
 * The timeline's scale: a step's position, from 0 to 1, grows with its square root. Early snapshots are dense because
 * filters change most at the start, and this gives them room for a finger.
 */
export function placeOf(step: number, end: number): number {
  return Math.sqrt(Math.min(1, Math.max(0, step / end)));
}

/** The step at a position, not rounded. */
export function stepAt(place: number, end: number): number {
  return Math.min(1, Math.max(0, place)) ** 2 * end;
}

/** Mean log loss in each of `columns` equal parts of the scale; NaN for parts without a step. */
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
