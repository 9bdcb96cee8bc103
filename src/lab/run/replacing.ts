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
import { emptyHistory, historyOf } from '../state/history.ts';
import { shapeOf } from '../state/networkShape.ts';
import type { Problems } from '../state/problems.ts';
import type { Settings } from '../state/settings.ts';
import { checkLearningRate, checkSettings, networkOf, runSettings } from '../state/settings.ts';
import { listSnapshots } from '../state/snapshotList.ts';
import type { LabState, RecordedId } from '../state/state.ts';
import { createBatchSizes } from './batchSize.ts';
import type { OpenedRun } from './openedRun.ts';

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

/** Says how network and batches change for other data; undefined if they stay alike. */
function adaptation(
  { data: before, network, settings: { batchSize: present } }: LabState,
  data: DataSet,
  batchSize: number,
): string | undefined {
  const { input, classes } = shapeOfData(data);
  const same = JSON.stringify(network.input) === JSON.stringify(input);
  const { channels, height, width } = input;
  const sentences: string[] = [];
  if (before && (!same || before.classNames.length !== classes)) {
    sentences.push(
      `The network now takes images of ${channels} × ${height} × ${width} values and has ${classes} outputs, one for each class of “${data.name}”.`,
    );
  }
  const { count } = data.train;
  if (batchSize > count && present !== count) {
    sentences.push(
      `“${data.name}” has ${count} training images, so a batch has that many instead of ${batchSize}.`,
    );
  }
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

export function createReplacing({
  labStore,
  trainer,
  snapshots,
  dataSets,
  keep,
  questions,
  problems,
  restoreFindings,
}: Parts): Replacing {
  const { getState, setState } = labStore;
  const replacing = createSerial();
  let adaptedSaid: string | undefined;
  let adaptedFor: string | undefined;
  const batchSizes = createBatchSizes();

  return { restart, openRun, loadParameters, settled: replacing.settled, beforeTraining };

  /** Replaces the remark on the data before. */
  function sayAdapted(message: string | undefined): void {
    const old = getState().problems.find((problem) => problem.message === adaptedSaid);
    if (message !== undefined || getState().data?.id !== adaptedFor) {
      if (old) problems.dismiss(old);
    }
    if (message === undefined) return;
    adaptedSaid = message;
    adaptedFor = getState().data?.id;
    problems.report({ place: 'page', kind: 'notice', message });
  }

  async function beforeTraining(): Promise<void> {
    await replacing.settled();
    if (getState().recorded) await restart();
  }

  function restart(changes: Partial<Settings> = {}): Promise<void> {
    return replacing.run(async () => {
      const wanted = (shape?: DataShape) => checkSettings({ ...getState().settings, ...changes }, shape);
      const wish = wanted();
      await checkLearningRate(wish.learningRate);
      const data = await dataSets.get(wish.data);
      const shape = shapeOfData(data);
      // A network that the data do not allow is refused before the present run ends.
      networkOf(wish, shape);
      await trainer.call('stop', undefined);
      // Use settings changed in the meantime.
      const valid = { ...wanted(shape), data: data.id };
      const network = networkOf(valid, shape);
      const { asked, used } = batchSizes.next(getState(), changes, data.train.count);
      const settings = { ...valid, ...shapeOf(network), batchSize: used };
      await dataSets.give(data);
      const adapted = adaptation(getState(), data, asked);
      leaveRun({ data, settings, network, stepsPerEpoch: stepsPerEpochAt(settings, data) });
      problems.clear('training');
      sayAdapted(adapted);
      await trainer.call('reset', {
        engine: settings.engine,
        network,
        optimizer: settings.optimizer,
        seed: settings.seed,
        settings: runSettings(settings),
        timings: getState().timings,
      });
      startRun();
    });
  }

  /**
   * Ends the page's run and sets the state to that of a new run at its first step, with `changes` applied. Training must
   * have stopped, so that no frame arrives after the history is gone.
   */
  function leaveRun(changes: Partial<LabState>, next?: KeptContent): void {
    keep.begin(next);
    snapshots.clear();
    startRun();
    setState({
      recorded: false,
      step: 0,
      epoch: 0,
      history: emptyHistory(),
      snapshots: [],
      snapshotNotice: undefined,
      moment: 'live',
      ...changes,
    });
  }

  /**
   * Invalidates all answers so far. Called twice per start, before and after the trainer's reset, because the old network
   * still answers questions in between.
   */
  function startRun(): void {
    questions.forget();
    setState(({ run, problems }) => ({ run: run + 1, problems: problems.filter(({ offer }) => !offer) }));
  }

  function openRun(run: OpenedRun, options?: OpenOptions): Promise<void> {
    return replacing.run(() => putInPlace(run, options));
  }

  async function putInPlace(
    { checkpoint, settings, ...run }: OpenedRun,
    { recorded = false, kept, engine = settings.engine }: OpenOptions = {},
  ): Promise<void> {
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
    leaveRun(recorded ? changes : { ...changes, settings }, kept);
    problems.clear('training');
    const { seed, speed, optimizer } = settings;
    const used = recorded ? getState().settings.engine : engine;
    const start = { engine: used, network, optimizer, seed, settings: runSettings(settings) };
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
    startRun();
    restoreFindings(run.findings, { written: kept !== undefined });
  }

  async function loadParameters(parameters: Parameters, source: string): Promise<void> {
    await replacing.run(async () => {
      await trainer.call('stop', undefined);
      leaveRun({});
      await trainer.call('loadParameters', { parameters, source });
      startRun();
    });
  }
}
