/**
 * d(objective) / d(pixels). A workgroup of 256 threads handles one image and a group of filters. For each filter, its
 * threads first compute the gradient of the convolution's map, from d(logits) (`dense`) or from the objective at the
 * convolution or ReLU (`units`), in workgroup memory with a border of zeros. After a barrier, each pixel gathers its
 * taps of that map. Workgroup memory: (height + kernel - 1) x (width + kernel - 1) + 256 floats. One pass: workgroups
 * (images, filter groups); `gradientSum` adds the groups in order.
 */

import { headStride } from './head.ts';
import { type Kernel, lines, makeKernel, sum, times } from './kernel.ts';
import { RECORD_STRUCT } from './record.ts';
import { IMAGE_WORKGROUP, type NetworkSizes } from './sizes.ts';
import { loadFilter } from './tile.ts';

/** The source of the map's gradient. */
export type MapGradient =
  | { from: 'dense' }
  | { from: 'units'; layer: 'conv' | 'relu'; objective: 'squaredError' | 'cotangent' };

/**
 * Floats per image and filter group in `partialGradient`: the pixels, then the group's part of the objective's value.
 */
export function partialGradientStride({ pixels }: NetworkSizes): number {
  return pixels + 1;
}

export function inputGradientKernel(sizes: NetworkSizes, map: MapGradient): Kernel {
  const { pixels, width, height, kernelSize, taps, mapWidth, positions, outputs, filters } = sizes;
  const border = kernelSize - 1;
  const rowSize = width + border;
  const mapSize = rowSize * (height + border);
  const perThread = Math.ceil(pixels / IMAGE_WORKGROUP);
  const stride = partialGradientStride(sizes);
  const isDense = map.from === 'dense';
  return makeKernel(
    isDense ? 'inputGradient dense' : `inputGradient ${map.layer} ${map.objective}`,
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'batch', access: 'read', type: 'array<f32>' },
      { name: 'filters', access: 'read', type: 'array<f32>' },
      { name: 'partialGradient', access: 'read_write', type: 'array<f32>' },
      ...(isDense
        ? [
            { name: 'dense', access: 'read', type: 'array<f32>' } as const,
            { name: 'head', access: 'read', type: 'array<f32>' } as const,
          ]
        : [{ name: 'cotangent', access: 'read', type: 'array<f32>' } as const]),
    ],
    `${RECORD_STRUCT}
var<workgroup> map: array<f32, ${mapSize}>;
${isDense ? '' : `var<workgroup> shares: array<f32, ${IMAGE_WORKGROUP}>;`}
@compute @workgroup_size(${IMAGE_WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  for (var i = local.x; i < ${mapSize}u; i += ${IMAGE_WORKGROUP}u) {
    map[i] = 0.0;
  }
  ${isDense ? lines(outputs, (o) => `let d${o} = head[group.x * ${headStride(sizes)}u + ${o}u];`) : 'var value = 0.0;'}
  ${lines(perThread, (i) => `var sum${i} = 0.0;`)}
  let first = group.y * ${filters}u / record.filterGroups;
  let last = (group.y + 1u) * ${filters}u / record.filterGroups;
  for (var channel = first; channel < last; channel++) {
    ${loadFilter(sizes, 'c', 'channel')}
    workgroupBarrier();
    for (var position = local.x; position < ${positions}u; position += ${IMAGE_WORKGROUP}u) {
      let row = position / ${mapWidth}u;
      let column = position % ${mapWidth}u;
      let corner = group.x * ${pixels}u + row * ${width}u + column;
      let z = cb + ${sum(
        times(
          taps,
          (k) => `c${k} * batch[corner + ${Math.floor(k / kernelSize) * width + (k % kernelSize)}u]`,
        ),
      )};
      let unit = channel * ${positions}u + position;
      ${unitGradient(sizes, map)}
      map[(row + ${border}u) * ${rowSize}u + column + ${border}u] = gradient;
    }
    workgroupBarrier();
    ${lines(
      perThread,
      (i) => `{
    let pixel = local.x + ${i * IMAGE_WORKGROUP}u;
    if (pixel < ${pixels}u) {
      let corner = (pixel / ${width}u + ${border}u) * ${rowSize}u + pixel % ${width}u + ${border}u;
      sum${i} += ${sum(
        times(
          taps,
          (k) => `c${k} * map[corner - ${Math.floor(k / kernelSize) * rowSize + (k % kernelSize)}u]`,
        ),
      )};
    }
  }`,
    )}
  }
  let at = (group.y * record.count + group.x) * ${stride}u;
  ${lines(
    perThread,
    (i) =>
      `if (local.x + ${i * IMAGE_WORKGROUP}u < ${pixels}u) { partialGradient[at + local.x + ${i * IMAGE_WORKGROUP}u] = sum${i}; }`,
  )}
  ${
    isDense
      ? ''
      : `shares[local.x] = value;
  workgroupBarrier();
  if (local.x == 0u) {
    var total = 0.0;
    for (var i = 0u; i < ${IMAGE_WORKGROUP}u; i++) { total += shares[i]; }
    partialGradient[at + ${pixels}u] = total;
  }`
  }
}`,
  );
}

/** WGSL that sets `gradient`, d(objective) / d(convolution) at this position, and adds to `value`. */
function unitGradient({ outputs, units }: NetworkSizes, map: MapGradient): string {
  if (map.from === 'dense') {
    return `let gradient = select(0.0, ${sum(times(outputs, (o) => `d${o} * dense[unit * ${outputs}u + ${o}u]`))}, z > 0.0);`;
  }
  const activation = map.layer === 'relu' ? 'select(0.0, z, z > 0.0)' : 'z';
  const masked = (gradient: string) =>
    map.layer === 'relu' ? `select(0.0, ${gradient}, z > 0.0)` : gradient;
  const given = `cotangent[group.x * ${units}u + unit]`;
  return map.objective === 'squaredError'
    ? `let difference = ${activation} - ${given};
      value += difference * difference / ${units}.0;
      let gradient = ${masked(`${2 / units} * difference`)};`
    : `let given = ${given};
      value += given * ${activation};
      let gradient = ${masked('given')};`;
}

/** The number of filter groups that gives about `workgroups` workgroups per batch. */
export function filterGroups({ filters }: NetworkSizes, workgroups: number, count: number): number {
  return Math.min(filters, Math.ceil(workgroups / count));
}
