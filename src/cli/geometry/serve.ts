import { inSlices } from '../../workers/inSlices.ts';
import type { Handlers } from '../../workers/rpc.ts';
import {
  type AnalysisJob,
  type AnalysisResult,
  analysisSteps,
  type GluePart,
  type GlueResult,
  joinGlueSteps,
} from './analysis.ts';

export type GeometryCalls = {
  geometry: { parameters: AnalysisJob; result: AnalysisResult | GluePart; progress: number };
  joinGlue: { parameters: readonly GluePart[]; result: GlueResult; progress: number };
};

/** Milliseconds between checks for messages. */
const SLICE = 100;

/** The calls of a thread that analyze layers. */
export const geometryHandlers: Handlers<GeometryCalls> = {
  geometry: (job, { signal, progress }) =>
    inSlices(analysisSteps(job), { signal, onSlice: (fraction) => progress(fraction), slice: SLICE }),
  joinGlue: (parts, { signal, progress }) =>
    inSlices(joinGlueSteps(parts), { signal, onSlice: (fraction) => progress(fraction), slice: SLICE }),
};
