/**
 * Manifold geometry: how many class manifolds a layer can separate, and why. Start from `analyzeManifolds`; workers use
 * the `...Steps` generators, which yield every few milliseconds, so that a caller can report, wait and cancel.
 */

export type {
  AnalyzeOptions,
  GeometryProgress,
  GeometryResult,
  ManifoldGeometry,
} from './analyzeManifolds.ts';
export {
  analyzeManifoldSteps,
  analyzeManifolds,
  analyzeManifoldsSteps,
  combineManifolds,
} from './analyzeManifolds.ts';
export { anchorGeometry } from './anchors.ts';
export { type Manifold, type PreparedCenters, prepareCentersSteps } from './centers.ts';
export { type AnalysisShape, estimateMilliseconds } from './estimate.ts';
export { groupByLabel } from './groupByLabel.ts';
export { randomProjection, randomProjectionSteps } from './randomProjection.ts';
export { type ExampleErrors, resampleExamplesSteps, spreadOfResults } from './resampling.ts';
export {
  type SimulatedCapacity,
  type SimulationOptions,
  simulateCapacity,
  simulateCapacitySteps,
} from './simulatedCapacity.ts';
