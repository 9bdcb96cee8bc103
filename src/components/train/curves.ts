/** Pure functions that prepare long curves for drawing. */

/**
 * Exponential moving average with bias correction, as for Adam's moments. The time constant, in steps, grows from 2 to
 * `constant`, so that the average does not lag behind the steep first steps.
 */
export function smoothed(values: Float32Array, length: number, constant = 40): Float32Array {
  const result = new Float32Array(length);
  let sum = 0;
  let weight = 0;
  let keep = Math.exp(-1 / constant);
  for (let i = 0; i < length; i++) {
    const growing = 2 + i / 10;
    if (growing <= constant + 1) keep = Math.exp(-1 / Math.min(constant, growing));
    sum = sum * keep + values[i] * (1 - keep);
    weight = weight * keep + (1 - keep);
    result[i] = sum / weight;
  }
  return result;
}

/**
 * Indices in [from, to) that draw the same curve as all indices: the smallest and the largest value of each bucket, so that
 * no peak is lost. Bucket sizes are powers of two and buckets start at multiples of their size, so that a growing curve
 * does not flicker. Returns about `most` indices at most, or all if there are fewer.
 */
export function indicesToDraw(values: Float32Array, from: number, to: number, most = 500): Int32Array {
  const count = Math.max(0, to - from);
  if (count <= most) return Int32Array.from({ length: count }, (_, i) => from + i);
  const size = 2 ** Math.ceil(Math.log2((2 * count) / most));
  const indices: number[] = [];
  for (let start = from - (from % size); start < to; start += size) {
    let least = Math.max(start, from);
    let largest = least;
    const end = Math.min(start + size, to);
    for (let i = least; i < end; i++) {
      if (values[i] < values[least]) least = i;
      if (values[i] > values[largest]) largest = i;
    }
    indices.push(Math.min(least, largest));
    if (least !== largest) indices.push(Math.max(least, largest));
  }
  // Always include the newest value, which the header also shows.
  if (indices.at(-1) !== to - 1) indices.push(to - 1);
  return Int32Array.from(indices);
}
