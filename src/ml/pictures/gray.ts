import { PictureError } from './pictureError.ts';
import type { Gray } from './resample.ts';
import { filled } from './transparency.ts';

/** Pixels in a canvas's format: [height, width, 4], red, green, blue and alpha, not premultiplied. */
export interface Raster {
  data: Uint8ClampedArray | Uint8Array;
  width: number;
  height: number;
}

/**
 * Converts a picture to gray, 0 black to 1 white, and fills transparent pixels (`transparency.ts`).
 * @throws PictureError `transparent` if nothing is opaque, `damaged` if the length does not fit.
 */
export function grayOf({ data, width, height }: Raster): Gray {
  const count = width * height;
  if (data.length !== count * 4 || count === 0) {
    throw new PictureError(
      'damaged',
      'grayOf',
      `expected ${width} x ${height} x 4 bytes, found ${data.length}. Use another picture.`,
    );
  }
  const values = new Float32Array(count);
  const alpha = new Float32Array(count);
  let opaque = 0;
  for (let i = 0; i < count; i++) {
    // Rec. 601 luma, which most image libraries use.
    values[i] = (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255;
    alpha[i] = data[4 * i + 3] / 255;
    opaque += alpha[i];
  }
  if (opaque === 0) {
    throw new PictureError(
      'transparent',
      'grayOf',
      'expected a visible picture, found only transparent pixels. Use another picture, or fill its background.',
    );
  }
  return alpha.every((value) => value === 1)
    ? { values, width, height }
    : filled({ values, alpha, width, height });
}

/** Minimum contrast, in [0, 1], of a picture with content. */
export const MIN_CONTRAST = 8 / 255;

/** Whether the picture has any content. The first frame of an animation is often blank. */
export function showsInk({ data, width, height }: Raster): boolean {
  let [min, max, clearest, densest] = [255, 0, 255, 0];
  for (let i = 0; i < 4 * width * height; i += 4) {
    const alpha = data[i + 3];
    clearest = Math.min(clearest, alpha);
    densest = Math.max(densest, alpha);
    if (alpha < 128) continue;
    const gray = 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    min = Math.min(min, gray);
    max = Math.max(max, gray);
  }
  const contrast = Math.max(max - min, densest - clearest);
  return contrast >= 255 * MIN_CONTRAST;
}
