import { checkWhole } from './selection.ts';

/** How alike representations treat the same images. */
export interface SimilarityMatrix {
  /** What each row and column stands for. */
  rows: string[];
  columns: string[];
  /** Number of images. */
  count: number;
  /**
   * Debiased linear CKA, row-major. NaN where the method cannot tell: for a layer of one unit, for one whose structure is not
   * clearly more than noise, and for four images.
   */
  values: Float64Array;
  /**
   * Standard errors over the choice of images (jackknife), row-major; the units are held fixed. 0 for a representation beside
   * itself, NaN where there is no value.
   */
  errors: Float64Array;
}

/** Activations of all parts are in memory at once. */
const MOST_PARTS = 24;
const MOST_IMAGES = 1000;
const IMAGES = 200;

const caller = 'similarity';

/** The number of images to compare on. @throws unless it and the number of representations, `parts`, are within the limits. */
export function checkSimilarity(count: number = IMAGES, parts: number, what: string): number {
  checkWhole(parts, [2, MOST_PARTS], caller, what);
  return checkWhole(count, [4, MOST_IMAGES], caller, 'count');
}
