import type { GeometryResult } from './analyzeManifolds.ts';

/** A center that keeps less than this share of its norm makes the unit of its manifold's radius small and unsteady. */
export const SMALL_NORM_RATIO = 0.15;
/** A class drags the harmonic mean where the others' capacity is higher by more than this share. */
const DRAG = 0.2;

/** What makes a result's means hard to read; places are those of `perManifold`. */
export interface Concerns {
  /** Centers that keep less than `SMALL_NORM_RATIO` of their norm. */
  smallCenters: { manifold: number; ratio: number }[];
  /** The manifold without which the capacity would be `DRAG` higher, and that capacity. */
  drag?: { manifold: number; others: number };
}

/** Finds centers that are almost removed, and a manifold that alone decides the harmonic mean. */
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
