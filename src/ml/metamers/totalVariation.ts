/** Keeps the derivative of the square root finite where the image is flat. */
const SMOOTHING = 1e-8;

/**
 * Isotropic total variation of an image and its derivative: the mean over pixels of the length of the
 * difference to the right and lower neighbor (Mahendran & Vedaldi, CVPR 2015, eq. 4 with beta = 1).
 * @param image [channels, height, width]
 * @param gradient [channels, height, width]; weight x derivative is added to it.
 * @returns weight x total variation.
 */
export function addTotalVariation(
  image: Float32Array,
  { height, width }: { height: number; width: number },
  weight: number,
  gradient: Float64Array,
): number {
  const scale = weight / image.length;
  let total = 0;
  for (let i = 0; i < image.length; i++) {
    const column = i % width;
    const row = Math.floor(i / width) % height;
    const right = column + 1 < width ? image[i + 1] - image[i] : 0;
    const down = row + 1 < height ? image[i + width] - image[i] : 0;
    const length = Math.sqrt(right * right + down * down + SMOOTHING);
    total += length;
    gradient[i] -= (scale * (right + down)) / length;
    if (column + 1 < width) {
      gradient[i + 1] += (scale * right) / length;
    }
    if (row + 1 < height) {
      gradient[i + width] += (scale * down) / length;
    }
  }
  return scale * total;
}
