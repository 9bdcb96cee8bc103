import { CallError } from '../callError.ts';
import { assertFiniteRows, type RowData, rowGramSteps } from '../linear/gram.ts';
import { jacobiSvd } from '../linear/jacobiSvd.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { drain, mapProgress } from '../linear/steps.ts';
import { symmetricEigenvaluesSteps } from '../linear/symmetricEigen.ts';

/** Summary of a list of singular values. */
export interface SpectrumSummary {
  /** Divided by the largest. */
  normalized: Float64Array;
  /** Entry i is the share of the sum of squares in the first i + 1 values. */
  cumulativeVariance: Float64Array;
  /** (sum of squares)^2 / sum of fourth powers: between 1 and the number of values. */
  participationRatio: number;
  /** Number of values that make up 95 % of the sum of squares. */
  componentsFor95: number;
}

/**
 * Above this work (short side squared times long side), use eigenvalues of the inner products instead of Jacobi rotations.
 */
const JACOBI_WORK = 3e6;

/**
 * Singular values of the [n, units] matrix, not centered, in descending order: min(n, units) values, as
 * `torch.linalg.svd` returns. Large matrices use the eigenvalues of their inner products, whose rounding errors hide
 * values below about 1e-7 of the largest; these are returned as 0.
 */
export function singularValues(source: RowData): Float64Array {
  return drain(singularValuesSteps(source));
}

/** `singularValues` in steps: yields the fraction done, so that a caller can cancel. */
export function* singularValuesSteps(source: RowData): Generator<number, Float64Array, void> {
  assertFiniteRows(source, 'singularValues');
  const short = shortRows(source);
  if (isSmall(source)) {
    return jacobiSvd({ ...short, data: Float64Array.from(short.data) }).values;
  }
  const gram = yield* mapProgress(rowGramSteps(short), (fraction) => 0.5 * fraction);
  return yield* valuesFromGramSteps(gram);
}

/** Whether Jacobi rotations on the values themselves are fast enough. */
export function isSmall({ rows, columns }: RowData): boolean {
  return Math.min(rows, columns) * rows * columns <= JACOBI_WORK;
}

/** Singular values of a matrix from the inner products of its rows. Yields from 0.5 to 1. */
export function* valuesFromGramSteps(gram: Matrix): Generator<number, Float64Array, void> {
  const values = yield* mapProgress(symmetricEigenvaluesSteps(gram), (fraction) => 0.5 + 0.5 * fraction);
  const floor = 2 * Number.EPSILON * values.length * Math.max(values[0], 0);
  return values.map((value) => (value > floor ? Math.sqrt(value) : 0));
}

/** The matrix or its transpose, with at most as many rows as columns. */
export function shortRows(source: RowData): RowData {
  if (source.rows <= source.columns) return source;
  const { data, rows, columns } = source;
  const turned = zeros(columns, rows);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) turned.data[k * rows + i] = data[i * columns + k];
  }
  return turned;
}

/** @throws if all values are zero. */
export function summarizeSpectrum(values: Float64Array): SpectrumSummary {
  const largest = values[0];
  if (!(largest > 0)) {
    throw new CallError(
      'summarizeSpectrum',
      'expected a positive singular value, found none (a layer of zeros?)',
    );
  }
  const normalized = values.map((value) => value / largest);
  let squares = 0;
  let fourths = 0;
  for (const value of normalized) {
    squares += value ** 2;
    fourths += value ** 4;
  }
  let sum = 0;
  const cumulativeVariance = normalized.map((value) => {
    sum += value ** 2 / squares;
    return Math.min(sum, 1);
  });
  const componentsFor95 = cumulativeVariance.findIndex((share) => share >= 0.95) + 1;
  return { normalized, cumulativeVariance, participationRatio: squares ** 2 / fourths, componentsFor95 };
}
