/** Describes PGD steps that together cannot reach epsilon. */
export interface ShortReach {
  /** Total length of all steps. */
  reach: number;
  /** A step size that reaches epsilon, with room for changes of direction. */
  stepSize: number;
}

/**
 * Checks whether the steps together are shorter than epsilon, in which case the network looks more robust than it is.
 * Undefined if the steps reach epsilon. The step offered is 2.5 epsilon / steps, as in Madry et al. (ICLR 2018), and never
 * longer than epsilon.
 */
export function shortReach({
  steps,
  stepSize,
  epsilon,
}: {
  steps: number;
  stepSize: number;
  epsilon: number;
}): ShortReach | undefined {
  const reach = steps * stepSize;
  // Allow for rounding in products of decimals.
  if (reach >= epsilon * (1 - 1e-9)) return undefined;
  return { reach, stepSize: roundedUp(Math.min(epsilon, (2.5 * epsilon) / steps)) };
}

/** Rounds up to two digits. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(2));
}
