import { CallError } from '../callError.ts';
/** Gray images and their labels. */
export interface LabeledImages {
  /** Pixels as bytes, [count, height x width], row-major. */
  images: Uint8Array<ArrayBuffer>;
  /** Class of each image, [count]. */
  labels: Uint8Array<ArrayBuffer>;
  count: number;
  width: number;
  height: number;
}

export type Split = 'train' | 'test';

export interface DataSet {
  name: string;
  classNames: string[];
  train: LabeledImages;
  test: LabeledImages;
}

/** One image's pixels in [0, 1], as the network sees them: byte / 255. */
export function pixelsOf({ images, count, width, height }: LabeledImages, index: number): Float32Array {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new CallError('pixelsOf', `expected an image's index from 0 to ${count - 1}, found ${index}`);
  }
  const pixels = width * height;
  return Float32Array.from(images.subarray(index * pixels, (index + 1) * pixels), (byte) => byte / 255);
}
