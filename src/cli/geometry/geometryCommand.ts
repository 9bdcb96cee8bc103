import { type Command, EXIT, type Host } from '../frame/command.ts';
import type { GivenOptions } from '../frame/options.ts';
import { destinationsOf, OUTPUT_OPTIONS, writeReport } from '../frame/output.ts';
import { Progress } from '../frame/progress.ts';
import { UsageError } from '../frame/usageError.ts';
import { layerFault, readLabeledLayers } from '../inputs/activations.ts';
import { startPool } from '../threads/pool.ts';
import type { AnalysisJob } from './analysis.ts';
import { compareLayers } from './compareLayers.ts';
import { geometryReport } from './report.ts';
import { runAnalyses } from './runAnalyses.ts';
import type { GeometryCalls } from './serve.ts';
import { checkExamples, type GeometrySettings, readSettings, SETTINGS_OPTIONS } from './settings.ts';

export const geometryCommand: Command = {
  name: 'geometry',
  summary: 'capacity, radius and dimension of the classes’ manifolds in every layer',
  usage: 'ACTIVATIONS [--labels FILE] [OPTIONS]',
  options: {
    labels: {
      value: 'FILE',
      help: 'labels, numbers or texts: .npy, .npz, .txt with a label per line, or the name of an array of ACTIVATIONS (default: its array labels or y)',
    },
    layers: { value: 'LIST', help: 'arrays to analyze, with commas between them (default: all)' },
    ...SETTINGS_OPTIONS,
    threads: { value: 'N', help: 'worker threads (default: one for each core)' },
    ...OUTPUT_OPTIONS,
  },
  notes: [
    'ACTIVATIONS is .npy, .npz or .safetensors: one array per layer, one row per example; further axes are flattened.',
    'Ctrl-C ends the work and writes the analyses that are done (exit code 130). Bad input: exit code 2.',
    '',
    'Example:',
    '  untangle geometry acts.npz --labels y.npy --estimator glue,mean-field --seed 0 --json',
  ],
  run: runGeometry,
};

async function runGeometry(given: GivenOptions, host: Host): Promise<number> {
  const path = given.onePositional('file of activations');
  const settings = readSettings(given);
  const destinations = destinationsOf(given);
  const threads =
    given.text('threads') === undefined ? host.cores : given.whole('threads', { min: 1, max: 256 });
  const progress = new Progress(host, { quiet: given.has('quiet') });
  const { signal, startThread } = host;
  // The threads start while the files are read.
  const pool = startPool<GeometryCalls>({ thread: 'analysis', threads, startThread, signal });
  try {
    const { layers, jobs, classes } = await jobsOf(path, given, settings, progress);
    const outcomes = await runAnalyses(jobs, { pool, signal, progress });
    progress.clear();
    const analyses = jobs.map((job, i) => ({ job, outcome: outcomes[i] }));
    const isCompared = settings.estimators.includes('companions') && layers.length > 1;
    const similarity = isCompared ? await compareLayers(layers, { pool, signal, progress }) : undefined;
    const report = geometryReport({
      ...{ file: path, version: host.version, classes, settings, analyses, similarity },
    });
    if (outcomes.some(({ kind }) => kind === 'done')) await writeReport(report, destinations, host);
    if (signal.aborted) return EXIT.interrupted;
    for (const { job, outcome } of analyses) {
      if (outcome.kind === 'failed') throw layerFault(path, job.layer.name, outcome.error.message);
    }
    if (similarity?.kind === 'failed') throw new UsageError(`${path}: ${similarity.error.message}`);
    return EXIT.done;
  } finally {
    pool.close();
  }
}

async function jobsOf(path: string, given: GivenOptions, settings: GeometrySettings, progress: Progress) {
  progress.now(`Reading ${path}`);
  const { layers, classes, skipped } = await readLabeledLayers(path, {
    labels: given.text('labels'),
    layers: given.list('layers'),
    points: settings.points,
  });
  checkExamples(path, classes, settings);
  if (skipped.length > 0) progress.line(`Left out, as no layers: ${skipped.join(', ')}`);
  const jobs = layers.flatMap((layer) =>
    settings.estimators.map(
      (estimator): AnalysisJob => ({
        ...{ layer, estimator, settings },
        ...{ labels: classes.labels, classNames: classes.names },
      }),
    ),
  );
  return { layers, jobs, classes };
}
