/**
 * Adversarial training on the device (Madry et al. 2018). `attackStart` stores the clean images and moves to a random
 * point of the ball. `attackStep` adds the filter groups' parts of the gradient, steps along its sign (linf) or its
 * direction (l2), and projects onto the ball and to [0, 1]. Both write rows and columns of the batch. A workgroup of
 * 256 threads handles one image; lengths are summed in a fixed tree in workgroup memory (256 floats). The random
 * numbers are those of `uniformAt` in ml/adversarial.
 */

import { partialGradientStride } from './inputGradient.ts';
import { type Kernel, makeKernel } from './kernel.ts';
import { RECORD_STRUCT } from './record.ts';
import { IMAGE_WORKGROUP, type NetworkSizes } from './sizes.ts';

export type AttackNorm = 'linf' | 'l2';

/**
 * The radius passed to the programs, reduced so that float32 rounding never leaves the requested ball: by twice the
 * largest error of clean +- epsilon in [0, 1] (linf), or by more than the error of 784 terms and the scaling (l2).
 */
export function radiusInside(norm: AttackNorm, epsilon: number): number {
  return Math.max(0, norm === 'linf' ? epsilon - 2 ** -23 : epsilon * (1 - 2 ** -18) - 2 ** -20);
}

const REDUCTION = `
var<workgroup> shares: array<f32, ${IMAGE_WORKGROUP}>;
fn reduced(share: f32, thread: u32, isSum: bool) -> f32 {
  shares[thread] = share;
  for (var half = ${IMAGE_WORKGROUP / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) {
      let other = shares[thread + half];
      shares[thread] = select(max(shares[thread], other), shares[thread] + other, isSum);
    }
  }
  return workgroupUniformLoad(&shares[0]);
}`;

/** How an attack's program writes a pixel: `fn write(image: u32, pixel: u32, value: f32)`. */
const WRITE_BOTH = (pixels: number) => `
fn write(image: u32, pixel: u32, value: f32) {
  batch[row(image, pixel)] = value;
  batch[record.count * ${pixels}u + pixel * record.count + image] = value;
}`;

function attackHelpers(pixels: number): string {
  return `
fn row(image: u32, pixel: u32) -> u32 { return image * ${pixels}u + pixel; }
fn clipped(value: f32, clean: f32) -> f32 {
  return clamp(clamp(value, clean - record.epsilon, clean + record.epsilon), 0.0, 1.0);
}`;
}

const eachPixel = (pixels: number, body: string) =>
  `for (var pixel = local.x; pixel < ${pixels}u; pixel += ${IMAGE_WORKGROUP}u) {
    let at = row(group.x, pixel);
    ${body}
  }`;

const MAIN = `@compute @workgroup_size(${IMAGE_WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u)`;

/**
 * The body of the program that keeps the clean images in `original` and moves `batch` to a random point of the ball.
 * @param write WGSL of `fn write(image: u32, pixel: u32, value: f32)`
 */
export function attackStartBody(
  pixels: number,
  { norm, randomStart, write }: { norm: AttackNorm; randomStart: boolean; write: string },
): string {
  const draws = 2 * pixels + 2;
  const draw = `group.x * ${draws}u`;
  return `${attackHelpers(pixels)}
${write}
${randomStart ? UNIFORM : ''}
${randomStart && norm === 'l2' ? REDUCTION : ''}
${randomStart && norm === 'l2' ? normalAt : ''}
${MAIN} {
  ${eachPixel(pixels, 'original[at] = batch[at];')}
  ${
    !randomStart
      ? ''
      : norm === 'linf'
        ? eachPixel(
            pixels,
            `let change = record.epsilon * (2.0 * uniformAt(${draw} + 2u * pixel) - 1.0);
    write(group.x, pixel, clipped(original[at] + change, original[at]));`,
          )
        : `var squares = 0.0;
  ${eachPixel(
    pixels,
    `let normal = normalAt(${draw} + 2u * pixel);
    squares += normal * normal;`,
  )}
  let radius = record.epsilon * pow(uniformAt(${draw} + ${2 * pixels}u), ${1 / pixels});
  let scale = radius / sqrt(reduced(squares, local.x, true));
  ${eachPixel(
    pixels,
    `write(group.x, pixel, clamp(original[at] + scale * normalAt(${draw} + 2u * pixel), 0.0, 1.0));`,
  )}`
  }
}`;
}

