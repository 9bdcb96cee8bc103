/** Pure functions that prepare long curves for drawing. */

/**
 * Exponential moving average with bias correction, as for Adam's moments. The time constant, in steps, grows from 2 to
 * `constant`, so that the average does not lag behind the steep first steps.
 */
class MovingAverage {
  readonly #constant: number;
  #count = 0;
  #sum = 0;
  #weight = 0;
  #keep = 0;

  /** @param constant the greatest time constant, in steps */
  constructor(constant = 40) {
    this.#constant = constant;
  }

  /** The average after one value more. */
  add(value: number): number {
    const growing = 2 + this.#count / 10;
    if (growing <= this.#constant + 1) this.#keep = Math.exp(-1 / Math.min(this.#constant, growing));
    this.#count++;
    this.#sum = this.#sum * this.#keep + value * (1 - this.#keep);
    this.#weight = this.#weight * this.#keep + (1 - this.#keep);
    return this.#sum / this.#weight;
  }
}

/** The moving average after each of the first `length` values. */
export function smoothed(values: Float32Array, length: number, constant?: number): Float32Array {
  const average = new MovingAverage(constant);
  const result = new Float32Array(length);
  for (let i = 0; i < length; i++) result[i] = average.add(values[i]);
  return result;
}

/** The heights of a growing run's values and of their moving average. Each step is read once, however often they are drawn. */
export class GrowingHeights {
  readonly #heightOf: (value: number) => number;
  #values?: Float32Array;
  #length = 0;
  #average = new MovingAverage();
  #raw = new Float32Array();
  #smooth = new Float32Array();

  /** @param heightOf maps a value to its height in the chart */
  constructor(heightOf: (value: number) => number) {
    this.#heightOf = heightOf;
  }

  /** Heights of the first `length` values; the arrays are longer, and the next call writes to them. */
  read(values: Float32Array, length: number): { raw: Float32Array; smooth: Float32Array } {
    // Another array is another run, or has grown.
    if (values !== this.#values || length < this.#length) this.#begin(values);
    for (let i = this.#length; i < length; i++) {
      this.#raw[i] = this.#heightOf(values[i]);
      this.#smooth[i] = this.#heightOf(this.#average.add(values[i]));
    }
    this.#length = length;
    return { raw: this.#raw, smooth: this.#smooth };
  }

  #begin(values: Float32Array): void {
    this.#values = values;
    this.#length = 0;
    this.#average = new MovingAverage();
    this.#raw = new Float32Array(values.length);
    this.#smooth = new Float32Array(values.length);
  }
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
