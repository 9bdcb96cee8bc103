/**
 * Gradients and Adam. A thread owns the hidden units of one tile in one filter (or a few filters): it holds their
 * weights in registers, loops over the batch, recomputes conv, and accumulates the gradients of its weights to the
 * outputs and its part of the filter's gradient. No other thread uses its weights, so it applies Adam to them at
 * once. Its part of the filter's gradient goes to memory, and `update` sums the parts in order. No workgroup memory,
 * barriers or atomics. Neighboring threads handle neighboring tiles, so that pixel reads are coalesced and d(logits)
 * are the same for all threads. One pass: workgroups (tiles / 64, filters / filters per thread).
 */
import { adamFunction } from './adam.ts';
import { headStride } from './head.ts';
import { type Kernel, lines, makeKernel, sum, times, WORKGROUP } from './kernel.ts';
import { RECORD_STRUCT } from './record.ts';
import type { NetworkSizes } from './sizes.ts';
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
} from './tile.ts';

export function backwardKernel(sizes: NetworkSizes, tuning: Tuning['backward']): Kernel {
  const { outputs, positions, mapWidth, width, pixels, taps, kernelSize, units } = sizes;
  const tile = fitTile(sizes, tuning.tile);
  const tiles = tileCount(sizes, tile);
  const dense = denseVector(sizes, tile);
  const places = tilePositions(tile);
  const owned = filtersPerThread(sizes, tuning);
  const section = (units * outputs) / dense.width;

  const perFilter = (make: (filter: number) => string) => lines(owned, make);
  /** One line per vector of weights that the thread owns: filter, row of the tile, index in the row. */
  const perVector = (make: (filter: number, row: number, i: number) => string) =>
    perFilter((f) => lines(tile.height, (y) => lines(dense.perRow, (i) => make(f, y, i))));

  const hidden = (f: number) =>
    places
      .map(({ y, x }, at) => {
        const slopes = times(outputs, (o) => `${dense.element(`w${f}`, { y, x }, o)} * ${delta(o)}`);
        return `let z${f}_${at} = ${convolution(sizes, `c${f}_`, 'p', y, x)};
let isActive${f}_${at} = z${f}_${at} > 0.0;
let h${f}_${at} = select(0.0, z${f}_${at}, isActive${f}_${at});
let e${f}_${at} = select(0.0, ${sum(slopes)}, isActive${f}_${at});`;
      })
      .join('\n');
  /** d(loss) / d(weights) of one vector: hidden unit x d(logit), element by element. */
  const weightGradient = (f: number, y: number, i: number) => {
    const products = times(dense.width, (n) => {
      const flat = i * dense.width + n;
      return `h${f}_${y * tile.width + Math.floor(flat / outputs)} * ${delta(flat % outputs)}`;
    });
    return `${dense.type}(${products.join(', ')})`;
  };
  const tapGradient = (f: number, k: number) =>
    sum(
      places.map(
        ({ y, x }, at) => `e${f}_${at} * p_${y + Math.floor(k / kernelSize)}_${x + (k % kernelSize)}`,
      ),
    );

  return makeKernel(
    'backward',
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'batch', access: 'read', type: 'array<f32>' },
      { name: 'filters', access: 'read', type: 'array<f32>' },
      { name: 'dense', access: 'read_write', type: `array<${dense.type}>` },
      { name: 'head', access: 'read', type: 'array<vec4f>' },
      { name: 'filterGradients', access: 'read_write', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
${adamFunction(dense.type)}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let tile = id.x;
  if (tile >= ${tiles}u) { return; }
  let channel = id.y * ${owned}u;
  ${tileOrigin(sizes, tile)}
  ${perFilter((f) => loadFilter(sizes, `c${f}_`, `channel + ${f}u`))}
  ${perFilter((f) =>
    lines(tile.height, (y) => {
      const unit = `(channel + ${f}u) * ${positions}u + (row + ${y}u) * ${mapWidth}u + column`;
      return `let at${f}_${y} = (${unit}) * ${outputs}u / ${dense.width}u;`;
    }),
  )}
  ${perVector((f, y, i) => `let w${f}_${y}_${i} = dense[at${f}_${y} + ${i}u];`)}
  ${perVector((f, y, i) => `var g${f}_${y}_${i} = ${dense.type}();`)}
  ${perFilter((f) => lines(taps + 1, (k) => `var s${f}_${k} = 0.0;`))}
  for (var image = 0u; image < record.count; image++) {
    let corner = image * ${pixels}u + row * ${width}u + column;
    ${loadPixels(sizes, tile, 'p', (y, x) => `corner + ${y * width + x}u`)}
    ${lines(Math.ceil(outputs / 4), (i) => `let d_${i} = head[image * ${headStride(sizes) / 4}u + ${i}u];`)}
    ${perFilter(hidden)}
    ${perVector((f, y, i) => `g${f}_${y}_${i} += ${weightGradient(f, y, i)};`)}
    ${perFilter((f) => lines(taps, (k) => `s${f}_${k} += ${tapGradient(f, k)};`))}
    ${perFilter((f) => `s${f}_${taps} += ${sum(places.map((_, at) => `e${f}_${at}`))};`)}
  }
  ${perVector(
    (f, y, i) => `{
  let i = at${f}_${y} + ${i}u;
  let updated = adam(w${f}_${y}_${i}, dense[i + ${section}u], dense[i + ${2 * section}u], g${f}_${y}_${i});
  dense[i] = updated.parameter;
  dense[i + ${section}u] = updated.first;
  dense[i + ${2 * section}u] = updated.second;
}`,
  )}
  ${perFilter((f) =>
    lines(
      taps + 1,
      (k) => `filterGradients[((channel + ${f}u) * ${taps + 1}u + ${k}u) * ${tiles}u + tile] = s${f}_${k};`,
    ),
  )}
}`,
  );
}

export function backwardWorkgroups(sizes: NetworkSizes, tuning: Tuning['backward']): [number, number] {
  const tiles = tileCount(sizes, fitTile(sizes, tuning.tile));
  return [Math.ceil(tiles / WORKGROUP), sizes.filters / filtersPerThread(sizes, tuning)];
}

function filtersPerThread({ filters }: NetworkSizes, tuning: Tuning['backward']): number {
  return fitDivisor(filters, tuning.filtersPerThread);
}

/** d(loss) / d(logit) of this image at one output. */
function delta(output: number): string {
  return `d_${Math.floor(output / 4)}.${'xyzw'[output % 4]}`;
}
