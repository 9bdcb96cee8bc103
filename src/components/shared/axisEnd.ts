const shortest = 100;
const growth = 1.5;

/**
 * The end of the step axis while a run grows. The end stays ahead of the run and grows by half each time, so that the chart
 * is laid out a dozen times per run instead of several times a second. It does not exceed `planned` unless the run does.
 */
export function axisEnd(steps: number, planned = Number.POSITIVE_INFINITY): number {
  let end = shortest;
  while (end < steps) end = Math.ceil(end * growth);
  return steps <= planned ? Math.min(end, Math.max(planned, 1)) : end;
}
