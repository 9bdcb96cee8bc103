import { CallError } from '../callError.ts';
import type { InputShape } from '../model/network.ts';

/** Gray or color images and their labels. */
export interface LabeledImages {
  /** Pixels as bytes, [count, channels x height x width], row-major: of a color image red, green and blue follow each other. */
  images: Uint8Array<ArrayBuffer>;
  /** Class of each image, [count]. */
  labels: Uint8Array<ArrayBuffer>;
  count: number;
  /** 1 (gray) or 3 (red, green, blue). */
  channels: number;
  width: number;
  height: number;
}

export type Split = 'train' | 'test';

/** The identity of a data set, and the facts that a network needs. */
export interface DataDescription {
  /** `mnist`, `fashion-mnist`, or for a person's own images `own-` with the first digits of the SHA-256. */
  id: string;
  name: string;
  /** SHA-256 of the content, see `dataHash`. */
  sha256: string;
  classNames: string[];
}

export interface DataSet extends DataDescription {
  train: LabeledImages;
  test: LabeledImages;
}

/** The shape that a network's input and last layer must have. */
export interface DataShape {
  input: InputShape;
  classes: number;
}

/** The shape of MNIST and Fashion-MNIST. */
export const DIGIT_SHAPE: DataShape = { input: { channels: 1, height: 28, width: 28 }, classes: 10 };

/** Whether images have MNIST's shape, so that a drawing or a photograph of a digit can be an input. */
export function isDigitShape({ channels, height, width }: InputShape): boolean {
  return channels === 1 && height === 28 && width === 28;
}

export function shapeOfData(data: Pick<DataSet, 'classNames' | 'train'> | undefined): DataShape {
  if (!data) return DIGIT_SHAPE;
  const { channels, height, width } = data.train;
  return { input: { channels, height, width }, classes: data.classNames.length };
}

/** Number of values of one image. */
export function pixelCount({
  channels,
  width,
  height,
}: Pick<LabeledImages, 'channels' | 'width' | 'height'>): number {
  return channels * width * height;
}

/** Bytes of all images and labels. */
export function bytesOfData({ train, test }: DataSet): number {
  return [train, test].reduce((sum, part) => sum + part.count * (1 + pixelCount(part)), 0);
}

/** One image's pixels in [0, 1], as the network sees them: byte / 255. */
export function pixelsOf(set: LabeledImages, index: number): Float32Array {
  const { images, count } = set;
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new CallError('pixelsOf', `expected an image's index from 0 to ${count - 1}, found ${index}`);
  }
  const pixels = pixelCount(set);
  return Float32Array.from(images.subarray(index * pixels, (index + 1) * pixels), (byte) => byte / 255);
}
