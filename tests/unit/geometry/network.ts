import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The notebook's network in plain loops, float64 sums rounded to float32 as engines give them: only for tests. */
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

/** Activations [count, units] of one layer. */
export function forward(
  parameters: Record<string, Float32Array>,
  images: Float32Array,
  layer: Layer,
): { data: Float64Array; rows: number; columns: number } {
  const rows = images.length / 784;
  if (layer === 'input') return { data: Float64Array.from(images), rows, columns: 784 };
  const weight = parameters['conv.weight'];
  const bias = parameters['conv.bias'];
  const hidden = new Float64Array(rows * 21632);
  for (let n = 0; n < rows; n++) {
    for (let c = 0; c < 32; c++) {
      for (let y = 0; y < 26; y++) {
        for (let x = 0; x < 26; x++) {
          let sum = bias[c];
          for (let i = 0; i < 3; i++) {
            for (let j = 0; j < 3; j++) {
              sum += weight[c * 9 + i * 3 + j] * images[n * 784 + (y + i) * 28 + x + j];
            }
          }
          hidden[n * 21632 + c * 676 + y * 26 + x] = layer === 'conv' || sum > 0 ? sum : 0;
        }
      }
    }
  }
  if (layer !== 'fc') return { data: hidden, rows, columns: 21632 };
  const logits = new Float64Array(rows * 10);
  for (let n = 0; n < rows; n++) {
    for (let k = 0; k < 10; k++) {
      let sum = parameters['fc.bias'][k];
      for (let i = 0; i < 21632; i++) sum += parameters['fc.weight'][k * 21632 + i] * hidden[n * 21632 + i];
      logits[n * 10 + k] = sum;
    }
  }
  return { data: logits, rows, columns: 10 };
}

/** Splits rows into equal groups. */
export function split(
  { data, columns }: { data: Float64Array; columns: number },
  sizes: readonly number[],
): { data: Float64Array; rows: number; columns: number }[] {
  let row = 0;
  return sizes.map((rows) => {
    const part = data.slice(row * columns, (row + rows) * columns);
    row += rows;
    return { data: part, rows, columns };
  });
}
