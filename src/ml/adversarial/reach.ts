/** PGD whose steps cannot carry an image as far as epsilon allows. */
export interface ShortReach {
  /** How far all steps together go. */
  reach: number;
  /** A step size that goes as far as epsilon, with room to turn. */
  stepSize: number;
}

/**
 * Whether so many steps of this size fall short of epsilon: such an attack finds less than its epsilon promises, and the network
 * looks more robust than it is. Undefined where the steps reach it. The step offered is 2.5 epsilon / steps, as in Madry et al.
 * (ICLR 2018), and never longer than epsilon.
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
  // Products of decimals are off by some units in the last place.
  if (reach >= epsilon * (1 - 1e-9)) return undefined;
  return { reach, stepSize: roundedUp(Math.min(epsilon, (2.5 * epsilon) / steps)) };
}

/** To two digits. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(2));
}
