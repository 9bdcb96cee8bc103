import { CallError } from '../../callError.ts';
import { randomOrder } from '../../random/order.ts';
import { type LabeledImages, pixelCount } from '../dataset.ts';

export interface HeldOut {
  /** Share of the images of every class, above 0 and below 1. */
  heldOut: number;
  seed: number;
}

export const DEFAULT_HELD_OUT: HeldOut = { heldOut: 0.2, seed: 0 };

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

/**
 * Holds out a share of every class as the test part, at random by seed: at least one image of a class with two or more,
 * and never all. Both parts keep the images' order.
 */
export function holdOut(all: LabeledImages, given: HeldOut): { train: LabeledImages; test: LabeledImages } {
  const { heldOut, seed } = checkHeldOut(given);
  const counts = new Map<number, number>();
  for (const label of all.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const left = new Map(
    [...counts].map(([label, count]) => [
      label,
      Math.min(count - 1, Math.max(1, Math.round(heldOut * count))),
    ]),
  );
  const isTest = new Uint8Array(all.count);
  for (const index of randomOrder(seed, all.count)) {
    const wanted = left.get(all.labels[index]) ?? 0;
    if (wanted === 0) continue;
    left.set(all.labels[index], wanted - 1);
    isTest[index] = 1;
  }
  return { train: partOf(all, (i) => isTest[i] === 0), test: partOf(all, (i) => isTest[i] === 1) };
}

function partOf(all: LabeledImages, isIn: (index: number) => boolean): LabeledImages {
  const indices = Array.from({ length: all.count }, (_, i) => i).filter(isIn);
  const pixels = pixelCount(all);
  const images = new Uint8Array(indices.length * pixels);
  indices.forEach((index, i) => {
    images.set(all.images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
  });
  const labels = Uint8Array.from(indices, (index) => all.labels[index]);
  return { ...all, images, labels, count: indices.length };
}
