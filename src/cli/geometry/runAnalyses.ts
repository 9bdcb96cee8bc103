import type { Host } from '../frame/command.ts';
import type { Progress } from '../frame/progress.ts';
import { type Outcome, runJobs } from '../threads/pool.ts';
import type { AnalysisJob, AnalysisResult, GluePart } from './analysis.ts';
import type { GeometryCalls } from './serve.ts';

/** Minimum number of samples per thread, because every thread computes the layer's span again. */
const LEAST_SAMPLES = 25;

interface RunOptions {
  threads: number;
  host: Host;
  progress: Progress;
}

/** Runs all analyses on threads. With fewer analyses than threads, threads share GLUE's samples; the figures stay the same. */
export async function runAnalyses(
  jobs: readonly AnalysisJob[],
  { threads, host, progress }: RunOptions,
): Promise<Outcome<AnalysisResult>[]> {
  const pieces = jobs.flatMap((job, index) =>
    splitJob(job, jobs.length, threads).map((piece) => ({ index, job: piece })),
  );
  const pool = { thread: 'analysis', threads, startThread: host.startThread, signal: host.signal } as const;
  const fractions = pieces.map(() => 0);
  const left = jobs.map((_, index) => pieces.filter((piece) => piece.index === index).length);
  let ended = 0;
  const outcomes = await runJobs<GeometryCalls, 'geometry'>(
    'geometry',
    pieces.map(({ job }) => job),
    {
      ...pool,
      onProgress(piece, fraction) {
        fractions[piece] = fraction;
        const share = fractions.reduce((sum, each) => sum + each, 0) / pieces.length;
        progress.now(`Analyzing: ${Math.floor(100 * share)} %, ${ended} of ${jobs.length} analyses done`);
      },
      onEnd(piece, { kind }) {
        fractions[piece] = 1;
        const { index } = pieces[piece];
        left[index]--;
        if (left[index] > 0) return;
        ended++;
        const { layer, estimator } = jobs[index];
        // The command's last line says why an analysis failed.
        if (kind === 'failed') return;
        progress.line(`${layer.name}, ${estimator}: ${kind} (${ended} of ${jobs.length})`);
      },
    },
  );
  const whole = jobs.map((_, index) =>
    joined(outcomes.filter((_outcome, piece) => pieces[piece].index === index)),
  );
  const toJoin = whole.flatMap((one, index) => (one.kind === 'parts' ? [{ index, parts: one.parts }] : []));
  const joins = await runJobs<GeometryCalls, 'joinGlue'>(
    'joinGlue',
    toJoin.map(({ parts }) => parts),
    { ...pool, onProgress: (_, fraction) => progress.now(`GLUE’s figures: ${Math.floor(100 * fraction)} %`) },
  );
  progress.clear();
  return whole.map((one, index) =>
    one.kind === 'parts' ? joins[toJoin.findIndex((each) => each.index === index)] : one,
  );
}

/** One piece, or ranges of GLUE's samples if threads would idle. Resamples cost more and stay with their figures. */
function splitJob(job: AnalysisJob, jobs: number, threads: number): AnalysisJob[] {
  const { samples, resamples } = job.settings;
  const parts = Math.min(Math.ceil(threads / jobs), Math.floor(samples / LEAST_SAMPLES));
  if (job.estimator !== 'glue' || resamples > 0 || parts < 2) return [job];
  const start = (part: number) => Math.round((part * samples) / parts);
  return Array.from({ length: parts }, (_, part) => ({
    ...job,
    range: { from: start(part), to: start(part + 1) },
  }));
}

/** The outcome of an analysis from the outcomes of its pieces. */
function joined(
  outcomes: readonly Outcome<AnalysisResult | GluePart>[],
): Outcome<AnalysisResult> | { kind: 'parts'; parts: GluePart[] } {
  const parts: GluePart[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind !== 'done') return outcome;
    const { result } = outcome;
    if (result.estimator !== 'glue-part') return { kind: 'done', result };
    parts.push(result);
  }
  return { kind: 'parts', parts };
}
