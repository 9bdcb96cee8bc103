import { CallError } from '../callError.ts';

const SIGMA = 1.5;
/** scikit-image cuts the Gaussian at 3.5 sigma. */
const RADIUS = 5;
/** (0.01 x range)^2 and (0.03 x range)^2, for values in [0, 1]. */
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/**
 * Structural similarity of two images with values in [0, 1] (Wang et al., IEEE TIP 2004), as scikit-image's
 * `structural_similarity(a, b, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)`.
 * Of color images, the mean over the channels. Of images under 11 pixels a side, whose windows all extend past the edge,
 * edge pixels are repeated, and the mean is over the middle.
 * @param a [channels, height, width]; b the same.
 */
export function structuralSimilarity(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { channels = 1, height, width }: { channels?: number; height: number; width: number },
): number {
  const area = height * width;
  if (area === 0 || a.length !== channels * area || b.length !== a.length) {
    throw new CallError(
      'structuralSimilarity',
      `expected two images of ${channels} x ${height} x ${width}, found ${a.length} and ${b.length} pixels`,
    );
  }
  let sum = 0;
  for (let channel = 0; channel < channels; channel++) {
    const plane = (values: ArrayLike<number>) =>
      Float64Array.from({ length: area }, (_, i) => values[channel * area + i]);
    sum += planeSimilarity(plane(a), plane(b), { height, width });
  }
  return sum / channels;
}

function planeSimilarity(
  a: Float64Array,
  b: Float64Array,
  { height, width }: { height: number; width: number },
): number {
  const border = Math.min(RADIUS, Math.floor((Math.min(height, width) - 1) / 2));
  const smooth = (f: (i: number) => number) =>
    gaussianFilter(
      Float64Array.from({ length: a.length }, (_, i) => f(i)),
      height,
      width,
    );
  const meanA = smooth((i) => a[i]);
  const meanB = smooth((i) => b[i]);
  const squareA = smooth((i) => a[i] * a[i]);
  const squareB = smooth((i) => b[i] * b[i]);
  const product = smooth((i) => a[i] * b[i]);
  let total = 0;
  // The mean excludes the border, where the window extends past the edge.
  for (let row = border; row < height - border; row++) {
    for (let column = border; column < width - border; column++) {
      const i = row * width + column;
      const [ma, mb] = [meanA[i], meanB[i]];
      const luminance = (2 * ma * mb + C1) / (ma * ma + mb * mb + C1);
      const variances = squareA[i] - ma * ma + (squareB[i] - mb * mb);
      total += luminance * ((2 * (product[i] - ma * mb) + C2) / (variances + C2));
    }
  }
  return total / ((height - 2 * border) * (width - 2 * border));
}

/** Separable Gaussian filter. Values near the border are never used, so edge pixels are simply repeated. */
function gaussianFilter(image: Float64Array, height: number, width: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * RADIUS + 1 }, (_, i) =>
    Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const along = (input: Float64Array, stride: number, size: number) =>
    input.map((_, i) => {
      const position = Math.floor(i / stride) % size;
      let value = 0;
      for (let k = -RADIUS; k <= RADIUS; k++) {
        const at = Math.min(size - 1, Math.max(0, position + k));
        value += weights[k + RADIUS] * input[i + (at - position) * stride];
      }
      return value / sum;
    });
  return along(along(image, width, height), 1, width);
}
