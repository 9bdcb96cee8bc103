import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Progress } from '../../src/cli/frame/progress.ts';
import type { AnalysisJob } from '../../src/cli/geometry/analysis.ts';
import { runAnalyses } from '../../src/cli/geometry/runAnalyses.ts';
import type { GeometryCalls } from '../../src/cli/geometry/serve.ts';
import { type Pool, startPool } from '../../src/cli/threads/pool.ts';
import { threadStarter } from '../../src/cli/threads/startThread.ts';
import { writeNpz } from '../../src/ml/formats/index.ts';
import { clouds } from './clouds.ts';
import { notebookImages } from './geometry.bench.ts';
import { middle } from './row.ts';

/** Milliseconds of one job on one and on two threads, medians by the clock. */
export interface ThreadsRow {
  name: string;
  /** `untangle geometry`, from the start of the program to its end. */
  whole: [number, number];
  /** The samples of t and y alone. */
  samples: [number, number];
}

interface Points {
  name: string;
  data: Float32Array<ArrayBuffer>;
  classes: number;
}

const COLUMNS = 784;
const THREADS = [1, 2] as const;

/** Times GLUE with 300 samples on one and two threads, in turns. */
export async function timeThreads({ rounds = 5 } = {}): Promise<ThreadsRow[]> {
  const many = clouds(20, 50, COLUMNS);
  const jobs: Points[] = [
    {
      name: 'MNIST pixels, 10 manifolds x 50 points',
      data: Float32Array.from(notebookImages()),
      classes: 10,
    },
    {
      name: 'clouds, 20 manifolds x 50 points',
      data: Float32Array.from(many.flatMap(({ data }) => [...data])),
      classes: 20,
    },
  ];
  const rows: ThreadsRow[] = [];
  for (const job of jobs) {
    const file = fileOf(job);
    const whole: [number[], number[]] = [[], []];
    const samples: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const threads of THREADS) {
        whole[threads - 1].push(timeCommand(file, threads));
        samples[threads - 1].push(await timeSamples(job, threads));
      }
    }
    rmSync(file);
    rows.push({
      name: job.name,
      whole: [middle(whole[0]), middle(whole[1])],
      samples: [middle(samples[0]), middle(samples[1])],
    });
  }
  return rows;
}

const labelsOf = ({ data, classes }: Points) =>
  Int32Array.from({ length: data.length / COLUMNS }, (_, i, count = data.length / COLUMNS) =>
    Math.floor((i * classes) / count),
  );

function fileOf(job: Points): string {
  const rows = job.data.length / COLUMNS;
  const file = join(mkdtempSync(join(tmpdir(), 'untangle-bench-')), 'points.npz');
  const points = { data: job.data, shape: [rows, COLUMNS] };
  writeFileSync(file, writeNpz({ points, y: { data: labelsOf(job), shape: [rows] } }));
  return file;
}

/** Milliseconds of the built package's command. */
function timeCommand(file: string, threads: number): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...['build/untangle.js', 'geometry', file, '--estimator', 'glue'],
      ...['--json', '--threads', String(threads), '--quiet'],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`expected untangle to end, found ${stderr}`);
  return performance.now() - start;
}

/** Milliseconds from the first call for samples to the last answer, on threads of the built package. */
async function timeSamples(points: Points, threads: number): Promise<number> {
  const { signal } = new AbortController();
  const startThread = threadStarter(pathToFileURL(resolve('build/thread.js')));
  const pool = startPool<GeometryCalls>({ thread: 'analysis', threads, startThread, signal });
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  const timed: Pool<GeometryCalls> = {
    ...pool,
    async call(kind, parameters, options) {
      const start = performance.now();
      const result = await pool.call(kind, parameters, options);
      if (kind === 'glueSamples') {
        first = Math.min(first, start);
        last = performance.now();
      }
      return result;
    },
  };
  try {
    const progress = new Progress({ stderr: () => undefined, isTerminal: false }, { quiet: true });
    const [outcome] = await runAnalyses([jobOf(points)], { pool: timed, signal, progress });
    if (outcome.kind !== 'done') throw new Error('expected the analysis to end');
  } finally {
    pool.close();
  }
  return last - first;
}

function jobOf(points: Points): AnalysisJob {
  const rows = points.data.length / COLUMNS;
  return {
    layer: { name: 'points', data: points.data, rows, columns: COLUMNS },
    labels: labelsOf(points),
    classNames: Array.from({ length: points.classes }, (_, c) => String(c)),
    estimator: 'glue',
    settings: {
      ...{ estimators: ['glue'], seed: 0, samples: 300, ensemble: 'uniform', center: true },
      ...{ kappa: 0, rule: 'lowestCost', dichotomies: 50, resamples: 0 },
    },
  };
}
