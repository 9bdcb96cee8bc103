/**
 * Philox4x32-10 (Salmon, Moraes, Dror & Shaw, SC 2011): random words as a pure function of a key and a counter, so
 * that any thread can compute any word. Every engine draws dropout's masks from this generator.
 */

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** Four words of 32 bits. */
export type Words4 = [number, number, number, number];

/** @returns the four random words of a counter under a key; all words are unsigned. */
export function philox4x32(counter: Readonly<Words4>, key: readonly [number, number]): Words4 {
  let [a, b, c, d] = counter;
  let [first, second] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = product(MULTIPLIERS[0], a);
    const [high1, low1] = product(MULTIPLIERS[1], c);
    [a, b, c, d] = [(high1 ^ b ^ first) >>> 0, low1, (high0 ^ d ^ second) >>> 0, low0];
    first = (first + WEYL[0]) >>> 0;
    second = (second + WEYL[1]) >>> 0;
  }
  return [a, b, c, d];
}

/** The high and the low word of a product of two words. */
function product(x: number, y: number): [high: number, low: number] {
  const [xHigh, xLow] = [x >>> 16, x & 0xffff];
  const [yHigh, yLow] = [y >>> 16, y & 0xffff];
  const middle = xHigh * yLow + Math.floor((xLow * yLow) / 2 ** 16);
  const carried = xLow * yHigh + (middle % 2 ** 16);
  const high = xHigh * yHigh + Math.floor(middle / 2 ** 16) + Math.floor(carried / 2 ** 16);
  return [high >>> 0, Math.imul(x, y) >>> 0];
}

/** Identifies a dropout mask. */
export interface DropoutPlace {
  /** The run's seed. */
  seed: number;
  /** Number of earlier updates. */
  step: number;
  /** Index of the dropout layer among the network's layers. */
  layer: number;
}

/** The two words of a run's seed: the low and the high 32 bits. */
export function seedWords(seed: number): [low: number, high: number] {
  return [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
}

/** A unit is kept if its random word is at least this threshold, which is below 2^32 and fits a word. */
export function dropoutThreshold(rate: number): number {
  return Math.min(2 ** 32 - 1, Math.ceil(rate * 2 ** 32));
}

/**
 * The factors of a dropout layer in training, [count, units]: 0 for a dropped unit, 1 / (1 - rate) for a kept unit.
 * Key: the seed. Counter: (unit >> 2, index in the batch, layer, step); unit & 3 selects the word.
 * @param first index of the first image in the batch.
 */
export function dropoutFactors(
  { seed, step, layer }: DropoutPlace,
  rate: number,
  units: number,
  count: number,
  first = 0,
): Float32Array {
  const key = seedWords(seed);
  const threshold = dropoutThreshold(rate);
  const scale = 1 / (1 - rate);
  const factors = new Float32Array(count * units);
  for (let image = 0; image < count; image++) {
    for (let unit = 0; unit < units; unit += 4) {
      const words = philox4x32([unit >>> 2, first + image, layer, step >>> 0], key);
      for (let i = 0; i < Math.min(4, units - unit); i++) {
        factors[image * units + unit + i] = words[i] >= threshold ? scale : 0;
      }
    }
  }
  return factors;
}
