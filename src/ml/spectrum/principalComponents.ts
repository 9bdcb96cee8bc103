import { CallError } from '../callError.ts';
import { assertFiniteRows, type RowData, rowGram, rowMean } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { leadingEigenpairs } from '../linear/symmetricEigen.ts';
import { shortRows } from './singularValues.ts';

/** Principal components of [n, units] data, centered by column; variances divide by n - 1, as scikit-learn's. */
export interface PrincipalComponents {
  /** Row per image, column per component: [n, components]. */
  projection: Matrix;
  /** Orthonormal, one row each; the entry largest in size is positive, as scikit-learn's. [components, units] */
  components: Matrix;
  mean: Float64Array;
  explainedVariance: Float64Array;
  explainedVarianceRatio: Float64Array;
  /** Of the centered matrix. */
  singularValues: Float64Array;
  /** (sum of variances)^2 / sum of squared variances, over all components. */
  participationRatio: number;
}

/**
 * Computes the leading principal components. Components beyond the data's rank are zeros.
 * @param options.gram known inner products of the rows, not centered (only if n <= units).
 * @throws if values are not finite, or for fewer than two rows, or more components than min(n, units).
 */
export function principalComponents(
  source: RowData,
  { components: count = 2, gram }: { components?: number; gram?: Matrix } = {},
): PrincipalComponents {
  const caller = 'principalComponents';
  assertFiniteRows(source, caller);
  const { rows, columns } = source;
  if (rows < 2) throw new CallError(caller, `expected at least two rows, found ${rows}`);
  if (!Number.isInteger(count) || count < 1 || count > Math.min(rows, columns)) {
    throw new CallError(
      caller,
      `expected 1 to ${Math.min(rows, columns)} components for ${rows} x ${columns} values, found ${count}`,
    );
  }
  const mean = rowMean(source);
  const byImages = rows <= columns;
  const products = centeredProducts(source, mean, gram);
  const { values, vectors } = leadingEigenpairs(products, count);
  const components = zeros(count, columns);
  const projection = zeros(rows, count);
  const singularValues = new Float64Array(count);
  const { total, squares } = traces(products);
  for (let c = 0; c < count; c++) {
    // An eigenvalue below this share of the total is a rounding error.
    if (!(values[c] > 1e-13 * total)) continue;
    const vector = vectors.data.subarray(c * vectors.columns, (c + 1) * vectors.columns);
    singularValues[c] = Math.sqrt(values[c]);
    const component = components.data.subarray(c * columns, (c + 1) * columns);
    if (byImages) addRows(component, source, mean, vector, 1 / singularValues[c]);
    else component.set(vector);
    makeLargestPositive(component);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += (source.data[i * columns + k] - mean[k]) * component[k];
      projection.data[i * count + c] = sum;
    }
  }
  return {
    projection,
    components,
    mean,
    explainedVariance: singularValues.map((value) => value ** 2 / (rows - 1)),
    explainedVarianceRatio: singularValues.map((value) => (total > 0 ? value ** 2 / total : 0)),
    singularValues,
    participationRatio: squares > 0 ? total ** 2 / squares : 0,
  };
}

/** Inner products of the centered matrix's shorter side. */
function centeredProducts(source: RowData, mean: Float64Array, gram?: Matrix): Matrix {
  if (source.rows <= source.columns) {
    return gram ? doubleCentered(gram) : rowGram(source, { shift: mean });
  }
  const centered = zeros(source.rows, source.columns);
  for (let i = 0; i < centered.data.length; i++) {
    centered.data[i] = source.data[i] - mean[i % source.columns];
  }
  return rowGram(shortRows(centered));
}

/** Inner products after subtracting the rows' mean, computed from the uncentered ones. */
function doubleCentered(gram: Matrix): Matrix {
  const count = gram.rows;
  const means = rowMean(gram);
  const mean = means.reduce((sum, value) => sum + value, 0) / count;
  const result = zeros(count, count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      result.data[i * count + j] = gram.data[i * count + j] - means[i] - means[j] + mean;
    }
  }
  return result;
}

function traces({ data, rows }: Matrix): { total: number; squares: number } {
  let total = 0;
  let squares = 0;
  for (let i = 0; i < rows; i++) total += data[i * rows + i];
  for (let i = 0; i < data.length; i++) squares += data[i] ** 2;
  return { total, squares };
}

/** target += scale * sum of vector[i] (row i - mean). */
function addRows(
  target: Float64Array,
  { data, rows, columns }: RowData,
  mean: Float64Array,
  vector: Float64Array,
  scale: number,
): void {
  for (let i = 0; i < rows; i++) {
    const weight = scale * vector[i];
    for (let k = 0; k < columns; k++) target[k] += weight * (data[i * columns + k] - mean[k]);
  }
}

function makeLargestPositive(values: Float64Array): void {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest < 0) for (let i = 0; i < values.length; i++) values[i] = -values[i];
}
