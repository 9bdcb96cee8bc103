import { expect } from 'vitest';

/** What the journey measures in a browser. */
export type Figures = Record<string, number>;

/** Fused and plain arithmetic part by so much after an epoch, relative to the figure. */
const TOLERANCE = 0.02;

/** Expects two browsers' figures to be the same within what the rounding of a step does to them. */
export function agree(
  one: { name: string; figures: Figures },
  other: { name: string; figures: Figures },
): void {
  for (const [key, value] of Object.entries(one.figures)) {
    const theirs = other.figures[key];
    expect(
      Math.abs(value - theirs),
      `${key}: ${value} in ${one.name}, ${theirs} in ${other.name}`,
    ).toBeLessThanOrEqual(TOLERANCE * Math.max(Math.abs(value), Math.abs(theirs)));
  }
}
