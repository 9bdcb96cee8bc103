/** How well two activation vectors match, as Feather et al. (Nat Neurosci 2023) measure it. */
export interface Match {
  /** Rank correlation; equal values share their mean rank. */
  spearman: number;
  pearson: number;
  /** Signal-to-noise ratio in dB: 10 log10(sum a^2 / sum (a - b)^2); infinite for equal vectors. */
  snr: number;
}

export const MEASURES = ['spearman', 'pearson', 'snr'] as const satisfies (keyof Match)[];

/** A vector prepared for matching with many others. */
export interface PreparedVector {
  values: Float32Array;
  /** Sum of squares of the values. */
  energy: number;
  /** Values minus their mean, scaled to length 1 (or all 0), so that correlations are dot products. */
  standardized: Float64Array;
  standardizedRanks: Float64Array;
}

export function prepareVector(values: Float32Array): PreparedVector {
  return {
    values,
    energy: values.reduce((sum, value) => sum + value * value, 0),
    standardized: standardize(values),
    standardizedRanks: standardize(ranks(values)),
  };
}

/** The match of vector b with the reference vector a. Correlations of a constant vector are 0. */
export function match(a: PreparedVector, b: PreparedVector): Match {
  let spearman = 0;
  let correlation = 0;
  let noise = 0;
  for (let i = 0; i < a.values.length; i++) {
    spearman += a.standardizedRanks[i] * b.standardizedRanks[i];
    correlation += a.standardized[i] * b.standardized[i];
    const difference = a.values[i] - b.values[i];
    noise += difference * difference;
  }
  const snr = noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(a.energy / noise);
  return { spearman, pearson: correlation, snr };
}

/** Ranks from 0; equal values share their mean rank. */
function ranks(values: Float32Array): Float64Array {
  const sorted = values.slice().sort();
  // The mean rank of equal values, for each position in sorted order.
  const shared = new Float64Array(sorted.length);
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) {
      end += 1;
    }
    shared.fill((start + end - 1) / 2, start, end);
    start = end;
  }
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    result[i] = shared[lowerBound(sorted, values[i])];
  }
  return result;
}

/** First position of the value in a sorted array that holds it. */
function lowerBound(sorted: Float32Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Subtracts the mean and scales to length 1; all 0 for a constant vector. */
function standardize(values: Float32Array | Float64Array): Float64Array {
  const result = new Float64Array(values.length);
  // A constant vector would otherwise keep the rounding error of its mean.
  if (values.every((value) => value === values[0])) {
    return result;
  }
  let mean = 0;
  for (const value of values) {
    mean += value / values.length;
  }
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    result[i] = values[i] - mean;
    squares += result[i] ** 2;
  }
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < values.length; i++) {
    result[i] *= scale;
  }
  return result;
}

/** Pearson's correlation; 0 if a vector is constant. */
export function pearson(a: Float32Array, b: Float32Array): number {
  const standardizedB = standardize(b);
  return standardize(a).reduce((sum, value, i) => sum + value * standardizedB[i], 0);
}

/** The value below which the given share of sorted values lies. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
