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

/** The spectrum of a layer's activations, as the notebook's, and its leading principal components. */
export interface Spectrum extends SpectrumSummary {
  /** Of the matrix as it is (not centered), descending. */
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
  // One set of inner products serves both.
  const gram = yield* mapProgress(rowGramSteps(source), (fraction) => 0.5 * fraction);
  const values = yield* valuesFromGramSteps(gram);
  const summary = summarizeSpectrum(values);
  return { singularValues: values, ...summary, pca: principalComponents(source, { components, gram }) };
}
