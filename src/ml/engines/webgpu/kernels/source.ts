/**
 * Images as bytes for the GPU: a table of 256 levels (byte / 255 as float32), then each image's bytes padded to
 * words.
 */
import { CallError } from '../../../callError.ts';
import { LEVELS, wordsPerImage } from './gather.ts';
import type { NetworkSizes } from './sizes.ts';

const LEVEL_VALUES = Float32Array.from({ length: LEVELS }, (_, byte) => byte / 255);

/** Bytes of the `source` buffer for this many images. */
export function sourceBytes(sizes: Pick<NetworkSizes, 'pixels'>, count: number): number {
  return 4 * (LEVELS + count * wordsPerImage(sizes));
}

/** The levels, written at the start of `source`. */
export function sourceLevels(): Float32Array<ArrayBuffer> {
  return LEVEL_VALUES.slice();
}

/** Images [n, pixels] as bytes, each padded to whole words, written after the levels. */
export function packImages(sizes: Pick<NetworkSizes, 'pixels'>, images: Uint8Array): Uint8Array<ArrayBuffer> {
  const { pixels } = sizes;
  const stride = 4 * wordsPerImage(sizes);
  const count = images.length / pixels;
  const packed = new Uint8Array(count * stride);
  if (stride === pixels) {
    packed.set(images);
    return packed;
  }
  for (let image = 0; image < count; image++) {
    packed.set(images.subarray(image * pixels, (image + 1) * pixels), image * stride);
  }
  return packed;
}

/** Float32 pixels in [0, 1]: a copy, or byte / 255. */
export function toFloats(images: Float32Array | Uint8Array): Float32Array<ArrayBuffer> {
  return images instanceof Uint8Array
    ? Float32Array.from(images, (byte) => LEVEL_VALUES[byte])
    : new Float32Array(images);
}

/** @throws an Error if a label exceeds the number of outputs. */
export function checkLabels(labels: Uint8Array, outputs: number, caller: string): void {
  const wrong = labels.find((label) => label >= outputs);
  if (wrong !== undefined) {
    throw new CallError(caller, `expected labels from 0 to ${outputs - 1}, found ${wrong}`);
  }
}
