import type { MapSource } from '../shared/mapFrame.ts';
import { type FilterHistory, kernelSide } from './filterHistory.ts';

export type FilterSort = 'index' | 'norm' | 'change';

/** The filters' indices: by index, or the largest norm, or the largest change since the start, first. */
export function filterOrder(
  sort: FilterSort,
  weight: Float32Array,
  start: Float32Array,
  count: number,
): number[] {
  const order = Array.from({ length: count }, (_, filter) => filter);
  if (sort === 'index') return order;
  const size = weight.length / count;
  const measures = order.map((filter) => {
    let squares = 0;
    for (let i = filter * size; i < (filter + 1) * size; i++) {
      squares += (weight[i] - (sort === 'change' ? start[i] : 0)) ** 2;
    }
    return squares;
  });
  return order.sort((a, b) => measures[b] - measures[a] || a - b);
}

/** Weights [count, size] with the filters in another order. */
export function reordered(weight: Float32Array, order: readonly number[]): Float32Array {
  const size = weight.length / order.length;
  const result = new Float32Array(weight.length);
  order.forEach((filter, place) => {
    result.set(weight.subarray(filter * size, (filter + 1) * size), place * size);
  });
  return result;
}

/** What the panel compares: the filters earlier (at the moment), now, and how they differ. */
export type FilterSide = 'shown' | 'earlier' | 'now' | 'difference';

/** One side's weights; undefined before there are any. */
export function weightsOf(history: FilterHistory, side: FilterSide): Float32Array | undefined {
  if (side === 'shown') return history.shown()?.weight;
  const now = history.now()?.weight;
  const earlier = history.earlier()?.weight;
  if (side === 'now') return now;
  if (side === 'earlier' || !now || !earlier) return earlier;
  return now.map((weight, i) => weight - earlier[i]);
}

/** A side as maps in the given order, all with the limits of the run. */
export function filterMaps(history: FilterHistory, side: FilterSide, order: readonly number[]): MapSource {
  return {
    subscribe: (listener) => history.subscribe(listener),
    read() {
      const shown = history.shown();
      const weight = weightsOf(history, side);
      // In the moment after a reset the order may still be of the old network.
      if (!shown || !weight || shown.bias.length !== order.length) return undefined;
      const kernel = kernelSide(shown);
      return {
        values: reordered(weight, order),
        rows: kernel,
        columns: kernel,
        colors: 'sign',
        scale: history.scale,
      };
    },
  };
}
