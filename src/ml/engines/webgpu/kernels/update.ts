/**
 * Ends a step and prepares the next. One workgroup per value: the first `filters` x (taps + 1) each sum the parts of
 * the gradient of one filter weight or bias in order and apply Adam; `outputs` more do so for the outputs' biases;
 * two write the step's mean loss and correct count; the rest gather the next step's images. Each of 64 threads sums
 * every 64th part, then one thread sums these 64 from workgroup memory (64 floats). `serial`: one thread per value,
 * without workgroup memory, for software adapters. One pass: workgroups (`updateWorkgroups` + `gatherWorkgroups` of
 * the next step, if there is one).
 */
import { adamFunction } from './adam.ts';
import { gatherFunction } from './gather.ts';
import { headStride } from './head.ts';
import { type Kernel, makeKernel, WORKGROUP } from './kernel.ts';
import { biasOffset, filterStride, filtersSection } from './layout.ts';
import { RECORD_STRUCT } from './record.ts';
import type { NetworkSizes } from './sizes.ts';
import { fitTile, type Tile, tileCount } from './tile.ts';

export type UpdateMode = 'parallel' | 'serial';

export function updateKernel(sizes: NetworkSizes, backwardTile: Tile, mode: UpdateMode): Kernel {
  const { filters, taps, outputs } = sizes;
  const tiles = tileCount(sizes, fitTile(sizes, backwardTile));
  const section = filtersSection(sizes);
  const filterValues = filters * (taps + 1);
  const first = updateWorkgroups(sizes, mode);
  const isSerial = mode === 'serial';
  const sum = (start: string, step: string) => `if (isFilter) {
    for (var tile = ${start}; tile < ${tiles}u; tile += ${step}) {
      total += filterGradients[which * ${tiles}u + tile];
    }
  } else {
    for (var image = ${start}; image < record.count; image += ${step}) {
      total += head[image * ${headStride(sizes)}u + output];
    }
  }`;
  return makeKernel(
    'update',
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'nextRecord', access: 'read', type: 'Record' },
      { name: 'source', access: 'read', type: 'array<u32>' },
      { name: 'batch', access: 'read_write', type: 'array<f32>' },
      { name: 'filters', access: 'read_write', type: 'array<f32>' },
      { name: 'head', access: 'read', type: 'array<f32>' },
      { name: 'filterGradients', access: 'read', type: 'array<f32>' },
      { name: 'metrics', access: 'read_write', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
${adamFunction('f32')}
${gatherFunction(sizes, 'nextRecord')}
${isSerial ? '' : `var<workgroup> shares: array<f32, ${WORKGROUP}>;`}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  if (group.x >= ${first}u) {
    gather((group.x - ${first}u) * ${WORKGROUP}u + local.x);
    return;
  }
  let which = ${isSerial ? `group.x * ${WORKGROUP}u + local.x` : 'group.x'};
  let isFilter = which < ${filterValues}u;
  let output = which - ${filterValues}u;
  var total = 0.0;
  ${
    isSerial
      ? `if (which >= ${valueCount(sizes)}u) { return; }
  ${sum('0u', '1u')}`
      : `${sum('local.x', `${WORKGROUP}u`)}
  shares[local.x] = total;
  workgroupBarrier();
  if (local.x > 0u) { return; }
  total = 0.0;
  for (var i = 0u; i < ${WORKGROUP}u; i++) {
    total += shares[i];
  }`
  }
  if (!isFilter && output >= ${outputs}u) {
    metrics[record.slot * 2u + output - ${outputs}u] = select(total, total / f32(record.count), output == ${outputs}u);
    return;
  }
  let filterAt = which / ${taps + 1}u * ${filterStride(sizes)}u + which % ${taps + 1}u;
  let at = select(${biasOffset(sizes)}u + output, filterAt, isFilter);
  let updated = adam(filters[at], filters[at + ${section}u], filters[at + ${2 * section}u], total);
  filters[at] = updated.parameter;
  filters[at + ${section}u] = updated.first;
  filters[at + ${2 * section}u] = updated.second;
}`,
  );
}

/** Number of workgroups that update; the following ones gather. */
export function updateWorkgroups(sizes: NetworkSizes, mode: UpdateMode): number {
  return mode === 'serial' ? Math.ceil(valueCount(sizes) / WORKGROUP) : valueCount(sizes);
}

/** Filters' weights and biases, the outputs' biases, loss and correct. */
function valueCount({ filters, taps, outputs }: NetworkSizes): number {
  return filters * (taps + 1) + outputs + 2;
}
