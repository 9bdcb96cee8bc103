/**
 * Manifold geometry: how many class manifolds a layer can separate, and why. Start from `analyzeManifolds`; workers use
 * the `...Steps` generators, which yield every few milliseconds, so that a caller can report, wait and cancel.
 */

export {
  type CkaEstimate,
  type CkaMatrix,
  debiasedCka,
  debiasedCkaEstimate,
  debiasedCkaEstimates,
  debiasedCkaEstimatesSteps,
  debiasedCkaMatrix,
  debiasedCkaMatrixSteps,
  type Represented,
  represent,
} from '../similarity/alignment.ts';
export type {
  AnalyzeOptions,
  GeometryProgress,
  GeometryResult,
  ManifoldGeometry,
} from './analyzeManifolds.ts';
export {
  analyzeManifolds,
  analyzeManifoldsSteps,
} from './analyzeManifolds.ts';
export { CENTER_RULES, type CenterRule, DEFAULT_RESTARTS, ENOUGH_FINDS } from './centerStructure.ts';
export type { Manifold, PreparedCenters } from './centers.ts';
export { type Concerns, concernsOf, SMALL_NORM_RATIO } from './concerns.ts';
export { type AnalysisShape, estimateGlueMilliseconds, estimateMilliseconds } from './estimate.ts';
export { type FewShot, fewShot } from './fewShot.ts';
export {
  type GlueOptions,
  glueGeometry,
  glueGeometrySteps,
} from './glueGeometry.ts';
export { ENSEMBLES, type Ensemble } from './glueLabelings.ts';
export { type GlueResample, glueFiguresOf, glueResampleSteps } from './glueResampling.ts';
export { type GlueSample, glueSample } from './glueSample.ts';
export {
  type GlueDraws,
  type GluePiece,
  type GlueSamples,
  type GlueWork,
  glueWorkSteps,
  joinPieces,
} from './glueSamples.ts';
export { type GlueSpan, glueSpanSteps } from './glueSpan.ts';
export {
  finishGlue,
  GLUE_FIGURES,
  type GlueFigure,
  type GlueFigures,
  type GlueGeometry,
  type GlueSummaryPart,
  glueSummarySteps,
} from './glueSummary.ts';
export { groupByLabel } from './groupByLabel.ts';
export { type Change, type ComparedMoment, changesBetween, imageErrors } from './imageErrors.ts';
export { neuralCollapse } from './neuralCollapse.ts';
export { randomProjection, randomProjectionSteps } from './randomProjection.ts';
export {
  FIGURES,
  type FigureName,
  type Figures,
  figuresOf,
  RESAMPLE_RESTARTS,
  RESAMPLE_SAMPLES,
  type Resample,
  type ResampleKind,
  randomHalves,
  resampleSteps,
  samplesOfResample,
} from './resampling.ts';
export {
  type SimulatedCapacity,
  type SimulationOptions,
  simulateCapacity,
  simulateCapacitySteps,
} from './simulatedCapacity.ts';
export { studentQuantile } from './student.ts';
