/**
 * Adds the filter groups' parts of the input gradient in order: `gradient` [image][pixels + 1], where the last float
 * is the objective's value. A thread handles one float. One pass, no workgroup memory: workgroups ((pixels + 1) / 64,
 * images).
 */

import { headStride } from './head.ts';
import { partialGradientStride } from './inputGradient.ts';
import { type Kernel, makeKernel, WORKGROUP } from './kernel.ts';
import { RECORD_STRUCT } from './record.ts';
import type { NetworkSizes } from './sizes.ts';

export function gradientSumKernel(sizes: NetworkSizes, valueFrom: 'head' | 'partialGradient'): Kernel {
  const { pixels, outputs } = sizes;
  const stride = partialGradientStride(sizes);
  const isHead = valueFrom === 'head';
  return makeKernel(
    `gradientSum ${valueFrom}`,
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'partialGradient', access: 'read', type: 'array<f32>' },
      { name: 'gradient', access: 'read_write', type: 'array<f32>' },
      ...(isHead ? [{ name: 'head', access: 'read', type: 'array<f32>' } as const] : []),
    ],
    `${RECORD_STRUCT}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let image = id.y;
  if (id.x >= ${stride}u) { return; }
  let at = image * ${stride}u + id.x;
  ${
    isHead
      ? `if (id.x == ${pixels}u) {
    gradient[at] = head[image * ${headStride(sizes)}u + ${outputs}u];
    return;
  }`
      : ''
  }
  var total = 0.0;
  for (var group = 0u; group < record.filterGroups; group++) {
    total += partialGradient[group * record.count * ${stride}u + at];
  }
  gradient[at] = total;
}`,
  );
}

export function gradientSumWorkgroups(sizes: NetworkSizes, count: number): [number, number] {
  return [Math.ceil(partialGradientStride(sizes) / WORKGROUP), count];
}
