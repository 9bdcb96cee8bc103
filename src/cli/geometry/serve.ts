import { inSlices } from '../../workers/inSlices.ts';
import type { Handlers } from '../../workers/rpc.ts';
import { type AnalysisJob, type AnalysisResult, analysisSteps } from './analysis.ts';

export type GeometryCalls = {
  geometry: { parameters: AnalysisJob; result: AnalysisResult; progress: number };
};

/** The part of a thread that analyzes layers. */
export const geometryHandlers: Handlers<GeometryCalls> = {
  geometry: (job, { signal, progress }) =>
    inSlices(analysisSteps(job), { signal, onSlice: (fraction) => progress(fraction), slice: 100 }),
};
