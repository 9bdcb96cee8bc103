import { resample } from '../../pictures/resample.ts';
import type { LabeledImages } from '../dataset.ts';
import { MOST_SIDE } from './given.ts';

export interface Size {
  height: number;
  width: number;
}

/** The size within the limits: a larger image is scaled down until its longer side has 64 pixels. */
export function sizeWithin({ height, width }: Size): Size {
  const scale = Math.min(1, MOST_SIDE / Math.max(height, width));
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}

/** One channel [height, width] in another size: the middle part of the new proportions, by area averaging. */
export function resizePlane(plane: Uint8Array, from: Size, to: Size): Uint8Array<ArrayBuffer> {
  const scale = Math.min(from.width / to.width, from.height / to.height);
  const width = Math.max(1, Math.round(to.width * scale));
  const height = Math.max(1, Math.round(to.height * scale));
  const box = {
    left: Math.floor((from.width - width) / 2),
    top: Math.floor((from.height - height) / 2),
    width: Math.min(width, from.width),
    height: Math.min(height, from.height),
  };
  const source = { values: Float32Array.from(plane), width: from.width, height: from.height };
  const { values } = resample(source, box, to.width, to.height);
  return Uint8Array.from(values, (value) => Math.round(value));
}

/** Images larger than the limits, scaled down. */
export function withinLimits(part: LabeledImages): LabeledImages {
  const { count, channels, height, width } = part;
  const to = sizeWithin(part);
  if (to.height === height && to.width === width) return part;
  const [area, newArea] = [height * width, to.height * to.width];
  const images = new Uint8Array(count * channels * newArea);
  for (let plane = 0; plane < count * channels; plane++) {
    const own = part.images.subarray(plane * area, (plane + 1) * area);
    images.set(resizePlane(own, { height, width }, to), plane * newArea);
  }
  return { ...part, ...to, images };
}
