import {
  finishGlue,
  type GlueGeometry,
  type GlueSamples,
  imageErrors,
  joinPieces,
} from '../../ml/geometry/index.ts';
import { sharedMatrix } from '../../workers/sharedMemory.ts';
import type { Progress } from '../frame/progress.ts';
import { type Outcome, outcomeOf, type Pool } from '../threads/pool.ts';
import type { AnalysisJob, AnalysisResult, GlueResult, MeanFieldResult } from './analysis.ts';
import type { GeometryCalls } from './serve.ts';

interface RunOptions {
  pool: Pool<GeometryCalls>;
  signal: AbortSignal;
  progress: Progress;
}

/** One job's way to the threads. */
interface Task {
  job: AnalysisJob;
  /** Calls a thread; the call takes the job from one fraction of its time to another. */
  call<Kind extends keyof GeometryCalls>(
    kind: Kind,
    parameters: GeometryCalls[Kind]['parameters'],
    part: readonly [from: number, to: number],
  ): Promise<GeometryCalls[Kind]['result']>;
  threads: number;
}

/**
 * Runs all analyses on the threads, in order; threads that would idle share GLUE's samples and the resamples. The figures do
 * not depend on the number of threads.
 */
export function runAnalyses(
  jobs: readonly AnalysisJob[],
  { pool, signal, progress }: RunOptions,
): Promise<Outcome<AnalysisResult>[]> {
  const fractions = jobs.map(() => 0);
  let ended = 0;
  return Promise.all(
    jobs.map(async (job, index) => {
      const call: Task['call'] = (kind, parameters, [from, to]) =>
        pool.call(kind, parameters, {
          job: index,
          onProgress(fraction) {
            fractions[index] = Math.max(fractions[index], from + (to - from) * fraction);
            const share = fractions.reduce((sum, each) => sum + each, 0) / jobs.length;
            progress.now(`Analyzing: ${Math.floor(100 * share)} %, ${ended} of ${jobs.length} analyses done`);
          },
        });
      const outcome = await outcomeOf(analyze({ job, call, threads: pool.size }), signal);
      fractions[index] = 1;
      ended++;
      const { layer, estimator } = job;
      // The command's last line says why an analysis failed.
      if (outcome.kind !== 'failed')
        progress.line(`${layer.name}, ${estimator}: ${outcome.kind} (${ended} of ${jobs.length})`);
      return outcome;
    }),
  );
}

function analyze(task: Task): Promise<AnalysisResult> {
  const { job, call } = task;
  switch (job.estimator) {
    case 'glue':
      return analyzeGlue(task);
    case 'mean-field':
      return analyzeMeanField(task);
    case 'simulation':
      return call('simulation', job, [0, 1]);
    case 'companions':
      return call('companions', job, [0, 1]);
    default:
      return job.estimator satisfies never;
  }
}

/** Time of a resample relative to that of the figures. */
const RESAMPLE_COST = 1 / 3;

/** The share of the figures in the time of a job with resamples. */
const figuresPart = (resamples: number) => 1 / (1 + resamples * RESAMPLE_COST);

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

async function analyzeGlue(task: Task): Promise<GlueResult> {
  const { job, call } = task;
  const { resamples: count } = job.settings;
  const figures = figuresPart(count);
  const geometry = await glueFigures(task, figures);
  if (count === 0) return { estimator: 'glue', geometry };
  const step = (1 - figures) / count;
  const resamples = await Promise.all(
    upTo(count).map((index) =>
      call('glueResample', { job, index }, [figures + index * step, figures + (index + 1) * step]),
    ),
  );
  return { estimator: 'glue', geometry, imageErrors: imageErrors(resamples) };
}

/** Minimum number of samples per thread, because every thread prepares the layer's points. */
const LEAST_SAMPLES = 8;
/** Maximum number of threads for the summary, because each adds up the anchors of all samples. */
const MOST_SUMMARY = 10;

/** One thread finds the span, which all share in memory; then all take samples, and each makes a part of the figures. */
async function glueFigures({ job, call, threads }: Task, share: number): Promise<GlueGeometry> {
  const { settings } = job;
  const span = await call('glueSpan', job, [0, 0.1 * share]);
  const next = new Int32Array(new SharedArrayBuffer(4));
  const sharers = Math.max(1, Math.min(threads, Math.floor(settings.samples / LEAST_SAMPLES)));
  const pieces = await Promise.all(
    upTo(sharers).map(() => call('glueSamples', { span, settings, next }, [0.1 * share, 0.95 * share])),
  );
  const joined = joinPieces(pieces.flat());
  const samples: GlueSamples = { ...joined, tVectors: sharedMatrix(joined.tVectors) };
  const count = Math.min(sharers, MOST_SUMMARY);
  const parts = await Promise.all(
    upTo(count).map((part) =>
      call('glueSummary', { span, samples, part, parts: count }, [0.95 * share, share]),
    ),
  );
  return finishGlue(span, samples, parts);
}

async function analyzeMeanField({ job, call }: Task): Promise<MeanFieldResult> {
  const { resamples: count } = job.settings;
  const figures = figuresPart(count);
  const { geometry, warmStart } = await call('meanField', job, [0, figures]);
  if (count === 0) return { estimator: 'mean-field', geometry };
  const step = (1 - figures) / count;
  const resamples = await Promise.all(
    upTo(count).map((index) =>
      call('meanFieldResample', { job, index, warmStart }, [
        figures + index * step,
        figures + (index + 1) * step,
      ]),
    ),
  );
  return { estimator: 'mean-field', geometry, imageErrors: imageErrors(resamples) };
}
