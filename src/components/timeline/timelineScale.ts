import { type Axis, shareOf, valueAt } from '../painter/scale.ts';

/**
 * The timeline's axis: a step's position grows with its square root. Early snapshots are dense because filters change most at
 * the start, and this gives them room for a finger.
 */
export function stepAxis(end: number): Axis {
  return { spread: 'root', low: 0, high: end };
}

/** A step's position, from 0 to 1. */
export function placeOf(step: number, end: number): number {
  return shareOf(stepAxis(end), Math.min(end, Math.max(0, step)));
}

/** The step at a position, not rounded. */
export function stepAt(place: number, end: number): number {
  return valueAt(stepAxis(end), Math.min(1, Math.max(0, place)));
}
