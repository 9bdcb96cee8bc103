/**
 * Partial logits of a batch. A thread takes one image (or a few) and a block of tiles; it holds the pixels of
 * a tile in registers, runs over all filters, and multiplies relu(conv) straight into its logits. No activation
 * leaves a register, no workgroup memory, no barrier: neighboring threads take neighboring images, so pixels
 * come coalesced from the batch's transposed half, and weights are the same for all threads of a workgroup.
 * One pass: workgroups (blocks, images / images per workgroup).
 */
import { type Kernel, lines, makeKernel, sum, times, WORKGROUP } from '../kernel.ts';
import { RECORD_STRUCT } from '../record.ts';
import type { NetworkSizes } from '../sizes.ts';
import {
  convolution,
  denseVector,
  fitDivisor,
  fitTile,
  loadFilter,
  loadPixels,
  type Tuning,
  tileCount,
  tileOrigin,
  tilePositions,
} from '../tile.ts';

export function forwardKernel(sizes: NetworkSizes, tuning: Tuning['forward']): Kernel {
  const { outputs, positions, mapWidth, width, filters } = sizes;
  const { imagesPerThread } = tuning;
  const filtersAtOnce = fitDivisor(sizes.filters, tuning.filtersAtOnce);
  const tile = fitTile(sizes, tuning.tile);
  const vector = denseVector(sizes, tile);
  const places = tilePositions(tile);
  const images = times(imagesPerThread, (i) => i);

  /** All weights from one filter's positions of this tile to the outputs: `w{f}_{position * outputs + output}`. */
  const loadDense = (f: number) =>
    lines(tile.height, (y) =>
      lines((tile.width * outputs) / vector, (i) => {
        const from = `((channel + ${f}u) * ${positions}u + (row + ${y}u) * ${mapWidth}u + column) * ${outputs}u`;
        const name = `w${f}_${y}_${i}`;
        return `let ${name} = dense[(${from}) / ${vector}u + ${i}u];`;
      }),
    );
  const weight = (f: number, position: number, output: number) => {
    const { y, x } = places[position];
    const flat = x * outputs + output;
    const name = `w${f}_${y}_${Math.floor(flat / vector)}`;
    return vector === 1 ? name : `${name}.${'xyzw'[flat % vector]}`;
  };

  return makeKernel(
    'forward',
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'batch', access: 'read', type: 'array<f32>' },
      { name: 'filters', access: 'read', type: 'array<f32>' },
      { name: 'dense', access: 'read', type: vector === 1 ? 'array<f32>' : `array<vec${vector}f>` },
      { name: 'partialLogits', access: 'read_write', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let count = record.count;
  let block = group.x;
  let first = group.y * ${WORKGROUP * imagesPerThread}u + local.x * ${imagesPerThread}u;
  if (first >= count) { return; }
  ${images.map((i) => `let image${i} = min(first + ${i}u, count - 1u);`).join('\n')}
  ${images.map((i) => lines(outputs, (o) => `var sum${i}_${o} = 0.0;`)).join('\n')}
  let plane = record.padded * ${sizes.pixels}u;
  let last = min((block + 1u) * record.tilesPerBlock, ${tileCount(sizes, tile)}u);
  for (var tile = block * record.tilesPerBlock; tile < last; tile++) {
    ${tileOrigin(sizes, tile)}
    ${images
      .map((i) =>
        loadPixels(
          sizes,
          tile,
          `p${i}`,
          (y, x) => `plane + ((row + ${y}u) * ${width}u + column + ${x}u) * record.padded + image${i}`,
        ),
      )
      .join('\n')}
    for (var channel = 0u; channel < ${filters}u; channel += ${filtersAtOnce}u) {
      ${lines(filtersAtOnce, (f) => `${loadFilter(sizes, `c${f}_`, `channel + ${f}u`)}\n${loadDense(f)}`)}
      ${images
        .map(
          (i) => `${lines(filtersAtOnce, (f) =>
            places
              .map(
                ({ y, x }, at) =>
                  `let z${i}_${f}_${at} = ${convolution(sizes, `c${f}_`, `p${i}`, y, x)};
let h${i}_${f}_${at} = select(0.0, z${i}_${f}_${at}, z${i}_${f}_${at} > 0.0);`,
              )
              .join('\n'),
          )}
      ${lines(
        outputs,
        (o) =>
          `sum${i}_${o} += ${sum(
            times(filtersAtOnce, (f) =>
              places.map((_, at) => `h${i}_${f}_${at} * ${weight(f, at, o)}`),
            ).flat(),
          )};`,
      )}`,
        )
        .join('\n')}
    }
  }
  ${images
    .map(
      (i) =>
        `if (first + ${i}u < count) {
${lines(outputs, (o) => `partialLogits[(block * ${outputs}u + ${o}u) * count + image${i}] = sum${i}_${o};`)}
}`,
    )
    .join('\n')}
}`,
  );
}
