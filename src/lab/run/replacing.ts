import type { StoreApi } from 'zustand/vanilla';
import { type DataSet, type DataShape, shapeOfData } from '../../ml/data/dataset.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Workers } from '../../workers/client.ts';
import type { KeptContent } from '../../workers/runStorage.ts';
import { createSerial } from '../../workers/serial.ts';
import type { DataSets } from '../data/dataSets.ts';
import type { Savable } from '../keep/findings.ts';
import type { Keeper } from '../keep/keeper.ts';
import { historyOf } from '../state/history.ts';
import { shapeOf } from '../state/networkShape.ts';
import type { Problems } from '../state/problems.ts';
import type { Settings } from '../state/settings.ts';
import { checkLearningRate, checkSettings, networkOf, runSettings } from '../state/settings.ts';
import { listSnapshots } from '../state/snapshotList.ts';
import type { LabState, RecordedId } from '../state/state.ts';
import { type BatchSizes, createBatchSizes } from './batchSize.ts';
import { adaptation, createDataRemark, type DataRemark } from './dataRemark.ts';
import type { OpenedRun } from './openedRun.ts';
import { createTurnover, type Turnover } from './turnover.ts';

export interface OpenOptions {
  /** The run is only viewed; training starts a new run. */
  recorded?: RecordedId | false;
  /** The saved run, which continues to be saved. */
  kept?: KeptContent;
  /** An engine other than the settings'. */
  engine?: Settings['engine'];
}

/** Replaces the page's run. */
export interface Replacing {
  restart(changes?: Partial<Settings>): Promise<void>;
  openRun(run: OpenedRun, options?: OpenOptions): Promise<void>;
  /** Starts a run with parameters from a file. */
  loadParameters(parameters: Parameters, source: string): Promise<void>;
  /** Resolves when no replacement is in progress. Every change to a run waits for this. */
  settled(): Promise<void>;
  /** Waits for a replacement in progress, and replaces a run that is only viewed with a new run. */
  beforeTraining(): Promise<void>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  trainer: Workers['trainer'];
  snapshots: SnapshotStore;
  dataSets: DataSets;
  keep: Keeper;
  /** Questions whose answers are about the old run. */
  questions: { forget(): void };
  problems: Problems;
  restoreFindings(findings: readonly Savable[], options: { written: boolean }): void;
}

export function stepsPerEpochAt({ batchSize }: Pick<Settings, 'batchSize'>, data?: DataSet): number {
  return Math.floor((data?.train.count ?? 60_000) / batchSize);
}

/** The functions of this file share the lab's parts, the present remark, and the steps of a change of runs. */
interface Replacer extends Parts {
  batchSizes: BatchSizes;
  remark: DataRemark;
  turnover: Turnover;
}

export function createReplacing(parts: Parts): Replacing {
  const { labStore, trainer, problems } = parts;
  const replacing = createSerial();
  const turnover = createTurnover(parts);
  const batchSizes = createBatchSizes();
  const replacer = { ...parts, batchSizes, remark: createDataRemark(labStore, problems), turnover };
  const restart = (changes: Partial<Settings> = {}) => replacing.run(() => beginRun(replacer, changes));

  return {
    restart,
    openRun: (run, options) => replacing.run(() => putInPlace(replacer, run, options)),
    loadParameters: (parameters, source) =>
      replacing.run(async () => {
        await trainer.call('stop', undefined);
        turnover.leaveRun({});
        await trainer.call('loadParameters', { parameters, source });
        turnover.startRun();
      }),
    settled: replacing.settled,
    async beforeTraining() {
      await replacing.settled();
      if (labStore.getState().recorded) await restart();
    },
  };
}

/** Begins a new run from its seed. */
async function beginRun(
  { labStore: { getState }, trainer, dataSets, problems, batchSizes, remark, turnover }: Replacer,
  changes: Partial<Settings>,
): Promise<void> {
  const wanted = (shape?: DataShape) => checkSettings({ ...getState().settings, ...changes }, shape);
  const wish = wanted();
  await checkLearningRate(wish.learningRate);
  const data = await dataSets.get(wish.data);
  const shape = shapeOfData(data);
  // Settings that the data do not allow are refused before the present run ends.
  networkOf(wanted(shape), shape);
  await trainer.call('stop', undefined);
  // Use settings changed in the meantime.
  const valid = { ...wanted(shape), data: data.id };
  const network = networkOf(valid, shape);
  const { asked, used } = batchSizes.next(getState(), changes, data.train.count);
  const settings = { ...valid, ...shapeOf(network), batchSize: used };
  await dataSets.give(data);
  const adapted = adaptation(getState(), data, asked);
  turnover.leaveRun({ data, settings, network, stepsPerEpoch: stepsPerEpochAt(settings, data) });
  problems.clear('training');
  remark.say(adapted);
  await trainer.call('reset', {
    engine: settings.engine,
    network,
    optimizer: settings.optimizer,
    seed: settings.seed,
    settings: runSettings(settings),
    timings: getState().timings,
  });
  turnover.startRun();
}

/** Replaces the page's run with an opened run at its checkpoint. */
async function putInPlace(
  { labStore, trainer, snapshots, dataSets, problems, restoreFindings, turnover }: Replacer,
  { checkpoint, settings, ...run }: OpenedRun,
  { recorded = false, kept, engine = settings.engine }: OpenOptions = {},
): Promise<void> {
  const { getState } = labStore;
  const { position, state } = checkpoint;
  const { network, log } = run;
  const data = await dataSets.get(settings.data, run.data);
  const changes = {
    recorded,
    data,
    network,
    step: position.step,
    epoch: position.epoch,
    stepsPerEpoch: stepsPerEpochAt(settings, data),
    history: historyOf(run),
  };
  // The next run does not use the settings of a run that is only viewed.
  await trainer.call('stop', undefined);
  await dataSets.give(data);
  turnover.leaveRun(recorded ? changes : { ...changes, settings }, kept);
  problems.clear('training');
  const { seed, speed, optimizer } = settings;
  const used = recorded ? getState().settings.engine : engine;
  // The choice stays automatic, but the saved run continues with its own arithmetic.
  const isKept = !recorded && settings.engine === 'auto' && used !== 'auto';
  const engineReason = isKept ? 'Chosen as in the saved run.' : undefined;
  const start = { engine: used, engineReason, network, optimizer, seed, settings: runSettings(settings) };
  // Protect these before the first checkpoint, which is saved with the snapshots.
  snapshots.protect([run.bestStep ?? position.step, position.step]);
  for (const snapshot of run.snapshots) snapshots.add(snapshot);
  const newest = run.snapshots.at(-1)?.step;
  // Only files can lack a snapshot of the current step; a saved run needs no new one.
  const newestSnapshot = kept || newest === position.step ? newest : undefined;
  const { timings } = getState();
  await trainer.call('restore', { start, position, state, log, newestSnapshot, timings });
  await trainer.call('set', { speed });
  listSnapshots(labStore, snapshots);
  turnover.startRun();
  restoreFindings(run.findings, { written: kept !== undefined });
}
