import { Mt19937 } from '../../src/ml/random/mt19937.ts';

/** The random draws of one action, which depend only on the seed and the action's number, never on the page. */
export class Chance {
  readonly #generator: Mt19937;

  constructor(seed: number, action: number) {
    this.#generator = new Mt19937(seed * 1_000_003 + action);
  }

  /** Uniform in [0, 1). */
  share(): number {
    return this.#generator.random() / 2 ** 32;
  }

  /** A whole number between the limits, inclusive. */
  whole(least: number, most: number): number {
    return least + this.#generator.below(most - least + 1);
  }

  pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.#generator.below(choices.length)];
  }

  /** `[weight, choice]`. */
  weighted<Choice>(choices: readonly (readonly [number, Choice])[]): Choice {
    let left = this.share() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    return choices[choices.length - 1][1];
  }
}
