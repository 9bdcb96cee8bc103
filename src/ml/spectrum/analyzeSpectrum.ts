import { assertFiniteRows, type RowData, rowGramSteps } from '../linear/gram.ts';
import { drain, mapProgress } from '../linear/steps.ts';
import { type PrincipalComponents, principalComponents } from './principalComponents.ts';
import {
  isSmall,
  type SpectrumSummary,
  singularValuesSteps,
  summarizeSpectrum,
  valuesFromGramSteps,
} from './singularValues.ts';

/** The spectrum of a layer's activations, as in the notebook, and the leading principal components. */
export interface Spectrum extends SpectrumSummary {
  /** Singular values of the matrix without centering, in descending order. */
  singularValues: Float64Array;
  /** Of the centered matrix. */
  pca: PrincipalComponents;
}

/**
 * Singular values and principal components of [n, units] activations. `participationRatio`, `cumulativeVariance` and
 * `componentsFor95` describe the singular values given; the centered ratio is `pca.participationRatio`.
 * @throws if values are not finite, all are zero, or there are fewer than two rows.
 */
export function analyzeSpectrum(source: RowData, options: { components?: number } = {}): Spectrum {
  return drain(analyzeSpectrumSteps(source, options));
}

/** `analyzeSpectrum` in steps: yields the fraction done, so that a caller can cancel. */
export function* analyzeSpectrumSteps(
  source: RowData,
  { components = Math.min(3, source.rows, source.columns) }: { components?: number } = {},
): Generator<number, Spectrum, void> {
  assertFiniteRows(source, 'analyzeSpectrum');
  if (isSmall(source) || source.rows > source.columns) {
    const values = yield* singularValuesSteps(source);
    const summary = summarizeSpectrum(values);
    return { singularValues: values, ...summary, pca: principalComponents(source, { components }) };
  }
  // The singular values and the components use the same inner products.
  const gram = yield* mapProgress(rowGramSteps(source), (fraction) => 0.5 * fraction);
  const values = yield* valuesFromGramSteps(gram);
  const summary = summarizeSpectrum(values);
  return { singularValues: values, ...summary, pca: principalComponents(source, { components, gram }) };
}
