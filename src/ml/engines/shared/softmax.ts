/** Computes the log-probabilities of one row of logits, in place. */
export function logSoftmaxRow(row: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of row) {
    largest = value > largest || Number.isNaN(value) ? value : largest;
  }
  let total = 0;
  for (const value of row) {
    total += Math.exp(value - largest);
  }
  const shift = largest + Math.log(total);
  for (let i = 0; i < row.length; i++) {
    row[i] -= shift;
  }
}

/** Index of the largest value; the first one in a tie. */
export function argmax(row: Float64Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) {
    if (row[i] > row[best]) {
      best = i;
    }
  }
  return best;
}

/**
 * Replaces a row of log-probabilities by d(negative log-likelihood of `label`) / d(logits). The label's entry is
 * minus the sum of the other probabilities, because p - 1 would cancel for confident images.
 */
export function likelihoodGradient(row: Float64Array, label: number, scale: number): void {
  let others = 0;
  for (let i = 0; i < row.length; i++) {
    row[i] = Math.exp(row[i]);
    others += i === label ? 0 : row[i];
    row[i] *= scale;
  }
  row[label] = -scale * others;
}
