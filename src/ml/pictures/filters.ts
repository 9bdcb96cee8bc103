import type { Box, Gray } from './resample.ts';

/** Crops a picture to a box. */
export function cropped({ values, width }: Gray, box: Box): Gray {
  const part = new Float32Array(box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    const start = (box.top + y) * width + box.left;
    part.set(values.subarray(start, start + box.width), y * box.width);
  }
  return { values: part, width: box.width, height: box.height };
}

/** The value below which the given share of all values lies (quickselect; Hoare 1961). */
export function quantile(values: Float32Array, share: number): number {
  const left = values.slice();
  const wanted = Math.min(left.length - 1, Math.floor(share * left.length));
  let [low, high] = [0, left.length - 1];
  while (low < high) {
    const pivot = left[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (left[i] < pivot) i++;
      while (left[j] > pivot) j--;
      if (i > j) break;
      const value = left[i];
      left[i++] = left[j];
      left[j--] = value;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return left[wanted];
}

export function median(values: Float32Array): number {
  return quantile(values, 0.5);
}

/** A robust standard deviation, from the median absolute deviation. */
export function deviation(values: Float32Array): number {
  if (values.length === 0) return 0;
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

/** Smallest and largest value. */
export function range(values: Float32Array): { min: number; max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/**
 * Mean over a square of 2 radius + 1 pixels, clipped at the picture's edge, computed with an integral image. Averages
 * only pixels where `counts` is 1; where fewer than `fewest` (a share of the square) count, the result is NaN.
 */
export function boxMean(
  { values, width, height }: Gray,
  radius: number,
  counts?: Uint8Array,
  fewest = 0,
): Float32Array {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  const numbers = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let [sum, number] = [0, 0];
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!counts || counts[i] === 1) {
        sum += values[i];
        number++;
      }
      const at = (y + 1) * stride + x + 1;
      sums[at] = sums[at - stride] + sum;
      numbers[at] = numbers[at - stride] + number;
    }
  }
  const means = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - radius) * stride;
    const bottom = Math.min(height, y + radius + 1) * stride;
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - radius);
      const right = Math.min(width, x + radius + 1);
      const over = (of: Float64Array) =>
        of[bottom + right] - of[bottom + left] - of[top + right] + of[top + left];
      const number = over(numbers);
      const area = ((bottom - top) / stride) * (right - left);
      means[y * width + x] = number > fewest * area ? over(sums) / number : Number.NaN;
    }
  }
  return means;
}

/**
 * Largest (`sign` 1) or smallest (`sign` -1) value in a square of 2 radius + 1 pixels, clipped at the picture's edge.
 */
export function boxExtreme({ values, width, height }: Gray, radius: number, sign: 1 | -1): Gray {
  const rows = new Float32Array(values.length);
  for (let y = 0; y < height; y++)
    slideExtreme(values, rows, { start: y * width, step: 1, count: width, radius, sign });
  const both = new Float32Array(values.length);
  for (let x = 0; x < width; x++)
    slideExtreme(rows, both, { start: x, step: width, count: height, radius, sign });
  return { values: both, width, height };
}

interface Line {
  start: number;
  step: number;
  count: number;
  radius: number;
  sign: 1 | -1;
}

/** A monotonic queue of positions: the first one is the window's extreme (Lemire 2006). */
function slideExtreme(
  from: Float32Array,
  to: Float32Array,
  { start, step, count, radius, sign }: Line,
): void {
  const queue = new Int32Array(count);
  let [head, tail] = [0, 0];
  for (let i = 0; i < count + radius; i++) {
    if (i < count) {
      const value = sign * from[start + i * step];
      while (tail > head && sign * from[start + queue[tail - 1] * step] <= value) tail--;
      queue[tail++] = i;
    }
    const center = i - radius;
    if (center < 0) continue;
    while (queue[head] < center - radius) head++;
    to[start + center * step] = from[start + queue[head] * step];
  }
}

/** Marks all pixels within a square of 2 radius + 1 pixels around each marked pixel. */
export function dilated(mask: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  if (radius === 0) return mask;
  const { values } = boxExtreme({ values: Float32Array.from(mask), width, height }, radius, 1);
  return Uint8Array.from(values);
}
