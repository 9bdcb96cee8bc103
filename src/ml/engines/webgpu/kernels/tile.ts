import { lines, sum, times } from './kernel.ts';
import { filterStride } from './layout.ts';
import type { NetworkSizes } from './sizes.ts';

/** Neighboring positions of a map that one thread handles together, so that they share pixels. */
export interface Tile {
  width: number;
  height: number;
}

/** How the work is divided. This affects only speed, and the order of sums and thus the last bits. */
export interface Tuning {
  forward: {
    tile: Tile;
    imagesPerThread: number;
    /** Target number of workgroups, enough to fill the GPU with few partial logits. */
    workgroups: number;
  };
  backward: { tile: Tile; filtersPerThread: number };
  /** Target number of workgroups that each handle an image and some of the filters. */
  inputGradient: { workgroups: number };
  /** Whether threads combine sums in workgroup memory, or one thread computes each sum. */
  sums: 'parallel' | 'serial';
}

/**
 * For a GPU: thousands of threads, each with few enough registers (about 4 taps per filter and tile position) that
 * many run at the same time.
 */
export function hardwareTuning({ taps }: NetworkSizes): Tuning {
  return {
    forward: { tile: { width: 2, height: 1 }, imagesPerThread: 1, workgroups: 170 },
    backward: { tile: { width: taps > 25 ? 1 : 2, height: 1 }, filtersPerThread: 1 },
    inputGradient: { workgroups: 256 },
    sums: 'parallel',
  };
}

/**
 * For a CPU that emulates a GPU: a load costs as much as many multiplications, and two threads are enough. Larger
 * filters are unrolled less, because compiling them would take seconds.
 */
export function softwareTuning({ taps }: NetworkSizes): Tuning {
  const share = Math.max(1, Math.floor(36 / taps));
  return {
    forward: { tile: { width: 2, height: 2 }, imagesPerThread: Math.min(8, 2 * share), workgroups: 16 },
    backward: { tile: { width: 2, height: 1 }, filtersPerThread: Math.min(4, share) },
    inputGradient: { workgroups: 8 },
    sums: 'serial',
  };
}

/** The largest divisor of `size` up to `most`. */
export function fitDivisor(size: number, most: number): number {
  return Math.max(...times(most, (n) => n + 1).filter((n) => size % n === 0));
}

/** The largest tile within `wanted` that divides the map evenly. */
export function fitTile(sizes: NetworkSizes, wanted: Tile): Tile {
  return {
    width: fitDivisor(sizes.mapWidth, wanted.width),
    height: fitDivisor(sizes.mapHeight, wanted.height),
  };
}

/** Tiles of one map. */
export function tileCount(sizes: NetworkSizes, tile: Tile): number {
  return (sizes.mapWidth / tile.width) * (sizes.mapHeight / tile.height);
}

/** WGSL that sets `row` and `column`, the tile's first position, from `tile`. */
export function tileOrigin(sizes: NetworkSizes, tile: Tile): string {
  const across = sizes.mapWidth / tile.width;
  return `let row = (tile / ${across}u) * ${tile.height}u;
let column = (tile % ${across}u) * ${tile.width}u;`;
}

/** The tile's positions, row by row. */
export function tilePositions(tile: Tile): { y: number; x: number }[] {
  return times(tile.height * tile.width, (i) => ({ y: Math.floor(i / tile.width), x: i % tile.width }));
}

/** WGSL `let`s of all pixels under the tile, named prefix_y_x; `address` gives the index of pixel (y, x). */
export function loadPixels(
  sizes: NetworkSizes,
  tile: Tile,
  prefix: string,
  address: (y: number, x: number) => string,
): string {
  const rows = tile.height + sizes.kernelSize - 1;
  const columns = tile.width + sizes.kernelSize - 1;
  return lines(rows, (y) => lines(columns, (x) => `let ${prefix}_${y}_${x} = batch[${address(y, x)}];`));
}

/** WGSL `let`s of filter weights `${prefix}0`.. and the bias `${prefix}b`, from the expression `filter`. */
export function loadFilter(sizes: NetworkSizes, prefix: string, filter: string): string {
  const stride = filterStride(sizes);
  return `${lines(sizes.taps, (k) => `let ${prefix}${k} = filters[(${filter}) * ${stride}u + ${k}u];`)}
let ${prefix}b = filters[(${filter}) * ${stride}u + ${sizes.taps}u];`;
}

/** The convolution at position (y, x) of the tile, as an expression. */
export function convolution(
  sizes: NetworkSizes,
  filter: string,
  pixels: string,
  y: number,
  x: number,
): string {
  const { kernelSize, taps } = sizes;
  return sum([
    `${filter}b`,
    ...times(
      taps,
      (k) => `${filter}${k} * ${pixels}_${y + Math.floor(k / kernelSize)}_${x + (k % kernelSize)}`,
    ),
  ]);
}

/**
 * How a thread reads the weights of a tile's row: `tile.width` x outputs consecutive floats, in as few vectors as
 * possible.
 */
export interface DenseVector {
  width: 1 | 2 | 4;
  type: string;
  /** Number of vectors in one row of the tile. */
  perRow: number;
  /** The weight from a position of the tile to an output, if `{prefix}_{row}_{i}` is vector i of that row. */
  element(prefix: string, position: { y: number; x: number }, output: number): string;
}

export function denseVector({ mapWidth, outputs }: NetworkSizes, tile: Tile): DenseVector {
  const fits = (size: number) => (tile.width * outputs) % size === 0 && (mapWidth * outputs) % size === 0;
  const width = fits(4) ? 4 : fits(2) ? 2 : 1;
  return {
    width,
    type: width === 1 ? 'f32' : `vec${width}f`,
    perRow: (tile.width * outputs) / width,
    element(prefix, { y, x }, output) {
      const flat = x * outputs + output;
      const name = `${prefix}_${y}_${Math.floor(flat / width)}`;
      return width === 1 ? name : `${name}.${'xyzw'[flat % width]}`;
    },
  };
}
