/**
 * Gradients and Adam. A thread owns the hidden units of one tile in one filter (or a few): it holds their
 * weights in registers, runs over the batch, recomputes conv, and accumulates the gradients of its weights to
 * the outputs and its share of the filter's gradient. Nobody else touches its weights, so it makes Adam's
 * update of them right there. Shares of the filter's gradient go to memory, summed in order by `update`.
 * No workgroup memory, no barrier, no atomics. Neighboring threads take neighboring tiles: pixels come
 * coalesced, d(logits) are the same for all threads.
 * One pass: workgroups (tiles / 64, filters / filters per thread).
 */
import { adamFunction } from '../adam.ts';
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
import { headStride } from './head.ts';

export function backwardKernel(sizes: NetworkSizes, tuning: Tuning['backward']): Kernel {
  const { outputs, positions, mapWidth, width, pixels, taps, kernelSize, units } = sizes;
  const { imagesAtOnce } = tuning;
  const filtersPerThread = fitDivisor(sizes.filters, tuning.filtersPerThread);
  const tile = fitTile(sizes, tuning.tile);
  const vector = denseVector(sizes, tile);
  const type = vector === 1 ? 'f32' : `vec${vector}f`;
  const places = tilePositions(tile);
  const perRow = (tile.width * outputs) / vector;
  const stride = headStride(sizes);

  const part = (prefix: string, f: number, position: number, output: number) => {
    const { y, x } = places[position];
    const flat = x * outputs + output;
    const name = `${prefix}${f}_${y}_${Math.floor(flat / vector)}`;
    return vector === 1 ? name : `${name}.${'xyzw'[flat % vector]}`;
  };
  const each = (make: (f: number, y: number, i: number) => string) =>
    lines(filtersPerThread, (f) => lines(tile.height, (y) => lines(perRow, (i) => make(f, y, i))));
  const address = (f: number, y: number, i: number) => `at${f}_${y} + ${i}u`;
  const section = (units * outputs) / vector;

  return makeKernel(
    'backward',
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'batch', access: 'read', type: 'array<f32>' },
      { name: 'filters', access: 'read', type: 'array<f32>' },
      { name: 'dense', access: 'read_write', type: `array<${type}>` },
      { name: 'head', access: 'read', type: 'array<vec4f>' },
      { name: 'filterGradients', access: 'read_write', type: 'array<f32>' },
    ],
    `${RECORD_STRUCT}
${adamFunction(type)}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let tile = id.x;
  if (tile >= ${tileCount(sizes, tile)}u) { return; }
  let channel = id.y * ${filtersPerThread}u;
  ${tileOrigin(sizes, tile)}
  ${lines(filtersPerThread, (f) => loadFilter(sizes, `c${f}_`, `channel + ${f}u`))}
  ${lines(filtersPerThread, (f) =>
    lines(
      tile.height,
      (y) =>
        `let at${f}_${y} = ((channel + ${f}u) * ${positions}u + (row + ${y}u) * ${mapWidth}u + column) * ${outputs}u / ${vector}u;`,
    ),
  )}
  ${each((f, y, i) => `let w${f}_${y}_${i} = dense[${address(f, y, i)}];`)}
  ${each((f, y, i) => `var g${f}_${y}_${i} = ${type}();`)}
  ${lines(filtersPerThread, (f) => lines(taps + 1, (k) => `var s${f}_${k} = 0.0;`))}
  for (var image = 0u; image < record.padded; image += ${imagesAtOnce}u) {
    ${lines(
      imagesAtOnce,
      (b) => `let from${b} = (image + ${b}u) * ${pixels}u + row * ${width}u + column;
${loadPixels(sizes, tile, `p${b}`, (y, x) => `from${b} + ${y * width + x}u`)}
${lines(Math.ceil(outputs / 4), (i) => `let d${b}_${i} = head[(image + ${b}u) * ${stride / 4}u + ${i}u];`)}`,
    )}
    ${lines(filtersPerThread, (f) =>
      lines(imagesAtOnce, (b) =>
        places
          .map(
            ({ y, x }, at) => `let z${b}_${f}_${at} = ${convolution(sizes, `c${f}_`, `p${b}`, y, x)};
let a${b}_${f}_${at} = z${b}_${f}_${at} > 0.0;
let h${b}_${f}_${at} = select(0.0, z${b}_${f}_${at}, a${b}_${f}_${at});
let e${b}_${f}_${at} = select(0.0, ${sum(
              times(outputs, (o) => `${part('w', f, at, o)} * ${delta(b, o)}`),
            )}, a${b}_${f}_${at});`,
          )
          .join('\n'),
      ),
    )}
    ${each((f, y, i) => {
      const terms = times(imagesAtOnce, (b) => {
        const hidden = times(vector, (n) => {
          const flat = i * vector + n;
          return `h${b}_${f}_${y * tile.width + Math.floor(flat / outputs)}`;
        });
        const deltas = times(vector, (n) => delta(b, (i * vector + n) % outputs));
        return vector === 1
          ? `${hidden[0]} * ${deltas[0]}`
          : `${type}(${hidden.map((h, n) => `${h} * ${deltas[n]}`).join(', ')})`;
      });
      return `g${f}_${y}_${i} += ${sum(terms)};`;
    })}
    ${lines(filtersPerThread, (f) =>
      lines(
        taps,
        (k) =>
          `s${f}_${k} += ${sum(
            times(imagesAtOnce, (b) =>
              places.map(
                ({ y, x }, at) =>
                  `e${b}_${f}_${at} * p${b}_${y + Math.floor(k / kernelSize)}_${x + (k % kernelSize)}`,
              ),
            ).flat(),
          )};`,
      ),
    )}
    ${lines(
      filtersPerThread,
      (f) =>
        `s${f}_${taps} += ${sum(times(imagesAtOnce, (b) => places.map((_, at) => `e${b}_${f}_${at}`)).flat())};`,
    )}
  }
  ${each(
    (f, y, i) => `{
  let i = ${address(f, y, i)};
  let updated = adam(w${f}_${y}_${i}, dense[i + ${section}u], dense[i + ${2 * section}u], g${f}_${y}_${i});
  dense[i] = updated.parameter;
  dense[i + ${section}u] = updated.first;
  dense[i + ${2 * section}u] = updated.second;
}`,
  )}
  ${lines(filtersPerThread, (f) =>
    lines(
      taps + 1,
      (k) =>
        `filterGradients[((channel + ${f}u) * ${taps + 1}u + ${k}u) * ${tileCount(sizes, tile)}u + tile] = s${f}_${k};`,
    ),
  )}
}`,
  );
}

function delta(image: number, output: number): string {
  return `d${image}_${Math.floor(output / 4)}.${'xyzw'[output % 4]}`;
}

export function backwardWorkgroups(sizes: NetworkSizes, tuning: Tuning['backward']): [number, number] {
  const tiles = tileCount(sizes, fitTile(sizes, tuning.tile));
  return [Math.ceil(tiles / WORKGROUP), sizes.filters / fitDivisor(sizes.filters, tuning.filtersPerThread)];
}
