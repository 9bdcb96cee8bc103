import type { MapSource } from '../shared/mapFrame.ts';
import { type FilterHistory, kernelSide } from './filterHistory.ts';

export type FilterSort = 'index' | 'norm' | 'change';

/** Filter indices in order of index, of decreasing norm, or of decreasing change since the start. */
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

/** Weights [count, size] with the filters in the given order. */
export function reordered(weight: Float32Array, order: readonly number[]): Float32Array {
  const size = weight.length / order.length;
  const result = new Float32Array(weight.length);
  order.forEach((filter, place) => {
    result.set(weight.subarray(filter * size, (filter + 1) * size), place * size);
  });
  return result;
}

/** The sides of the comparison: the earlier filters, the filters now, and their difference. */
export type FilterSide = 'shown' | 'earlier' | 'now' | 'difference';

/** One side's weights; undefined before the first frame. */
export function weightsOf(history: FilterHistory, side: FilterSide): Float32Array | undefined {
  if (side === 'shown') return history.shown()?.weight;
  const now = history.now()?.weight;
  const earlier = history.earlier()?.weight;
  if (side === 'now') return now;
  if (side === 'earlier' || !now || !earlier) return earlier;
  return now.map((weight, i) => weight - earlier[i]);
}

/** One side as maps in the given order, all with the run's limits. */
export function filterMaps(history: FilterHistory, side: FilterSide, order: readonly number[]): MapSource {
  return {
    subscribe: (listener) => history.subscribe(listener),
    read() {
      const shown = history.shown();
      const weight = weightsOf(history, side);
      // Right after a reset, the order may still belong to the old network.
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
