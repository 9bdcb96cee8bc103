import type { ColorMap, Scale } from './colors.ts';

/** The content of an image grid: a stack of small maps. */
export interface MapFrame {
  /** [count, rows, columns], row-major; of color images [count, 3, rows, columns] in [0, 1]: red, green, blue. */
  values: Float32Array;
  rows: number;
  columns: number;
  colors: ColorMap;
  /** Each map is a color image; `colors` and `scale` are then of no use. */
  isColor?: boolean;
  /** One scale for all maps, or one per map. For sign colors, `low` is `-high`. */
  scale: Scale | readonly Scale[];
}

/** A frame that changes without React; the grid reads it every animation frame. */
export interface MapSource {
  read(): MapFrame | undefined;
  subscribe(listener: () => void): () => void;
}

export function isSource(maps: MapFrame | MapSource): maps is MapSource {
  return 'subscribe' in maps;
}

/** The present frame; undefined where a source has none yet. */
export function readMaps(maps: MapFrame | MapSource): MapFrame | undefined {
  return isSource(maps) ? maps.read() : maps;
}

/** One cell of one map. */
export interface MapCell {
  map: number;
  row: number;
  column: number;
}

/** A rectangle of cells in one map, such as a unit's receptive window. */
export interface MapBox extends MapCell {
  rows: number;
  columns: number;
}

export function mapCount(frame: MapFrame): number {
  return Math.floor(frame.values.length / (planesOf(frame) * frame.rows * frame.columns));
}

/** Planes of a map: 3 of a color image, otherwise 1. */
function planesOf({ isColor }: MapFrame): number {
  return isColor ? 3 : 1;
}

/** A cell's value in each plane of its map. */
export function valuesAt(frame: MapFrame, { map, row, column }: MapCell): number[] {
  const { values, rows, columns } = frame;
  const planes = planesOf(frame);
  return Array.from(
    { length: planes },
    (_, plane) => values[((map * planes + plane) * rows + row) * columns + column],
  );
}

export function scaleOf({ scale }: MapFrame, map: number): Scale {
  return 'low' in scale ? scale : scale[map];
}

/** Symmetric limits at the largest absolute value; 1 for a map of zeros, so that zeros have the neutral color. */
export function symmetricScale(values: ArrayLike<number>): Scale {
  let high = 0;
  for (let i = 0; i < values.length; i++) high = Math.max(high, Math.abs(values[i]));
  return high > 0 ? { low: -high, high } : { low: -1, high: 1 };
}
