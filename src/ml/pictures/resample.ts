/** A gray picture: values [height, width], row-major. */
export interface Gray {
  values: Float32Array;
  width: number;
  height: number;
}

/** A part of a picture, in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Scales a box of a picture to the given size by area averaging: each new pixel is the mean of the area that it
 * covers, including fractions of pixels.
 */
export function resample(source: Gray, box: Box, width: number, height: number): Gray {
  const columns = coverage(box.left, box.width, width);
  const rows = coverage(box.top, box.height, height);
  // Resample the rows first, then the columns.
  const narrow = new Float32Array(box.height * width);
  for (let y = 0; y < box.height; y++) {
    const start = (box.top + y) * source.width;
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x];
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * source.values[start + first + i];
      narrow[y * width + x] = sum;
    }
  }
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const { first, weights } = rows[y];
    for (let i = 0; i < weights.length; i++) {
      const start = (first - box.top + i) * width;
      for (let x = 0; x < width; x++) values[y * width + x] += weights[i] * narrow[start + x];
    }
  }
  return { values, width, height };
}

/** For each new pixel, the first old pixel that it covers and the share of each; shares sum to 1. */
function coverage(start: number, length: number, count: number): { first: number; weights: Float64Array }[] {
  const scale = length / count;
  return Array.from({ length: count }, (_, i) => {
    const from = i * scale;
    const to = Math.min((i + 1) * scale, length);
    const first = Math.min(Math.floor(from), length - 1);
    const last = Math.min(Math.max(Math.ceil(to), first + 1), length);
    const weights = Float64Array.from({ length: last - first }, (__, j) =>
      Math.max(0, Math.min(to, first + j + 1) - Math.max(from, first + j)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first: start + first, weights: weights.map((weight) => weight / sum) };
  });
}
