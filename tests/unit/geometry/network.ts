import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { dot } from '../../../src/ml/linear/dot.ts';

/** The notebook's network in plain loops, for tests only: float64 sums, rounded to float32 like an engine's. */
const root = new URL('../../../', import.meta.url);

export type Layer = 'input' | 'conv' | 'relu' | 'fc';

export function readTensors(name: string): Record<string, Float32Array> {
  const bytes = readFileSync(new URL(`tests/golden/${name}`, root));
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const tensors: Record<string, Float32Array> = {};
  for (const [key, { data_offsets }] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const start = bytes.byteOffset + 8 + headerLength;
    tensors[key] = new Float32Array(bytes.buffer.slice(start + data_offsets[0], start + data_offsets[1]));
  }
  return tensors;
}

let trainImages: Buffer | undefined;

/** Training images as pixels in [0, 1], [count, 784]. */
export function readImages(indices: readonly number[]): Float32Array {
  trainImages ??= gunzipSync(readFileSync(new URL('public/mnist/train-images-idx3-ubyte.gz', root)));
  const pixels = new Float32Array(indices.length * 784);
  indices.forEach((index, row) => {
    for (let k = 0; k < 784; k++) pixels[row * 784 + k] = (trainImages?.[16 + index * 784 + k] ?? 0) / 255;
  });
  return pixels;
}

/** Activations of all layers, [count, units] each. */
export function forward(
  parameters: Record<string, Float32Array>,
  images: Float32Array,
): Record<Layer, { data: Float64Array; rows: number; columns: number }> {
  const rows = images.length / 784;
  const input = Float64Array.from(images);
  const conv = new Float64Array(rows * 21632);
  convolve(parameters, input, conv);
  const relu = new Float64Array(conv.length);
  for (let i = 0; i < conv.length; i++) relu[i] = Math.max(conv[i], 0);
  const fc = logits(parameters, conv);
  return {
    input: { data: input, rows, columns: 784 },
    conv: { data: conv, rows, columns: 21632 },
    relu: { data: relu, rows, columns: 21632 },
    fc: { data: fc, rows, columns: 10 },
  };
}

/** The first layer, before ReLU, written to `output`: [count, 21632]. */
export function convolve(
  { 'conv.weight': weight, 'conv.bias': bias }: Record<string, Float32Array>,
  input: Float64Array,
  output: Float32Array | Float64Array,
): void {
  const rows = input.length / 784;
  for (let n = 0; n < rows; n++) {
    for (let c = 0; c < 32; c++) {
      const [w0, w1, w2, w3, w4, w5, w6, w7, w8] = weight.subarray(c * 9, c * 9 + 9);
      for (let y = 0; y < 26; y++) {
        const a = n * 784 + y * 28;
        const b = a + 28;
        const d = b + 28;
        const out = n * 21632 + c * 676 + y * 26;
        for (let x = 0; x < 26; x++) {
          output[out + x] =
            bias[c] +
            w0 * input[a + x] +
            w1 * input[a + x + 1] +
            w2 * input[a + x + 2] +
            w3 * input[b + x] +
            w4 * input[b + x + 1] +
            w5 * input[b + x + 2] +
            w6 * input[d + x] +
            w7 * input[d + x + 1] +
            w8 * input[d + x + 2];
        }
      }
    }
  }
}

/** The last layer from the first, [count, 10]. */
export function logits(
  parameters: Record<string, Float32Array>,
  conv: Float32Array | Float64Array,
): Float64Array {
  const rows = conv.length / 21632;
  const fc = new Float64Array(rows * 10);
  const weight = Float64Array.from(parameters['fc.weight']);
  const hidden = new Float64Array(21632);
  for (let n = 0; n < rows; n++) {
    for (let i = 0; i < 21632; i++) hidden[i] = Math.max(conv[n * 21632 + i], 0);
    for (let k = 0; k < 10; k++) {
      fc[n * 10 + k] = parameters['fc.bias'][k] + dot(weight, k * 21632, hidden, 0, 21632);
    }
  }
  return fc;
}
