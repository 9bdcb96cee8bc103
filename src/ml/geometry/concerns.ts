import type { GeometryResult } from './analyzeManifolds.ts';

/** If a center keeps less than this share of its norm, the unit of its manifold's radius is small and unstable. */
export const SMALL_NORM_RATIO = 0.15;
/** A class dominates the harmonic mean if the capacity of the others is higher by more than this share. */
const DRAG = 0.2;

/** Warnings about a result's means; `manifold` is an index into `perManifold`. */
export interface Concerns {
  /** Centers that keep less than `SMALL_NORM_RATIO` of their norm. */
  smallCenters: { manifold: number; ratio: number }[];
  /** The manifold without which the capacity would be `DRAG` higher, and that capacity. */
  drag?: { manifold: number; others: number };
}

/** Finds centers that are almost removed, and a manifold that dominates the harmonic mean. */
export function concernsOf({
  perManifold,
  capacity,
}: Pick<GeometryResult, 'perManifold' | 'capacity'>): Concerns {
  const smallCenters = perManifold.flatMap(({ centerNormRatio: ratio }, manifold) =>
    ratio < SMALL_NORM_RATIO ? [{ manifold, ratio }] : [],
  );
  const inverses = perManifold.map((one) => 1 / one.capacity);
  const total = inverses.reduce((sum, value) => sum + value, 0);
  const manifold = inverses.indexOf(Math.max(...inverses));
  const others = (inverses.length - 1) / (total - inverses[manifold]);
  return others > (1 + DRAG) * capacity ? { smallCenters, drag: { manifold, others } } : { smallCenters };
}
