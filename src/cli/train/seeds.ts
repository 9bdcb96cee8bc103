import { UsageError } from '../frame/usageError.ts';

const MOST_SEEDS = 10_000;
const LARGEST = 2 ** 32 - 1;

/** Reads seeds: `7`, `1..5`, or both with commas between them. @throws UsageError. */
export function parseSeeds(text: string): number[] {
  const seeds = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d{1,10})(?:\.\.(\d{1,10}))?\s*$/.exec(part) ?? [];
    const [begin, end] = [Number(first), Number(last)];
    if (!(begin <= end && end <= LARGEST)) {
      throw new UsageError(
        `expected seeds such as 7, 1..5 or 1,3,8..10 (at most ${LARGEST}) after --seed, found ${JSON.stringify(text.slice(0, 60))}.`,
      );
    }
    if (end - begin >= MOST_SEEDS) {
      throw new UsageError(`expected at most ${MOST_SEEDS} seeds after --seed, found ${end - begin + 1}.`);
    }
    return Array.from({ length: end - begin + 1 }, (_, i) => begin + i);
  });
  return [...new Set(seeds)];
}
