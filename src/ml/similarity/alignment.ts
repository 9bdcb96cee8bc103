import { CallError } from '../callError.ts';
import { assertFiniteRows, type RowData, rowGramSteps, rowMean } from '../linear/gram.ts';
import { drain, mapProgress, type Steps } from '../linear/steps.ts';
import {
  independence,
  jackknifeError,
  type Kernel,
  kernelOf,
  type Units,
  withoutSharedUnitsSteps,
} from './independence.ts';

/**
 * A layer's activations [examples, units], prepared for comparisons: everything but the products of two layers' units. The
 * kernel has the inner products of the centered examples, divided by the number of units.
 */
export interface Represented extends Kernel, Units {
  /** The layer's norm: its estimated alignment with itself, corrected for examples and units. */
  own: number;
  /** The norm without each example in turn. */
  ownWithout: Float64Array;
  /** The norm's jackknife error over examples. */
  ownError: number;
}

/** Debiased CKA with its error. */
export interface CkaEstimate {
  value: number;
  /** Standard error over the draw of examples, by the jackknife; the units are held fixed. NaN where there is none. */
  error: number;
}

/** Debiased CKA of several layers with each other, row-major [n, n]. */
export interface CkaMatrix {
  values: Float64Array;
  errors: Float64Array;
}

interface UnitOptions {
  /** Whether unit i is the same in both, as in one layer at two moments. */
  sharedUnits?: boolean;
}

/** Products of different units need two. */
const FEWEST_UNITS = 2;

/**
 * A norm that is not more than this many of its errors above 0 may be noise alone, and a ratio to noise may be any number. With
 * more, no norm without one example is 0 or less: their mean is the norm, and none is farther from the mean than about one error.
 */
const CLEAR_ERRORS = 2;

/** Why an estimate has neither value nor error, for people. */
export const WHY_UNKNOWN =
  'The method cannot tell: the layer’s structure over these examples is not clearly more than noise (its corrected norm is not more than two of its own errors above 0), or the layer has a single unit, or there are fewer than five examples.';

/** Prepares activations [examples, units]. @throws for fewer than four examples or two units. */
export function represent(activations: RowData): Represented {
  return drain(representSteps(activations));
}

/** `represent` in steps. Yields the fraction done. */
export function* representSteps(activations: RowData): Steps<number, Represented> {
  const caller = 'debiasedCka';
  assertFiniteRows(activations, caller);
  const { rows, columns } = activations;
  if (rows < 4 || columns < FEWEST_UNITS) {
    throw new CallError(caller, `expected at least four examples and two units, found ${rows} x ${columns}`);
  }
  const mean = rowMean(activations);
  const gram = yield* mapProgress(rowGramSteps(activations, { shift: mean }), (part) => 0.6 * part);
  for (let i = 0; i < gram.data.length; i++) gram.data[i] /= columns;
  const kernel = kernelOf(gram);
  const units = { activations, mean };
  const { value, without } = yield* mapProgress(
    withoutSharedUnitsSteps(independence(kernel, kernel), units, units),
    (part) => 0.6 + 0.4 * part,
  );
  return { ...kernel, ...units, own: value, ownWithout: without, ownError: jackknifeError(without) };
}

/**
 * Debiased linear CKA of two representations of the same examples: near 1 where examples are similar in the same way, 0
 * where unrelated; noise may carry it below 0 or above 1, far beyond where a representation has little structure:
 * `debiasedCkaEstimate` says how far. Corrected for few examples (Song et al. 2007) and for few units (Chun, Canatar, Chung,
 * Lee, arXiv 2502.15104): products of a unit with itself, which inflate the norms, are left out.
 * @param sharedUnits whether unit i is the same in both, as in one layer at two moments; its products with itself are then
 *   left out of the numerator too, so that equal activations give exactly 1.
 */
export function debiasedCka(x: Represented, y: Represented, options: UnitOptions = {}): number {
  return drain(ratioSteps(x, y, options)).value;
}

/**
 * `debiasedCka` with its standard error over the draw of examples, by the delete-one jackknife. Both are NaN where the method
 * cannot tell: where a norm is not more than two of its own errors above 0, and for four examples, which have no error.
 */
export function debiasedCkaEstimate(x: Represented, y: Represented, options: UnitOptions = {}): CkaEstimate {
  return drain(estimateSteps(x, y, options));
}

function* estimateSteps(x: Represented, y: Represented, options: UnitOptions): Steps<number, CkaEstimate> {
  const estimate = yield* ratioSteps(x, y, options);
  return isClear(x) && isClear(y) ? estimate : { value: Number.NaN, error: Number.NaN };
}

const isClear = ({ own, ownError }: Represented) => own > CLEAR_ERRORS * ownError;

/** The ratio of criteria, whatever its error. */
function* ratioSteps(
  x: Represented,
  y: Represented,
  { sharedUnits = false }: UnitOptions,
): Steps<number, CkaEstimate> {
  assertSame('examples', x.gram.rows, y.gram.rows);
  if (sharedUnits) assertSame('units', x.activations.columns, y.activations.columns);
  const all = independence(x, y);
  const cross = sharedUnits ? yield* withoutSharedUnitsSteps(all, x, y) : all;
  const without = cross.without.map((value, i) => ratio(value, x.ownWithout[i], y.ownWithout[i]));
  return { value: ratio(cross.value, x.own, y.own), error: jackknifeError(without) };
}

