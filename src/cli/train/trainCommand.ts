import { join } from 'node:path';
import { type RunContent, writeRunFile } from '../../ml/formats/index.ts';
import { type Command, EXIT, type Host } from '../frame/command.ts';
import type { GivenOptions } from '../frame/options.ts';
import { alignedTable, rounded, writeWhole } from '../frame/output.ts';
import { Progress } from '../frame/progress.ts';
import { UsageError } from '../frame/usageError.ts';
import { readDataSet } from '../inputs/dataSet.ts';
import { isFile } from '../inputs/files.ts';
import type { TrainingPlan } from './plan.ts';
import { parseSeeds } from './seeds.ts';
import {
  readDataOptions,
  readNetwork,
  readNetworkLabel,
  readOptimizer,
  TRAINING_OPTIONS,
} from './settings.ts';

export const trainCommand: Command = {
  name: 'train',
  summary: 'trains a network, without a browser, into run files that the page opens',
  usage: '--data PATH [--network NETWORK] [--seed SEEDS] [--out DIR] [OPTIONS]',
  options: TRAINING_OPTIONS,
  notes: [
    'Every seed becomes a file NETWORK-seedN.untangle.zip. Drop it on the page: the run opens with its curves and snapshots,',
    'and training continues from its last step. Weights are those of the page’s wasm engine, whatever the number of workers.',
    'Ctrl-C ends training after the present update and writes the run so far (exit code 130).',
    '',
    'Example:',
    '  untangle train --network lenet --data mnist/ --seed 1..5 --epochs 3 --out runs/',
  ],
  run: runTrain,
};

/** One finished run, for the report. */
interface Finished {
  seed: number;
  steps: number;
  epochs: number;
  testAccuracy?: number;
  testLoss?: number;
  seconds: number;
  file: string;
}

async function runTrain(given: GivenOptions, host: Host): Promise<number> {
  if (given.positionals.length > 0) throw given.fault(`expected options only, found ${given.positionals[0]}`);
  const progress = new Progress(host, { quiet: given.has('quiet') });
  const seeds = parseSeeds(given.required('seed'));
  const workers =
    given.text('workers') === undefined ? undefined : given.whole('workers', { min: 1, max: 64 });
  const settings = {
    epochs: given.whole('epochs', { min: 1, max: 1000 }),
    maxSteps: given.text('steps') === undefined ? undefined : given.whole('steps', { min: 1 }),
    batchSize: given.whole('batch', { min: 1, max: 4096 }),
    learningRate: given.required('lr'),
    optimizer: readOptimizer(given),
  };
  const label = readNetworkLabel(given);
  const source = given.required('data');
  // Learning rate expressions need a large library, which the other commands do without.
  const { checkLearningRate } = await import('./runs.ts');
  checkLearningRate(settings.learningRate);
  progress.now('Reading the data');
  const data = await readDataSet(source, { ...readDataOptions(given), signal: host.signal });
  const network = readNetwork(given, data);
  const fileOf = (seed: number) => join(given.required('out'), `${label}-seed${seed}.untangle.zip`);
  if (!given.has('overwrite')) await assertNew(seeds.map(fileOf));
  const finished = await trainAll({ data, network, ...settings }, seeds, {
    ...{ host, progress, fileOf },
    workers: workers ?? Math.min(4, Math.max(1, Math.floor(host.cores / 2))),
  });
  progress.clear();
  if (finished.length > 0)
    host.stdout(given.has('json') ? `${JSON.stringify(finished, null, 2)}\n` : tableOf(finished));
  return host.signal.aborted ? EXIT.interrupted : EXIT.done;
}

/** @throws UsageError for the first file that exists. */
async function assertNew(files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (await isFile(file)) {
      throw new UsageError(
        `${file}: expected no file, found an earlier run; choose another --out, or give --overwrite.`,
      );
    }
  }
}

interface TrainAllOptions {
  host: Host;
  progress: Progress;
  workers: number;
  fileOf(seed: number): string;
}

async function trainAll(
  plan: TrainingPlan,
  seeds: readonly number[],
  { host, progress, workers, fileOf }: TrainAllOptions,
): Promise<Finished[]> {
  const { openEngine, trainRun } = await import('./runs.ts');
  const { signal, startThread } = host;
  const engine = await openEngine(plan, { workers, startThread });
  const finished: Finished[] = [];
  try {
    for (const seed of seeds) {
      if (signal.aborted) break;
      const run = await trainRun(engine, plan, seed, {
        signal,
        onProgress: ({ step, epoch, loss, stepsPerSecond = 0 }) =>
          progress.now(
            `Seed ${seed}: step ${step}, epoch ${epoch + 1} of ${plan.epochs}, loss ${rounded(loss, 3)}, ${Math.round(stepsPerSecond)} steps/s`,
          ),
        onEpoch: ({ epoch, testAccuracy, testLoss, seconds }) =>
          progress.line(
            `Seed ${seed}, epoch ${epoch}: test accuracy ${rounded(testAccuracy, 4)}, test loss ${rounded(testLoss, 4)}, ${rounded(seconds, 3)} s`,
          ),
      });
      if (run.losses.length === 0) break;
      await writeWhole(fileOf(seed), writeRunFile(run));
      finished.push(summaryOf(run, seed, fileOf(seed)));
    }
  } finally {
    await engine.dispose();
  }
  return finished;
}

function summaryOf({ losses, epochs, checkpoint }: RunContent, seed: number, file: string): Finished {
  const last = epochs.at(-1);
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, checkpoint?.position.seconds ?? 0);
  return {
    ...{ seed, steps: losses.length, epochs: epochs.length },
    ...{ testAccuracy: last?.testAccuracy, testLoss: last?.testLoss },
    ...{ seconds, file },
  };
}

function tableOf(finished: readonly Finished[]): string {
  const measured = (value: number | undefined) => (value === undefined ? '–' : rounded(value, 4));
  return `${alignedTable([
    ['seed', 'steps', 'epochs', 'test accuracy', 'test loss', 'seconds', 'file'],
    ...finished.map(({ seed, steps, epochs, testAccuracy, testLoss, seconds, file }) => [
      ...[seed, steps, epochs].map(String),
      ...[measured(testAccuracy), measured(testLoss), rounded(seconds, 3), file],
    ]),
  ])}\n`;
}
