import { studentQuantile } from '../../ml/geometry/index.ts';
import { WHY_UNKNOWN } from '../../ml/similarity/alignment.ts';

/** Whether a similarity, as printed, lies outside 0 to 1, where only an estimate can be. */
export function isBeyond(value: number): boolean {
  const printed = Number(value.toFixed(2));
  return printed < 0 || printed > 1;
}

/** A cell of the matrix; a value outside 0 to 1 has a star. */
export function cellText(value: number): string {
  if (Number.isNaN(value)) return '–';
  const text = value.toFixed(2).replace('-', '−');
  return `${text === '−0.00' ? '0.00' : text}${isBeyond(value) ? ' *' : ''}`;
}

/**
 * Half of the 95 % interval over the choice of `count` images (Student's t), from a standard error; undefined for a value
 * without an error and for one that is exact.
 */
export function intervalText(error: number, count: number): string | undefined {
  if (!(error > 0)) return undefined;
  const half = studentQuantile(count - 1) * error;
  return half < 0.005 ? '±<0.01' : `±${half.toFixed(2)}`;
}

/** The meaning of the values and of their intervals, over these images. */
export function matrixNote(images: string): string {
  return `Debiased linear CKA of ${images}: 1 where images are alike in the same way, 0 where unrelated. Corrected for few images and for few units, as if drawn from many like them (arXiv 2502.15104). ± is half of a 95 % interval over the choice of images, from leaving out each in turn (jackknife). It does not cover the choice of units: in simulations, values of ten units spread by 0.2 around the truth, of a hundred by 0.02. The same activations give exactly 1, without ±.`;
}

/** Explains the stars and dashes in the cells; undefined for a matrix without them. */
export function beyondNote(values: ArrayLike<number>): string | undefined {
  const all = Array.from(values);
  const star = all.some(isBeyond)
    ? '* Beyond 0 or 1: the correction takes the units for independent draws and is right only on average over them. Few units, and units that share a filter or neighboring pixels, can pass the bounds, and ± does not cover that. The color is that of 0 or 1.'
    : '';
  const dash = all.some(Number.isNaN) ? `– ${WHY_UNKNOWN}` : '';
  return [star, dash].filter(Boolean).join(' ') || undefined;
}
