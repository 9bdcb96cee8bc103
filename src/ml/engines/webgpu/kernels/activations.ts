/**
 * Activations of the convolution or of ReLU, when requested: [image][filter][position]. A thread handles one position
 * of one image: it holds the position's pixels and loops over all filters. Neighboring threads write neighboring
 * positions. One pass, no workgroup memory: workgroups (positions / 64, images).
 */
import { type Kernel, makeKernel, WORKGROUP } from './kernel.ts';
import { RECORD_STRUCT } from './record.ts';
import type { NetworkSizes } from './sizes.ts';
import { convolution, loadFilter, loadPixels } from './tile.ts';

export function activationsKernel(sizes: NetworkSizes, layer: 'conv' | 'relu'): Kernel {
  const { positions, mapWidth, width, pixels, filters, units } = sizes;
  return makeKernel(
    `activations ${layer}`,
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'batch', access: 'read', type: 'array<f32>' },
      { name: 'filters', access: 'read', type: 'array<f32>' },
      { name: 'activations', access: 'read_write', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let position = id.x;
  let image = id.y;
  if (position >= ${positions}u || image >= record.count) { return; }
  let corner = image * ${pixels}u + (position / ${mapWidth}u) * ${width}u + position % ${mapWidth}u;
  ${loadPixels(sizes, { width: 1, height: 1 }, 'p', (y, x) => `corner + ${y * width + x}u`)}
  for (var channel = 0u; channel < ${filters}u; channel++) {
    ${loadFilter(sizes, 'c', 'channel')}
    let z = ${convolution(sizes, 'c', 'p', 0, 0)};
    activations[image * ${units}u + channel * ${positions}u + position] = ${layer === 'relu' ? 'select(0.0, z, z > 0.0)' : 'z'};
  }
}`,
  );
}

export function activationsWorkgroups({ positions }: NetworkSizes, count: number): [number, number] {
  return [Math.ceil(positions / WORKGROUP), count];
}
