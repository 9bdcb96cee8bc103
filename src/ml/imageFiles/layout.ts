import { FileError } from '../formats/fileError.ts';
import { AxesQuestion, type AxisOrder, LEAST_SIDE } from './given.ts';

/** The layout of images in an array. */
export interface Layout {
  count: number;
  channels: number;
  height: number;
  width: number;
  order: AxisOrder;
}

const COLORS = 3;
/** Maximum side of an image in an array; larger arrays are probably not images. */
const MOST_ARRAY_SIDE = 1024;

/**
 * Reads a shape: [n, h, w], [n, c, h, w], [n, h, w, c] with 1 or 3 channels, or flat [n, pixels] of square images.
 * @param axes the answer for flat color images.
 * @throws AxesQuestion if the person must choose the order of colors; FileError if the shape is not one of images.
 */
export function layoutOf(shape: readonly number[], where: string, axes?: AxisOrder): Layout {
  const [count, ...rest] = shape;
  if (rest.length === 1) return flatLayout(count, rest[0], where, axes);
  if (rest.length === 2 && rest.every(isSide)) {
    return { count, channels: 1, height: rest[0], width: rest[1], order: 'planes' };
  }
  if (rest.length === 3) {
    const first = isChannels(rest[0]) && isSide(rest[1]) && isSide(rest[2]);
    const last = isChannels(rest[2]) && isSide(rest[0]) && isSide(rest[1]);
    if (first) return { count, channels: rest[0], height: rest[1], width: rest[2], order: 'planes' };
    if (last) return { count, channels: rest[2], height: rest[0], width: rest[1], order: 'pixels' };
  }
  throw new FileError(
    `${where}: expected images of shape [n, height, width], [n, channels, height, width] or [n, height, width, channels], with 1 or 3 channels and sides of at least ${LEAST_SIDE} pixels, found [${shape.join(', ')}].`,
  );
}

function flatLayout(count: number, pixels: number, where: string, axes: AxisOrder | undefined): Layout {
  const side = Math.sqrt(pixels);
  if (isSide(side)) return { count, channels: 1, height: side, width: side, order: 'planes' };
  const colorSide = Math.sqrt(pixels / COLORS);
  if (!isSide(colorSide)) {
    throw new FileError(
      `${where}: expected the pixels of square images, gray (such as 784 = 28 x 28) or color (such as 3072 = 3 x 32 x 32), found ${pixels} values an image.`,
    );
  }
  if (!axes) {
    throw new AxesQuestion(
      `${where} has ${pixels} values an image, which are color images of ${colorSide} x ${colorSide}. Do all red values come first, then green, then blue (planes), or red, green and blue pixel by pixel (pixels)?`,
    );
  }
  return { count, channels: COLORS, height: colorSide, width: colorSide, order: axes };
}

function isSide(length: number): boolean {
  return Number.isInteger(length) && length >= LEAST_SIDE && length <= MOST_ARRAY_SIDE;
}

function isChannels(length: number): boolean {
  return length === 1 || length === COLORS;
}

/** The bytes of color images, plane by plane instead of pixel by pixel. */
export function asPlanes(
  bytes: Uint8Array<ArrayBuffer>,
  { count, channels, height, width, order }: Layout,
): Uint8Array<ArrayBuffer> {
  if (channels === 1 || order === 'planes') return bytes;
  const area = height * width;
  const result = new Uint8Array(bytes.length);
  for (let image = 0; image < count; image++) {
    const start = image * area * channels;
    for (let pixel = 0; pixel < area; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        result[start + channel * area + pixel] = bytes[start + pixel * channels + channel];
      }
    }
  }
  return result;
}
