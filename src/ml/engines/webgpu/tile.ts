import { lines, sum, times } from './kernel.ts';
import { filterStride } from './layout.ts';
import type { NetworkSizes } from './sizes.ts';

/** Neighboring positions of a map that one thread works on together, so that they share their pixels. */
export interface Tile {
  width: number;
  height: number;
}

/** How the work is cut; only speed depends on it (and the order of sums, thus the last bits). */
export interface Tuning {
  forward: {
    tile: Tile;
    imagesPerThread: number;
    filtersAtOnce: number;
    /** Workgroups to aim at, so that the GPU is full and the partial logits are few. */
    workgroups: number;
  };
  backward: { tile: Tile; filtersPerThread: number; imagesAtOnce: number };
  /** Workgroups to aim at where each takes an image and some of the filters. */
  inputGradient: { workgroups: number };
  /** Whether sums across threads meet in workgroup memory, or one thread makes each. */
  sums: 'parallel' | 'serial';
}

/** For a GPU: thousands of threads, and few enough registers that many of them are in flight. */
export const HARDWARE_TUNING: Tuning = {
  forward: { tile: { width: 2, height: 1 }, imagesPerThread: 1, filtersAtOnce: 1, workgroups: 170 },
  backward: { tile: { width: 2, height: 1 }, filtersPerThread: 1, imagesAtOnce: 1 },
  inputGradient: { workgroups: 256 },
  sums: 'parallel',
};

/** For a CPU that plays a GPU: a load costs as much as many multiplications, and two threads fill it. */
export const SOFTWARE_TUNING: Tuning = {
  forward: { tile: { width: 2, height: 2 }, imagesPerThread: 8, filtersAtOnce: 1, workgroups: 16 },
  backward: { tile: { width: 2, height: 1 }, filtersPerThread: 4, imagesAtOnce: 1 },
  inputGradient: { workgroups: 8 },
  sums: 'serial',
};

/** The largest divisor of `size` up to `most`. */
export function fitDivisor(size: number, most: number): number {
  return Math.max(...times(most, (n) => n + 1).filter((n) => size % n === 0));
}

/** The largest tile within `wanted` that covers the map without a rest. */
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

/** Reads `tile.width` x outputs consecutive weights of `dense` as the widest vectors that fit. */
export function denseVector({ mapWidth, outputs }: NetworkSizes, tile: Tile): 1 | 2 | 4 {
  for (const width of [4, 2] as const) {
    if ((tile.width * outputs) % width === 0 && (mapWidth * outputs) % width === 0) {
      return width;
    }
  }
  return 1;
}
