import { Mt19937 } from '../random/mt19937.ts';

/**
 * Random numbers identical to numpy's `RandomState(seed)`, so that a seed gives the notebook's starting noise.
 */
export class NumpyRandomState {
  readonly #generator: Mt19937;
  #spare: number | undefined;

  /** @param seed a whole number from 0 to 2^32 - 1. */
  constructor(seed: number) {
    this.#generator = new Mt19937(seed);
  }

  /** Uniform in [0, 1) with 53 bits, as `rand()`. */
  uniform(): number {
    const high = this.#generator.random() >>> 5;
    const low = this.#generator.random() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Standard normal, as `randn()`: the polar method of Marsaglia & Bray (1964), two at a time. */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const squares = x * x + y * y;
      if (squares < 1 && squares !== 0) {
        const scale = Math.sqrt((-2 * Math.log(squares)) / squares);
        this.#spare = scale * x;
        return scale * y;
      }
    }
  }
}