/**
 * The body of the program that makes one step of the attack on `batch`.
 * @param write WGSL of `fn write(image: u32, pixel: u32, value: f32)`
 * @param gradientAt WGSL of `fn gradientAt(image: u32, pixel: u32) -> f32`
 */
export function attackStepBody(
  pixels: number,
  { norm, write, gradientAt }: { norm: AttackNorm; write: string; gradientAt: string },
): string {
  const isL2 = norm === 'l2';
  return `${attackHelpers(pixels)}
${write}
${isL2 ? REDUCTION : ''}
${gradientAt}
${MAIN} {
  ${
    isL2
      ? `var most = 0.0;
  ${eachPixel(pixels, 'most = max(most, abs(gradientAt(group.x, pixel)));')}
  // Divide by the largest entry first, because the squares of a confident image's gradient would underflow.
  let largest = reduced(most, local.x, false);
  if (largest == 0.0) { return; }
  var squares = 0.0;
  ${eachPixel(
    pixels,
    `let share = gradientAt(group.x, pixel) / largest;
    squares += share * share;`,
  )}
  let step = record.attackStepSize / sqrt(reduced(squares, local.x, true));
  var distances = 0.0;
  ${eachPixel(
    pixels,
    `let change = batch[at] + step * (gradientAt(group.x, pixel) / largest) - original[at];
    distances += change * change;`,
  )}
  let scale = min(1.0, record.epsilon / max(sqrt(reduced(distances, local.x, true)), 1e-30));
  ${eachPixel(
    pixels,
    `let change = batch[at] + step * (gradientAt(group.x, pixel) / largest) - original[at];
    write(group.x, pixel, clamp(original[at] + scale * change, 0.0, 1.0));`,
  )}`
      : eachPixel(
          pixels,
          `let moved = batch[at] + record.attackStepSize * sign(gradientAt(group.x, pixel));
    write(group.x, pixel, clipped(moved, original[at]));`,
        )
  }
}`;
}

export function attackStartKernel({ pixels }: NetworkSizes, norm: AttackNorm, randomStart: boolean): Kernel {
  return makeKernel(
    `attackStart ${norm} ${randomStart}`,
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'batch', access: 'read_write', type: 'array<f32>' },
      { name: 'original', access: 'read_write', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
${attackStartBody(pixels, { norm, randomStart, write: WRITE_BOTH(pixels) })}`,
  );
}

export function attackStepKernel(sizes: NetworkSizes, norm: AttackNorm): Kernel {
  const { pixels } = sizes;
  const gradientAt = `
fn gradientAt(image: u32, pixel: u32) -> f32 {
  var total = 0.0;
  for (var part = 0u; part < record.filterGroups; part++) {
    total += partialGradient[(part * record.count + image) * ${partialGradientStride(sizes)}u + pixel];
  }
  return total;
}`;
  return makeKernel(
    `attackStep ${norm}`,
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'batch', access: 'read_write', type: 'array<f32>' },
      { name: 'original', access: 'read', type: 'array<f32>' },
      { name: 'partialGradient', access: 'read', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
${attackStepBody(pixels, { norm, write: WRITE_BOTH(pixels), gradientAt })}`,
  );
}

/** C. Wellons' `lowbias32`, two rounds. */
const UNIFORM = `
fn hash(value: u32) -> u32 {
  var bits = value;
  bits = (bits ^ (bits >> 16u)) * 0x7feb352du;
  bits = (bits ^ (bits >> 15u)) * 0x846ca68bu;
  return bits ^ (bits >> 16u);
}
fn uniformAt(index: u32) -> f32 {
  return f32(hash(hash(record.seed) ^ index) >> 8u) * ${2 ** -24};
}`;

/** Box-Muller; 1 - uniform is never 0. */
const normalAt = `
fn normalAt(index: u32) -> f32 {
  return sqrt(-2.0 * log(1.0 - uniformAt(index))) * cos(${2 * Math.PI} * uniformAt(index + 1u));
}`;
