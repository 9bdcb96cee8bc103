import { formatCount, formatValue } from '../shared/format.ts';

interface Separability {
  layer: string;
  /** Number of dimensions of the layer. */
  units: number;
  classes: number;
  /** The theory's capacity, if known. */
  theory: number | undefined;
  dichotomies: number;
}

/** Explains the simulation, why its capacity is below the theory's, and when it cannot measure the theory's value. */
export function separabilityText({ layer, units, classes, theory, dichotomies }: Separability): string {
  const does = `A simulation gives the classes random signs ${dichotomies} times and finds the fewest random dimensions in which a plane separates them; ± is the 95 % interval over these labelings. The theory’s planes go through the overall mean; a plane with an offset has one more degree of freedom.`;
  const needed = theory === undefined || !(theory > 0) ? undefined : Math.ceil(classes / theory);
  if (needed !== undefined && needed > units) {
    return `${does} ${layer} has ${formatCount(units)} dimensions, and ${classes} classes at the theory’s capacity need ${classes} / ${formatValue(theory ?? 0)} = ${formatCount(needed)}: a capacity below ${classes} / ${formatCount(units)} = ${formatValue(classes / units)} cannot be measured here. The simulation does not contradict the theory; it shows only that the capacity is below ${formatValue(classes / units)}.`;
  }
  return `${does} The theory assumes many classes, and ${classes} is few. At the input, conv and relu of the notebook’s network its capacity is 22 to 50 % above what simulation measures with planes through the mean. Use it to compare layers and moments.`;
}
