import { CallError } from '../callError.ts';

/**
 * The Mersenne Twister MT19937 (Matsumoto & Nishimura, ACM TOMACS 8, 1998) as PyTorch's CPU generator
 * uses it, so that a seed gives the same weights and batch orders as PyTorch.
 */

const SIZE = 624;
const SHIFT = 397;
const TWIST = 0x9908b0df;
const UPPER_BIT = 0x80000000;
const LOWER_BITS = 0x7fffffff;

/** The complete state of a generator. */
export interface GeneratorState {
  /** The 624 words of the twister. */
  key: Uint32Array;
  /** Words of `key` already used, 0 to 624. */
  index: number;
}

/** Two outputs read as one unsigned integer of 64 bits: high x 2^32 + low. */
export interface Word64 {
  high: number;
  low: number;
}

export class Mt19937 {
  readonly #key: Uint32Array;
  #index = SIZE;

  /** @param seed a whole number, of which the low 32 bits are used, as in `torch.manual_seed`. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      throw new CallError('Mt19937', `expected a whole number as seed, found ${seed}`);
    }
    this.#key = new Uint32Array(SIZE);
    this.#key[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const previous = this.#key[i - 1];
      this.#key[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** A generator that continues from a saved state, which is copied. */
  static fromState({ key, index }: GeneratorState): Mt19937 {
    if (!(key instanceof Uint32Array) || key.length !== SIZE) {
      throw new CallError('Mt19937.fromState', `expected a key of ${SIZE} words, found ${key?.length}`);
    }
    if (!Number.isInteger(index) || index < 0 || index > SIZE) {
      throw new CallError('Mt19937.fromState', `expected an index from 0 to ${SIZE}, found ${index}`);
    }
    const generator = new Mt19937(0);
    generator.#key.set(key);
    generator.#index = index;
    return generator;
  }

  /** A copy of the state, which can be stored or sent to a worker. */
  state(): GeneratorState {
    return { key: this.#key.slice(), index: this.#index };
  }

  /** The next output, an unsigned integer of 32 bits. */
  random(): number {
    if (this.#index === SIZE) this.#twist();
    let y = this.#key[this.#index++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** The next two outputs as one 64-bit integer; PyTorch takes the first as the high word. */
  random64(): Word64 {
    const high = this.random();
    return { high, low: this.random() };
  }

  /**
   * Fills `values` with PyTorch's `uniform_(low, high)` in float32, one output each. Low and width
   * are rounded to float32 first; the sum is rounded once, because PyTorch uses a fused multiply-add.
   */
  fillUniform(values: Float32Array, low: number, high: number): Float32Array {
    const start = Math.fround(low);
    const width = Math.fround(Math.fround(high) - start);
    for (let i = 0; i < values.length; i++) {
      values[i] = (this.random() & 0xffffff) * 2 ** -24 * width + start;
    }
    return values;
  }

  /** Uniform in [0, 1) with 53 bits (the authors' `genrand_res53`). Differs from PyTorch's doubles. */
  uniform(): number {
    const high = this.random() >>> 5;
    const low = this.random() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /** Standard normal, by Box & Muller (1958), four outputs each. Differs from PyTorch's `randn` and from numpy's. */
  gaussian(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A whole number from 0 to bound - 1: the remainder of one output, as in PyTorch. */
  below(bound: number): number {
    return this.random() % bound;
  }

  #twist(): void {
    const key = this.#key;
    for (let i = 0; i < SIZE; i++) {
      const next = i + 1 === SIZE ? 0 : i + 1;
      const shifted = i < SIZE - SHIFT ? i + SHIFT : i + SHIFT - SIZE;
      const y = (key[i] & UPPER_BIT) | (key[next] & LOWER_BITS);
      key[i] = key[shifted] ^ (y >>> 1) ^ (y & 1 ? TWIST : 0);
    }
    this.#index = 0;
  }
}
