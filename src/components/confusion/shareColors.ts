import { type Colors, colorOf, colorTable, inkOn } from '../shared/colors.ts';

/** The scale is logarithmic from 0.001 to 1, because a trained network errs on a few images in a thousand. */
const decades = 3;
const scale = { low: -1, high: 1 };

/** Background and text color of a cell by its share of the row: blue if correct, orange if wrong. */
export function shareColors(
  colors: Colors,
): (share: number, right: boolean) => { background: string; color: string } {
  const table = colorTable('sign', colors);
  return (share, right) => {
    const strength = share > 0 ? Math.max(0.04, (Math.log10(share) + decades) / decades) : 0;
    const background = colorOf(right ? strength : -strength, scale, table);
    return { background, color: inkOn(background) };
  };
}

/** The scale's marks, for the legend. */
export const shareMarks = [0.001, 0.01, 0.1, 1] as const;
