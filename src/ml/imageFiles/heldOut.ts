import { CallError } from '../callError.ts';

export interface HeldOut {
  /** Share of the images of every class, above 0 and below 1. */
  heldOut: number;
  seed: number;
}

export const DEFAULT_HELD_OUT: HeldOut = { heldOut: 0.2, seed: 0 };

/** The number of images to hold out of a class: at least one of a class with two or more, and never all. */
export function heldOutOf(count: number, share: number): number {
  return Math.max(0, Math.min(count - 1, Math.max(1, Math.round(share * count))));
}

/** @throws unless the share and the seed are in range. */
export function checkHeldOut({ heldOut, seed }: HeldOut): HeldOut {
  if (!(heldOut > 0 && heldOut < 1)) {
    throw new CallError('heldOut', `expected a share above 0 and below 1, found ${heldOut}`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new CallError('seed', `expected a whole number from 0 to ${2 ** 32 - 1}, found ${seed}`);
  }
  return { heldOut, seed };
}
