/**
 * Partial logits of a batch. A thread handles one image (or a few) and a block of tiles: it holds the pixels of a
 * tile in registers, loops over all filters, and multiplies relu(conv) directly into its logits. Activations never
 * leave the registers; no workgroup memory, no barriers. Neighboring threads handle neighboring images, so that reads
 * of the batch's transposed half are coalesced and weights are the same for all threads of a workgroup. One pass:
 * workgroups (blocks, images / images per workgroup).
 */
import { type Kernel, lines, makeKernel, sum, times, WORKGROUP } from './kernel.ts';
import { RECORD_STRUCT } from './record.ts';
import type { NetworkSizes } from './sizes.ts';
import {
  convolution,
  denseVector,
  fitTile,
  loadFilter,
  loadPixels,
  type Tuning,
  tileCount,
  tileOrigin,
  tilePositions,
} from './tile.ts';

export function forwardKernel(sizes: NetworkSizes, tuning: Tuning['forward']): Kernel {
  const { outputs, positions, mapWidth, width, filters } = sizes;
  const tile = fitTile(sizes, tuning.tile);
  const dense = denseVector(sizes, tile);
  const places = tilePositions(tile);
  const images = times(tuning.imagesPerThread, (i) => i);
  const perImage = (make: (image: number) => string) => images.map(make).join('\n');

  return makeKernel(
    'forward',
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'batch', access: 'read', type: 'array<f32>' },
      { name: 'filters', access: 'read', type: 'array<f32>' },
      { name: 'dense', access: 'read', type: `array<${dense.type}>` },
      { name: 'partialLogits', access: 'read_write', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let count = record.count;
  let block = group.x;
  let first = (group.y * ${WORKGROUP}u + local.x) * ${images.length}u;
  if (first >= count) { return; }
  ${perImage((i) => `let image${i} = min(first + ${i}u, count - 1u);`)}
  ${perImage((i) => lines(outputs, (o) => `var sum${i}_${o} = 0.0;`))}
  let columns = count * ${sizes.pixels}u;
  let last = min((block + 1u) * record.tilesPerBlock, ${tileCount(sizes, tile)}u);
  for (var tile = block * record.tilesPerBlock; tile < last; tile++) {
    ${tileOrigin(sizes, tile)}
    ${perImage((i) =>
      loadPixels(
        sizes,
        tile,
        `p${i}`,
        (y, x) => `columns + ((row + ${y}u) * ${width}u + column + ${x}u) * count + image${i}`,
      ),
    )}
    for (var channel = 0u; channel < ${filters}u; channel++) {
      ${loadFilter(sizes, 'c', 'channel')}
      ${lines(tile.height, (y) => {
        const start = `(channel * ${positions}u + (row + ${y}u) * ${mapWidth}u + column) * ${outputs}u`;
        return lines(dense.perRow, (i) => `let w_${y}_${i} = dense[${start} / ${dense.width}u + ${i}u];`);
      })}
      ${perImage(
        (i) => `${places
          .map(
            ({ y, x }, at) => `let z${i}_${at} = ${convolution(sizes, 'c', `p${i}`, y, x)};
let h${i}_${at} = select(0.0, z${i}_${at}, z${i}_${at} > 0.0);`,
          )
          .join('\n')}
      ${lines(
        outputs,
        (o) =>
          `sum${i}_${o} += ${sum(places.map((place, at) => `h${i}_${at} * ${dense.element('w', place, o)}`))};`,
      )}`,
      )}
    }
  }
  ${perImage(
    (i) => `if (first + ${i}u < count) {
${lines(outputs, (o) => `partialLogits[(block * ${outputs}u + ${o}u) * count + image${i}] = sum${i}_${o};`)}
}`,
  )}
}`,
  );
}

/** The division of a forward pass over `count` images into nonempty blocks of tiles, and the workgroups. */
export function forwardPlan(
  sizes: NetworkSizes,
  { tile, imagesPerThread, workgroups }: Tuning['forward'],
  count: number,
): { tilesPerBlock: number; blocks: number; workgroups: [number, number] } {
  const tiles = tileCount(sizes, fitTile(sizes, tile));
  const groups = Math.ceil(count / (WORKGROUP * imagesPerThread));
  const tilesPerBlock = Math.ceil(tiles / Math.max(1, Math.round(workgroups / groups)));
  const blocks = Math.ceil(tiles / tilesPerBlock);
  return { tilesPerBlock, blocks, workgroups: [blocks, groups] };
}
