import { CallError } from '../callError.ts';
import type { Mt19937 } from './mt19937.ts';

/**
 * The order 0..count-1 shuffled as numpy's legacy `RandomState` does in `permutation(count)`, `shuffle` and `choice`
 * without replacement: from the back, i is swapped with a uniform j <= i, one or more 32-bit outputs each.
 * A `RandomState(seed)` is `new Mt19937(seed)`.
 */
export function numpyPermutation(generator: Mt19937, count: number): Int32Array<ArrayBuffer> {
  if (!Number.isInteger(count) || count < 0) {
    throw new CallError('numpyPermutation', `expected a whole number of items, found ${count}`);
  }
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = numpyInterval(generator, i);
    const moved = order[i];
    order[i] = order[other];
    order[other] = moved;
  }
  return order;
}

/** Uniform from 0 to `highest`: outputs masked to the bits of `highest` until one is not above it. */
function numpyInterval(generator: Mt19937, highest: number): number {
  const mask = 0xffffffff >>> Math.clz32(highest);
  for (;;) {
    // `>>> 0` makes the masked 32-bit value unsigned.
    const value = (generator.random() & mask) >>> 0;
    if (value <= highest) return value;
  }
}
