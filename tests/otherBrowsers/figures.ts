import { expect } from 'vitest';

/** The journey's measurements in a browser. */
export type Figures = Record<string, number>;

/** Relative difference between fused and plain arithmetic after an epoch. */
const TOLERANCE = 0.02;

/** Expects two browsers' figures to agree within the effect of rounding. */
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
