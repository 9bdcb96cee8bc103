const shortest = 100;
const growth = 1.5;

/**
 * Where the axis of steps ends while a run grows: ahead of it, in steps of a half, so that the axis (and with it the
 * whole chart) is drawn anew a dozen times in a run and not several times a second. Never beyond `planned`, if the
 * run is not.
 */
export function axisEnd(steps: number, planned = Number.POSITIVE_INFINITY): number {
  let end = shortest;
  while (end < steps) end = Math.ceil(end * growth);
  return steps <= planned ? Math.min(end, Math.max(planned, 1)) : end;
}
