import { addPair, addSingle, collect } from './gradients';
import { correlateFour, correlateTwo } from './correlate';

/**
 * A convolution over a shard: forward, or with turned weights the gradient of its input.
 * @param input the column under the first tap of the first output's column, in row 0 of map 0
 * @param plane bytes from a map to the next, `pitch` from a row to the next
 * @param above rows of zeros above the image, which the kernel skips; columns of zeros are part of the input
 * @param weights [groups of 4 outputs][kernel rows][maps][kernel][4 outputs]
 * @param bias [groups of 4 outputs], or 0 for none
 * @param mask activations of the output's shape, with their own strides: the gradient is kept where they are positive. Address 0
 *   keeps the whole gradient
 */
export function convolve(
  input: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  inputRows: i32,
  kernel: i32,
  above: i32,
  weights: usize,
  bias: usize,
  output: usize,
  outPlane: usize,
  outPitch: usize,
  outputs: i32,
  rows: i32,
  columns: i32,
  rectify: bool,
  mask: usize,
  maskPlane: usize,
  maskPitch: usize,
): void {
  const rowBytes = usize(maps * kernel) << 4;
  const groupBytes = usize(kernel) * rowBytes;
  for (let row = 0; row < rows; row++) {
    const first = max(0, above - row);
    const count = min(kernel, inputRows + above - row) - first;
    const from = input + usize(row - above + first) * pitch;
    for (let output0 = 0; output0 < outputs; output0 += 4) {
      const group = usize(output0 >> 2);
      const w = weights + group * groupBytes + usize(first) * rowBytes;
      const b = bias ? bias + (group << 4) : 0;
      const left = outputs - output0;
      const o0 = output + usize(output0) * outPlane + usize(row) * outPitch;
      const o1 = left > 1 ? o0 + outPlane : o0;
      const m = mask ? mask + usize(output0) * maskPlane + usize(row) * maskPitch : 0;
      if (left > 2) {
        const o2 = o1 + outPlane;
        const o3 = left > 3 ? o2 + outPlane : o2;
        correlateFour(
          from, plane, pitch, maps, kernel, count, w, b, o0, o1, o2, o3, columns, rectify, m, maskPlane,
        );
      } else {
        correlateTwo(from, plane, pitch, maps, kernel, count, w, b, o0, o1, columns, rectify, m, maskPlane);
      }
    }
  }
}

/**
 * The gradient of a convolution's weights.
 * @param offsets u32 [maps x kernel]: bytes from the first tap of a kernel row to each of its taps
 * @param sums room for [kernel rows][maps][kernel][4 outputs][4 lanes]
 * @param zeros a row of zeros, read in place of outputs that only fill up a group of four
 * @param gradient out, in the layout of the weights
 */
export function convolutionGradient(
  input: usize,
  pitch: usize,
  taps: i32,
  inputRows: i32,
  kernel: i32,
  above: i32,
  cotangent: usize,
  outPlane: usize,
  outPitch: usize,
  outputs: i32,
  rows: i32,
  columns: i32,
  offsets: usize,
  sums: usize,
  zeros: usize,
  gradient: usize,
  accumulate: bool,
): void {
  const tapBytes: usize = 64;
  for (let output = 0; output < outputs; output += 4) {
    memory.fill(sums, 0, usize(kernel * taps) * tapBytes);
    const left = outputs - output;
    for (let row = 0; row < rows; row++) {
      const d0 = cotangent + usize(output) * outPlane + usize(row) * outPitch;
      const d1 = left > 1 ? d0 + outPlane : zeros;
      const d2 = left > 2 ? d0 + 2 * outPlane : zeros;
      const d3 = left > 3 ? d0 + 3 * outPlane : zeros;
      const first = max(0, above - row);
      const end = min(kernel, inputRows + above - row);
      for (let y = first; y < end; y++) {
        const from = input + usize(row - above + y) * pitch;
        let sum = sums + usize(y * taps) * tapBytes;
        let offset = offsets;
        let tap = 0;
        for (; tap + 2 <= taps; tap += 2) {
          addPair(from + load<u32>(offset), from + load<u32>(offset, 4), d0, d1, d2, d3, columns, sum);
          offset += 8;
          sum += 2 * tapBytes;
        }
        if (tap < taps) {
          addSingle(from + load<u32>(offset), d0, d1, d2, d3, columns, sum);
        }
      }
    }
    const group = gradient + (usize((output >> 2) * kernel * taps) << 4);
    collect(sums, kernel * taps, group, accumulate);
  }
}

/**
 * Turns a convolution's weights for the gradient of its input: both axes reversed, inputs and outputs exchanged.
 * @param weights [groups of 4 outputs][kernel rows][maps][kernel][4 outputs]
 * @param turned out, [groups of 4 maps][kernel rows][outputs][kernel][4 maps]
 */
export function turn(weights: usize, outputs: i32, maps: i32, kernel: i32, turned: usize): void {
  for (let map = 0; map < maps; map++) {
    for (let y = 0; y < kernel; y++) {
      for (let output = 0; output < outputs; output++) {
        for (let x = 0; x < kernel; x++) {
          const row = (output >> 2) * kernel + (kernel - 1 - y);
          const from = ((row * maps + map) * kernel + (kernel - 1 - x)) * 4 + (output & 3);
          const to = ((((map >> 2) * kernel + y) * outputs + output) * kernel + x) * 4 + (map & 3);
          store<f32>(turned + (usize(to) << 2), load<f32>(weights + (usize(from) << 2)));
        }
      }
    }
  }
}
