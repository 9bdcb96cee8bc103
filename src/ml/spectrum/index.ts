/** The spectrum of a layer's activations: singular values, principal components, and their alignment over a run. */

export type { RowData } from '../linear/gram.ts';
export type { Matrix } from '../linear/matrix.ts';
export { alignProjection } from './alignment.ts';
export { analyzeSpectrum, analyzeSpectrumSteps, type Spectrum } from './analyzeSpectrum.ts';
export { type PrincipalComponents, principalComponents } from './principalComponents.ts';
export { type SpectrumSummary, singularValues, summarizeSpectrum } from './singularValues.ts';
