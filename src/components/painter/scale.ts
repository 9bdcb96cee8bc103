/**
 * How values spread over an axis: evenly, by their logarithm, or by the square root of their distance from the low end, which
 * gives the first values room.
 */
type Spread = 'linear' | 'log' | 'root';

export interface Axis {
  spread: Spread;
  /** The values at the ends; on a logarithmic axis their powers of ten, as in Plotly's ranges. */
  low: number;
  high: number;
}

/** An axis on a canvas. */
export interface Scale extends Axis {
  /** Places of the low and the high end in CSS pixels; on a vertical axis, `start` is below `end`. */
  start: number;
  end: number;
}

/** A value's position on the axis, from 0 at the low end to 1; not finite for a value that has no place, such as log 0. */
export function shareOf({ spread, low, high }: Axis, value: number): number {
  const share = ((spread === 'log' ? Math.log10(value) : value) - low) / (high - low);
  return spread === 'root' ? Math.sqrt(share) : share;
}

/** The value at a position. */
export function valueAt({ spread, low, high }: Axis, share: number): number {
  const value = low + (spread === 'root' ? share ** 2 : share) * (high - low);
  return spread === 'log' ? 10 ** value : value;
}

/** A value's place in CSS pixels. */
export function placeOf(scale: Scale, value: number): number {
  return scale.start + shareOf(scale, value) * (scale.end - scale.start);
}
