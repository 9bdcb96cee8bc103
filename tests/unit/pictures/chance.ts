export type Chance = () => number;

/** Pseudorandom numbers from 0 to 1 (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const numberIn = (chance: Chance, low: number, high: number) => low + chance() * (high - low);
export const oneOf = <T>(chance: Chance, items: readonly T[]): T =>
  items[Math.floor(chance() * items.length)];
