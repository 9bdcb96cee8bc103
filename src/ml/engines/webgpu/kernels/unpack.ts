/**
 * Converts parameters from the engine's layout to PyTorch's, for callers that use them as tensors on the same device.
 * A thread writes one weight of the linear layer; the first threads also write the few other parameters. One pass, no
 * workgroup memory: workgroups (units x outputs / 64).
 */
import { type BufferName, type Kernel, makeKernel, WORKGROUP } from './kernel.ts';
import { biasOffset, filterStride } from './layout.ts';
import type { NetworkSizes } from './sizes.ts';

export function unpackKernel(sizes: NetworkSizes): Kernel {
  const { filters, taps, units, outputs } = sizes;
  return makeKernel(
    'unpack',
    [
      { name: 'filters', access: 'read', type: 'array<f32>' },
      { name: 'dense', access: 'read', type: 'array<f32>' },
      { name: 'filterWeight', access: 'read_write', type: 'array<f32>' },
      { name: 'filterBias', access: 'read_write', type: 'array<f32>' },
      { name: 'denseWeight', access: 'read_write', type: 'array<f32>' },
      { name: 'denseBias', access: 'read_write', type: 'array<f32>' },
    ],
    `@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < ${units * outputs}u; i += groups.x * ${WORKGROUP}u) {
    denseWeight[i] = dense[(i % ${units}u) * ${outputs}u + i / ${units}u];
  }
  let i = id.x;
  if (i < ${filters * taps}u) {
    filterWeight[i] = filters[(i / ${taps}u) * ${filterStride(sizes)}u + i % ${taps}u];
  }
  if (i < ${filters}u) {
    filterBias[i] = filters[i * ${filterStride(sizes)}u + ${taps}u];
  }
  if (i < ${outputs}u) {
    denseBias[i] = filters[${biasOffset(sizes)}u + i];
  }
}`,
  );
}

const MOST_WORKGROUPS = 65_535;

export function unpackWorkgroups({ units, outputs }: NetworkSizes): number {
  return Math.min(MOST_WORKGROUPS, Math.ceil((units * outputs) / WORKGROUP));
}

/** Floats of one of the unpacked buffers. */
export function unpackedLength({ filters, taps, units, outputs }: NetworkSizes, name: BufferName): number {
  switch (name) {
    case 'filterWeight':
      return filters * taps;
    case 'filterBias':
      return filters;
    case 'denseWeight':
      return units * outputs;
    default:
      return outputs;
  }
}
