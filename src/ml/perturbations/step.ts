/**
 * The arithmetic of one attack step, over float32 images [n, pixels] in [0, 1]. Attacks and adversarial training share this
 * code, with gradients from any engine.
 */
export type AttackNorm = 'linf' | 'l2';

export interface AttackBall {
  norm: AttackNorm;
  /** Radius of the ball: the limit of each pixel's change (linf) or of the change's Euclidean length (l2). */
  epsilon: number;
}

/**
 * A bound on the effect of float32 rounding on a change's Euclidean length: each pixel in [0, 1] is rounded by at most 2^-25.
 * The bound is 1e-6 for MNIST's 784 pixels.
 */
function l2Rounding(pixels: number): number {
  return Math.max(1e-6, 1.2 * Math.sqrt(pixels) * 2 ** -25);
}

/**
 * A uniform number in [0, 1) with 24 bits, a pure function of seed and index: the random start then depends
 * on neither chunks nor engines. (Two rounds of C. Wellons' `lowbias32` integer hash.)
 */
export function uniformAt(seed: number, index: number): number {
  return (hash(hash(seed >>> 0) ^ (index >>> 0)) >>> 8) * 2 ** -24;
}

function hash(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * The lowest and highest value of each pixel within epsilon (linf) and [0, 1]. Rounded inward, so that
 * |x - original| <= epsilon holds exactly in float32.
 */
export function pixelBounds(
  original: Float32Array,
  { norm, epsilon }: AttackBall,
): { lower: Float32Array; upper: Float32Array } {
  const lower = new Float32Array(original.length);
  const upper = new Float32Array(original.length).fill(1);
  if (norm === 'l2') {
    return { lower, upper };
  }
  for (let i = 0; i < original.length; i++) {
    lower[i] = Math.max(0, original[i] - epsilon);
    upper[i] = Math.min(1, original[i] + epsilon);
    // If rounding went outward, move to the next float32 inward.
    if (original[i] - lower[i] > epsilon) {
      lower[i] += lower[i] * 1.5 * 2 ** -24;
    }
    if (upper[i] - original[i] > epsilon) {
      upper[i] -= upper[i] * 2 ** -24;
    }
  }
  return { lower, upper };
}

/**
 * Moves the images to a random point of the ball, in place: uniform in the box (linf), uniform in the ball
 * (l2), then clipped to [0, 1].
 * @param firstIndex index of the first image in the whole run, so that random starts do not depend on chunks.
 */
export function randomStart(
  images: Float32Array,
  original: Float32Array,
  pixels: number,
  { norm, epsilon }: AttackBall,
  seed: number,
  firstIndex = 0,
): void {
  const { lower, upper } = pixelBounds(original, { norm, epsilon });
  const count = images.length / pixels;
  const change = new Float64Array(pixels);
  for (let n = 0; n < count; n++) {
    const offset = n * pixels;
    // Indices per image: two for each pixel, two more for the radius.
    const draw = (firstIndex + n) * (2 * pixels + 2);
    for (let p = 0; p < pixels; p++) {
      const first = uniformAt(seed, draw + 2 * p);
      change[p] =
        norm === 'linf'
          ? epsilon * (2 * first - 1)
          : // Box-Muller; 1 - first is never 0.
            Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * uniformAt(seed, draw + 2 * p + 1));
    }
    if (norm === 'l2') {
      const radius = epsilon * uniformAt(seed, draw + 2 * pixels) ** (1 / pixels);
      const scale = radius / Math.max(length(change), Number.MIN_VALUE);
      for (let p = 0; p < pixels; p++) {
        change[p] *= scale;
      }
    }
    for (let p = 0; p < pixels; p++) {
      const i = offset + p;
      images[i] = Math.min(Math.max(original[i] + change[p], lower[i]), upper[i]);
    }
    if (norm === 'l2') {
      projectToBall(images, original, offset, pixels, epsilon);
    }
  }
}

/**
 * One step up the gradient, in place: x + stepSize sign(g) (linf) or x + stepSize g / |g| (l2), projected
 * to the ball around the original and clipped to [0, 1]. A zero gradient moves nothing.
 */
export function attackStep(
  images: Float32Array,
  original: Float32Array,
  gradient: Float32Array,
  pixels: number,
  { norm, epsilon, stepSize }: AttackBall & { stepSize: number },
  { lower, upper }: { lower: Float32Array; upper: Float32Array },
): void {
  if (norm === 'linf') {
    for (let i = 0; i < images.length; i++) {
      images[i] = Math.min(Math.max(images[i] + stepSize * Math.sign(gradient[i]), lower[i]), upper[i]);
    }
    return;
  }
  for (let offset = 0; offset < images.length; offset += pixels) {
    const norm2 = length(gradient.subarray(offset, offset + pixels));
    if (norm2 === 0) {
      continue;
    }
    for (let i = offset; i < offset + pixels; i++) {
      images[i] += (stepSize / norm2) * gradient[i];
    }
    projectToBall(images, original, offset, pixels, epsilon);
    for (let i = offset; i < offset + pixels; i++) {
      images[i] = Math.min(Math.max(images[i], lower[i]), upper[i]);
    }
  }
}

/** Shortens one image's change to at most epsilon. Clipping to [0, 1] afterwards shortens it further. */
function projectToBall(
  images: Float32Array,
  original: Float32Array,
  offset: number,
  pixels: number,
  epsilon: number,
): void {
  let squares = 0;
  for (let i = offset; i < offset + pixels; i++) {
    squares += (images[i] - original[i]) ** 2;
  }
  const distance = Math.sqrt(squares);
  if (distance <= epsilon) {
    return;
  }
  const scale = Math.max(0, epsilon - l2Rounding(pixels)) / distance;
  for (let i = offset; i < offset + pixels; i++) {
    images[i] = original[i] + scale * (images[i] - original[i]);
  }
}

function length(values: Float32Array | Float64Array): number {
  let squares = 0;
  for (const value of values) {
    squares += value * value;
  }
  return Math.sqrt(squares);
}

/** An attack on a batch. `gradient` gives the derivative of the quantity to increase by the pixels of the given images. */
export interface BatchAttackRun extends AttackBall {
  original: Float32Array;
  pixels: number;
  steps: number;
  stepSize: number;
  randomStart: boolean;
  seed: number;
  firstIndex?: number;
  gradient(images: Float32Array): Promise<Float32Array>;
}

/**
 * FGSM (one step of size epsilon, Goodfellow et al. 2015) or PGD (Madry et al. 2018) on a batch.
 * @returns new images [n, pixels] within epsilon and [0, 1].
 */
export async function attackBatch(run: BatchAttackRun): Promise<Float32Array> {
  const images = run.original.slice();
  if (run.randomStart) {
    randomStart(images, run.original, run.pixels, run, run.seed, run.firstIndex);
  }
  const bounds = pixelBounds(run.original, run);
  for (let step = 0; step < run.steps; step++) {
    attackStep(images, run.original, await run.gradient(images), run.pixels, run, bounds);
  }
  return images;
}
