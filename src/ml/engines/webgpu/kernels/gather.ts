/**
 * Gathers a batch of images as float32, twice: as rows [image][pixel] for programs whose neighboring threads handle
 * neighboring positions, and as columns [pixel][image] for those whose threads handle neighboring images. A thread
 * writes four pixels of one image. One pass, no workgroup memory. `update` runs this for the next step.
 */
import { type Kernel, lines, makeKernel, WORKGROUP } from './kernel.ts';
import { RECORD_STRUCT } from './record.ts';
import type { NetworkSizes } from './sizes.ts';

/** Words of `source` before the images: a table of byte / 255, because a GPU's own division may round differently. */
export const LEVELS = 256;

/** 32-bit words of one image's bytes in `source`. */
export function wordsPerImage({ pixels }: Pick<NetworkSizes, 'pixels'>): number {
  return Math.ceil(pixels / 4);
}

/** Workgroups that gather `count` images. */
export function gatherWorkgroups(sizes: NetworkSizes, count: number): number {
  return Math.ceil((count * wordsPerImage(sizes)) / WORKGROUP);
}

/** The WGSL function `gather(thread)`: reads `source` at the rows listed in the record of that name. */
export function gatherFunction(sizes: NetworkSizes, record: string): string {
  const { pixels } = sizes;
  const words = wordsPerImage(sizes);
  return `
fn gather(thread: u32) {
  let image = thread / ${words}u;
  let word = thread % ${words}u;
  let count = ${record}.count;
  if (image >= count) { return; }
  let bytes = source[${LEVELS}u + ${record}.values[image] * ${words}u + word];
  ${lines(4, (i) => {
    const write = `let value = bitcast<f32>(source[(bytes >> ${8 * i}u) & 255u]);
  batch[image * ${pixels}u + pixel] = value;
  batch[count * ${pixels}u + pixel * count + image] = value;`;
    return `{
  let pixel = word * 4u + ${i}u;
  ${pixels % 4 === 0 ? write : `if (pixel < ${pixels}u) { ${write} }`}
}`;
  })}
}`;
}

/** Gathers rows of the data. */
export function gatherKernel(sizes: NetworkSizes): Kernel {
  return makeKernel(
    'gather',
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'source', access: 'read', type: 'array<u32>' },
      { name: 'batch', access: 'read_write', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
${gatherFunction(sizes, 'record')}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  gather(id.x);
}`,
  );
}

/** Creates the columns if the rows were already written as float32. A thread handles one pixel of one image. */
export function transposeKernel({ pixels }: NetworkSizes): Kernel {
  return makeKernel(
    'transpose',
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'batch', access: 'read_write', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pixel = id.x;
  let image = id.y;
  if (pixel >= ${pixels}u) { return; }
  let count = record.count;
  batch[count * ${pixels}u + pixel * count + image] = batch[image * ${pixels}u + pixel];
}`,
  );
}
