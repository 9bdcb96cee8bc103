/**
 * Closes a step and opens the next. Workgroup f of the first `filters` sums the shares of filter f's gradient in order and
 * makes Adam's update of its weights and bias; the workgroup after them does so for the outputs' biases and
 * writes the step's mean loss and correct count; the rest gather the next step's images. Each of 64 threads sums every 64th
 * share, then one thread per value sums 64 of them from workgroup memory ((taps + 1) x 64 floats, 12.5 KiB at most).
 * One pass: workgroups (filters + 1 + `gatherWorkgroups` of the next step, if there is one).
 */
import { adamFunction } from '../adam.ts';
import { type Kernel, lines, makeKernel, WORKGROUP } from '../kernel.ts';
import { biasOffset, filterStride, filtersSection } from '../layout.ts';
import { RECORD_STRUCT } from '../record.ts';
import type { NetworkSizes } from '../sizes.ts';
import { fitTile, type Tile, tileCount } from '../tile.ts';
import { gatherFunction } from './gather.ts';
import { headStride } from './head.ts';

export function updateKernel(sizes: NetworkSizes, backwardTile: Tile): Kernel {
  const { filters, taps, outputs } = sizes;
  const tiles = tileCount(sizes, fitTile(sizes, backwardTile));
  const stride = filterStride(sizes);
  const section = filtersSection(sizes);
  const values = Math.max(taps + 1, outputs + 2);
  const store = (count: number) => lines(count, (k) => `sums[${k * WORKGROUP}u + local.x] = sum${k};`);
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
var<workgroup> sums: array<f32, ${values * WORKGROUP}>;
fn addShares(value: u32, thread: u32) -> f32 {
  var share = 0.0;
  for (var tile = thread; tile < ${tiles}u; tile += ${WORKGROUP}u) {
    share += filterGradients[value * ${tiles}u + tile];
  }
  return share;
}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  if (group.x > ${filters}u) {
    gather((group.x - ${filters + 1}u) * ${WORKGROUP}u + local.x);
    return;
  }
  let isHead = group.x == ${filters}u;
  if (isHead) {
    ${lines(outputs + 2, (k) => `var sum${k} = 0.0;`)}
    for (var image = local.x; image < record.count; image += ${WORKGROUP}u) {
      ${lines(outputs + 2, (k) => `sum${k} += head[image * ${headStride(sizes)}u + ${k}u];`)}
    }
    ${store(outputs + 2)}
  } else {
    for (var k = 0u; k < ${taps + 1}u; k++) {
      sums[k * ${WORKGROUP}u + local.x] = addShares(group.x * ${stride}u + k, local.x);
    }
  }
  workgroupBarrier();
  if (local.x >= select(${taps + 1}u, ${outputs + 2}u, isHead)) { return; }
  var total = 0.0;
  for (var i = 0u; i < ${WORKGROUP}u; i++) {
    total += sums[local.x * ${WORKGROUP}u + i];
  }
  if (isHead && local.x >= ${outputs}u) {
    let isLoss = local.x == ${outputs}u;
    metrics[record.slot * 2u + local.x - ${outputs}u] = select(total, total / f32(record.count), isLoss);
    return;
  }
  let at = select(group.x * ${stride}u, ${biasOffset(sizes)}u, isHead) + local.x;
  let updated = adam(filters[at], filters[at + ${section}u], filters[at + ${2 * section}u], total);
  filters[at] = updated.parameter;
  filters[at + ${section}u] = updated.first;
  filters[at + ${2 * section}u] = updated.second;
}`,
  );
}

export function updateWorkgroups({ filters }: NetworkSizes): number {
  return filters + 1;
}
