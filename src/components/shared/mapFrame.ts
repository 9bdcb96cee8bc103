import type { ColorMap, Scale } from './colors.ts';

/** What an image grid shows: a stack of small maps. */
export interface MapFrame {
  /** [count, rows, columns], row-major. */
  values: Float32Array;
  rows: number;
  columns: number;
  colors: ColorMap;
  /** One for all maps, or one per map. For the sign colors `low` is `-high`. */
  scale: Scale | readonly Scale[];
}

/** A frame that changes without React: the grid reads it at drawing rate. */
export interface MapSource {
  read(): MapFrame | undefined;
  subscribe(listener: () => void): () => void;
}

/** One cell of one map. */
export interface MapCell {
  map: number;
  row: number;
  column: number;
}

/** Some cells of one map, such as the window that a unit looks through. */
export interface MapBox extends MapCell {
  rows: number;
  columns: number;
}

export function mapCount({ values, rows, columns }: MapFrame): number {
  return Math.floor(values.length / (rows * columns));
}

export function valueAt({ values, rows, columns }: MapFrame, { map, row, column }: MapCell): number {
  return values[(map * rows + row) * columns + column];
}

export function scaleOf({ scale }: MapFrame, map: number): Scale {
  return 'low' in scale ? scale : scale[map];
}

/** The largest absolute value, as symmetric limits; 1 for a map of zeros, which then shows as zero. */
export function symmetricScale(values: ArrayLike<number>): Scale {
  let high = 0;
  for (let i = 0; i < values.length; i++) high = Math.max(high, Math.abs(values[i]));
  return high > 0 ? { low: -high, high } : { low: -1, high: 1 };
}