/** NaN for representations without any structure that survives the correction. */
function ratio(cross: number, ownX: number, ownY: number): number {
  const norm = ownX * ownY;
  return norm > 0 && ownX > 0 ? cross / Math.sqrt(norm) : Number.NaN;
}

function assertSame(what: string, left: number, right: number): void {
  if (left === right) return;
  throw new CallError('debiasedCka', `expected the same ${what} on both sides, found ${left} and ${right}`);
}

/**
 * `debiasedCkaEstimate` of every pair. Yields the fraction done.
 * @param sharesUnits whether two of the representations have the same units, by their places in `all`.
 */
export function similaritySteps(
  all: readonly Represented[],
  sharesUnits: (i: number, j: number) => boolean,
): Steps<number, CkaMatrix> {
  return pairsSteps(all, (i, j) => estimateSteps(all[i], all[j], { sharedUnits: sharesUnits(i, j) }));
}

function* pairsSteps(
  all: readonly Represented[],
  compare: (i: number, j: number) => Steps<number, CkaEstimate>,
): Steps<number, CkaMatrix> {
  const count = all.length;
  const pairs = (count * (count - 1)) / 2;
  const values = new Float64Array(count * count);
  const errors = new Float64Array(count * count);
  let done = 0;
  for (let i = 0; i < count; i++) {
    // A representation is equal to itself, whatever the correction.
    values[i * count + i] = 1;
    for (let j = 0; j < i; j++) {
      const { value, error } = yield* mapProgress(compare(i, j), (part) => (done + part) / pairs);
      for (const at of [i * count + j, j * count + i]) {
        values[at] = value;
        errors[at] = error;
      }
      done++;
      yield done / pairs;
    }
  }
  return { values, errors };
}

/**
 * Debiased linear CKA of every pair of layers with the same examples, row-major [n, n], with ones on the diagonal. See
 * `debiasedCka` for the corrections. A layer of a single unit has no value: NaN. A layer without structure may have any value
 * here; `debiasedCkaEstimates` has errors, and no value there.
 * @param layers activations [examples, units] each.
 * @param sharedUnits whether unit i is the same in all, as in one layer at several moments.
 * @throws for fewer than four examples, for unequal numbers of examples, and for values that are not finite.
 */
export function debiasedCkaMatrix(layers: readonly RowData[], options: UnitOptions = {}): Float64Array {
  return drain(debiasedCkaMatrixSteps(layers, options));
}

/** `debiasedCkaMatrix` in steps. Yields the fraction done. */
export function* debiasedCkaMatrixSteps(
  layers: readonly RowData[],
  options: UnitOptions = {},
): Steps<number, Float64Array> {
  const { values } = yield* matrixSteps(layers, (all) =>
    pairsSteps(all, (i, j) => ratioSteps(all[i], all[j], options)),
  );
  return values;
}

/**
 * Debiased linear CKA of every pair of layers with standard errors over the draw of examples, both row-major [n, n]; the
 * diagonal is 1 with error 0. Both are NaN where the method cannot tell: for a layer of a single unit, for a layer whose norm is
 * not more than two of its own errors above 0, and for four examples. The errors do not cover the choice of units.
 * @param layers activations [examples, units] each.
 * @param sharedUnits whether unit i is the same in all, as in one layer at several moments.
 * @throws for fewer than four examples, for unequal numbers of examples, and for values that are not finite.
 */
export function debiasedCkaEstimates(layers: readonly RowData[], options: UnitOptions = {}): CkaMatrix {
  return drain(debiasedCkaEstimatesSteps(layers, options));
}

/** `debiasedCkaEstimates` in steps. Yields the fraction done. */
export function debiasedCkaEstimatesSteps(
  layers: readonly RowData[],
  { sharedUnits = false }: UnitOptions = {},
): Steps<number, CkaMatrix> {
  return matrixSteps(layers, (all) => similaritySteps(all, () => sharedUnits));
}

/** Prepares the layers that can be compared, and compares them; the others get NaN. */
function* matrixSteps(
  layers: readonly RowData[],
  compare: (all: readonly Represented[]) => Steps<number, CkaMatrix>,
): Steps<number, CkaMatrix> {
  const count = layers.length;
  const places = layers.flatMap(({ columns }, i) => (columns >= FEWEST_UNITS ? [i] : []));
  const represented: Represented[] = [];
  for (const i of places) {
    represented.push(
      yield* mapProgress(representSteps(layers[i]), (fraction) => (0.8 * (i + fraction)) / count),
    );
  }
  const known = yield* mapProgress(compare(represented), (part) => 0.8 + 0.2 * part);
  const spread = (found: Float64Array) => {
    const whole = new Float64Array(count * count).fill(Number.NaN);
    places.forEach((row, i) => {
      places.forEach((column, j) => {
        whole[row * count + column] = found[i * places.length + j];
      });
    });
    return whole;
  };
  return { values: spread(known.values), errors: spread(known.errors) };
}
