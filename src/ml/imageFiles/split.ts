import { type LabeledImages, pixelCount } from '../data/dataset.ts';
import { randomOrder } from '../random/order.ts';
import { checkHeldOut, type HeldOut, heldOutOf } from './heldOut.ts';

/**
 * Holds out a share of every class as the test part, at random by seed. Both parts keep the images' order.
 */
export function holdOut(all: LabeledImages, given: HeldOut): { train: LabeledImages; test: LabeledImages } {
  const { heldOut, seed } = checkHeldOut(given);
  const counts = new Map<number, number>();
  for (const label of all.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const left = new Map([...counts].map(([label, count]) => [label, heldOutOf(count, heldOut)]));
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
