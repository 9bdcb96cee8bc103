/**
 * Closes a step and opens the next. One workgroup per value: the first `filters` x (taps + 1) each sum the shares
 * of one filter weight's or bias's gradient in order and make Adam's update of it; `outputs` more do so for the outputs' biases, and
 * two write the step's mean loss and correct count; the rest gather the next step's images. Each of 64 threads sums
 * every 64th share, then one sums 64 of them from workgroup memory (64 floats).
 * One pass: workgroups (`updateWorkgroups` + `gatherWorkgroups` of the next step, if there is one).
 */
import { adamFunction } from '../adam.ts';
import { type Kernel, makeKernel, WORKGROUP } from '../kernel.ts';
import { biasOffset, filterStride, filtersSection } from '../layout.ts';
import { RECORD_STRUCT } from '../record.ts';
import type { NetworkSizes } from '../sizes.ts';
import { fitTile, type Tile, tileCount } from '../tile.ts';
import { gatherFunction } from './gather.ts';
import { headStride } from './head.ts';

export function updateKernel(sizes: NetworkSizes, backwardTile: Tile): Kernel {
  const { filters, taps, outputs } = sizes;
  const tiles = tileCount(sizes, fitTile(sizes, backwardTile));
  const section = filtersSection(sizes);
  const filterValues = filters * (taps + 1);
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
var<workgroup> shares: array<f32, ${WORKGROUP}>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  if (group.x >= ${updateWorkgroups(sizes)}u) {
    gather((group.x - ${updateWorkgroups(sizes)}u) * ${WORKGROUP}u + local.x);
    return;
  }
  let isFilter = group.x < ${filterValues}u;
  let output = group.x - ${filterValues}u;
  var share = 0.0;
  if (isFilter) {
    for (var tile = local.x; tile < ${tiles}u; tile += ${WORKGROUP}u) {
      share += filterGradients[group.x * ${tiles}u + tile];
    }
  } else {
    for (var image = local.x; image < record.count; image += ${WORKGROUP}u) {
      share += head[image * ${headStride(sizes)}u + output];
    }
  }
  shares[local.x] = share;
  workgroupBarrier();
  if (local.x > 0u) { return; }
  var total = 0.0;
  for (var i = 0u; i < ${WORKGROUP}u; i++) {
    total += shares[i];
  }
  if (!isFilter && output >= ${outputs}u) {
    metrics[record.slot * 2u + output - ${outputs}u] = select(total, total / f32(record.count), output == ${outputs}u);
    return;
  }
  let filterAt = group.x / ${taps + 1}u * ${filterStride(sizes)}u + group.x % ${taps + 1}u;
  let at = select(${biasOffset(sizes)}u + output, filterAt, isFilter);
  let updated = adam(filters[at], filters[at + ${section}u], filters[at + ${2 * section}u], total);
  filters[at] = updated.parameter;
  filters[at + ${section}u] = updated.first;
  filters[at + ${2 * section}u] = updated.second;
}`,
  );
}

export function updateWorkgroups({ filters, taps, outputs }: NetworkSizes): number {
  return filters * (taps + 1) + outputs + 2;
}
