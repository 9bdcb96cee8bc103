import { inSlices } from '../../workers/inSlices.ts';
import type { Handlers } from '../../workers/rpc.ts';
import type { Layer } from '../inputs/activations.ts';
import {
  type AnalysisJob,
  type AnalysisResult,
  analysisSteps,
  type GluePart,
  type GlueResult,
  joinGlueSteps,
} from './analysis.ts';
import { layersSimilaritySteps, type Similarity } from './similarity.ts';

export type GeometryCalls = {
  geometry: { parameters: AnalysisJob; result: AnalysisResult | GluePart; progress: number };
  joinGlue: { parameters: readonly GluePart[]; result: GlueResult; progress: number };
  similarity: { parameters: readonly Layer[]; result: Similarity; progress: number };
};

/** Milliseconds between checks for messages. */
const SLICE = 100;

/** The calls of a thread that analyze layers. */
export const geometryHandlers: Handlers<GeometryCalls> = {
  geometry: (job, { signal, progress }) =>
    inSlices(analysisSteps(job), { signal, onSlice: (fraction) => progress(fraction), slice: SLICE }),
  joinGlue: (parts, { signal, progress }) =>
    inSlices(joinGlueSteps(parts), { signal, onSlice: (fraction) => progress(fraction), slice: SLICE }),
  similarity: (layers, { signal, progress }) =>
    inSlices(layersSimilaritySteps(layers), {
      ...{ signal, slice: SLICE },
      onSlice: (fraction) => progress(fraction),
    }),
};
