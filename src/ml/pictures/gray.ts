import { PictureError } from './pictureError.ts';
import type { Gray } from './resample.ts';

/** Pixels as a canvas gives them: [height, width, 4], red, green, blue and alpha, not premultiplied. */
export interface Raster {
  data: Uint8ClampedArray | Uint8Array;
  width: number;
  height: number;
}

/** Opaque pixels whose grays spread less than this are one ink, laid on nothing. */
const ONE_INK_SPREAD = 0.15;

/**
 * The picture in gray, 0 black to 1 white, laid over a background where it is transparent. A background has to
 * be guessed: if all that is opaque has one color, it is ink, and stands on its opposite; else most of it is
 * paper, and the paper goes on.
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
  let [opaque, sum, squares] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    // Rec. 601 luma, as most image libraries make gray.
    const gray = (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255;
    const alpha = data[4 * i + 3] / 255;
    values[i] = gray;
    opaque += alpha;
    sum += alpha * gray;
    squares += alpha * gray * gray;
  }
  if (opaque === 0) {
    throw new PictureError(
      'transparent',
      'grayOf',
      'expected a visible picture, found only transparent pixels. Use another picture, or fill its background.',
    );
  }
  if (opaque < count) {
    const mean = sum / opaque;
    const spread = Math.sqrt(Math.max(0, squares / opaque - mean * mean));
    const background = spread < ONE_INK_SPREAD ? (mean < 0.5 ? 1 : 0) : mean;
    for (let i = 0; i < count; i++) {
      const alpha = data[4 * i + 3] / 255;
      values[i] = alpha * values[i] + (1 - alpha) * background;
    }
  }
  return { values, width, height };
}
