import {
  type GluePiece,
  type GlueResample,
  type GlueSamples,
  type GlueSpan,
  type GlueSummaryPart,
  glueSummarySteps,
  glueWorkSteps,
  type Resample,
} from '../../ml/geometry/index.ts';
import type { Matrix } from '../../ml/linear/matrix.ts';
import type { Steps } from '../../ml/linear/steps.ts';
import { inSlices } from '../../workers/inSlices.ts';
import type { CallContext, Handlers } from '../../workers/rpc.ts';
import { sharedMatrix } from '../../workers/sharedMemory.ts';
import type { Layer } from '../inputs/activations.ts';
import {
  type AnalysisJob,
  type CompanionsResult,
  companionsOf,
  glueResampleOf,
  glueSpanOf,
  type MeanFieldFigures,
  meanFieldResampleSteps,
  meanFieldSteps,
  type SimulationResult,
  simulationSteps,
} from './analysis.ts';
import type { GeometrySettings } from './settings.ts';
import { layersSimilaritySteps, type Similarity } from './similarity.ts';

interface Part<Parameters, Result> {
  parameters: Parameters;
  result: Result;
  progress: number;
}

/** The parts of the analyses; each is one call of one thread. */
export type GeometryCalls = {
  meanField: Part<AnalysisJob, MeanFieldFigures>;
  meanFieldResample: Part<{ job: AnalysisJob; index: number; warmStart: Matrix[] }, Resample>;
  simulation: Part<AnalysisJob, SimulationResult>;
  companions: Part<AnalysisJob, CompanionsResult>;
  glueSpan: Part<AnalysisJob, GlueSpan>;
  /** The samples that the thread takes from the counter. */
  glueSamples: Part<{ span: GlueSpan; settings: GeometrySettings; next: Int32Array }, GluePiece[]>;
  glueSummary: Part<{ span: GlueSpan; samples: GlueSamples; part: number; parts: number }, GlueSummaryPart>;
  glueResample: Part<{ job: AnalysisJob; index: number }, GlueResample>;
  similarity: Part<readonly Layer[], Similarity>;
};

/** Milliseconds between checks for messages. */
const SLICE = 100;

function run<Result>(
  steps: Steps<number, Result>,
  { signal, progress }: CallContext<number>,
): Promise<Result> {
  return inSlices(steps, { signal, onSlice: (fraction) => progress(fraction), slice: SLICE });
}

/** The calls of a thread that analyze layers. */
export const geometryHandlers: Handlers<GeometryCalls> = {
  meanField: (job, context) => run(meanFieldSteps(job), context),
  meanFieldResample: ({ job, index, warmStart }, context) =>
    run(meanFieldResampleSteps(job, index, warmStart), context),
  simulation: (job, context) => run(simulationSteps(job), context),
  companions: async (job) => companionsOf(job),
  async glueSpan(job, context) {
    const span = await run(glueSpanOf(job), context);
    return { ...span, points: sharedMatrix(span.points), basis: sharedMatrix(span.basis) };
  },
  glueSamples: ({ span, settings: { seed, ensemble, samples }, next }, context) =>
    run(glueWorkSteps(span, { seed, ensemble }, { next, samples }), context),
  glueSummary: ({ span, samples, ...share }, context) => run(glueSummarySteps(span, samples, share), context),
  glueResample: ({ job, index }, context) => run(glueResampleOf(job, index), context),
  similarity: (layers, context) => run(layersSimilaritySteps(layers), context),
};
