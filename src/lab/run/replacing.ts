import type { StoreApi } from 'zustand/vanilla';
import type { DataSet } from '../../ml/data/dataset.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Workers } from '../../workers/client.ts';
import type { KeptContent } from '../../workers/runStorage.ts';
import { createSerial } from '../../workers/serial.ts';
import type { Finding } from '../keep/findings.ts';
import type { Keeper } from '../keep/keeper.ts';
import { emptyHistory, historyOf } from '../state/history.ts';
import type { Problems } from '../state/problems.ts';
import type { Settings } from '../state/settings.ts';
import { checkLearningRate, checkSettings, networkOf, runSettings } from '../state/settings.ts';
import { listSnapshots } from '../state/snapshotList.ts';
import type { LabState } from '../state/state.ts';
import type { OpenedRun } from './openedRun.ts';

export interface OpenOptions {
  /** Only looked at: training starts over. */
  recorded?: boolean;
  /** The run as it was kept, to be kept on. */
  kept?: KeptContent;
  /** Other than that of the settings. */
  engine?: Settings['engine'];
}

/** Puts another run in the place of the page's. */
export interface Replacing {
  restart(changes?: Partial<Settings>): Promise<void>;
  openRun(run: OpenedRun, options?: OpenOptions): Promise<void>;
  /** Begins a run with parameters from elsewhere. */
  loadParameters(parameters: Parameters, source: string): Promise<void>;
  /** Ends when no other run is being put in place: whatever is done to a run waits for it. */
  settled(): Promise<void>;
  /** Waits for a run that is being put in place; one that is only looked at gives way to a fresh one. */
  beforeTraining(): Promise<void>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  trainer: Workers['trainer'];
  snapshots: SnapshotStore;
  keep: Keeper;
  /** Its answers are about the run before. */
  questions: { forget(): void };
  problems: Problems;
  restoreFindings(findings: readonly Finding[], options: { written: boolean }): void;
}

export function stepsPerEpochAt({ batchSize }: Pick<Settings, 'batchSize'>, data?: DataSet): number {
  return Math.floor((data?.train.count ?? 60_000) / batchSize);
}

export function createReplacing({
  labStore,
  trainer,
  snapshots,
  keep,
  questions,
  problems,
  restoreFindings,
}: Parts): Replacing {
  const { getState, setState } = labStore;
  const replacing = createSerial();

  return { restart, openRun, loadParameters, settled: replacing.settled, beforeTraining };

  async function beforeTraining(): Promise<void> {
    await replacing.settled();
    if (getState().recorded) await restart();
  }

  function restart(changes: Partial<Settings> = {}): Promise<void> {
    return replacing.run(async () => {
      const wanted = () => checkSettings({ ...getState().settings, ...changes });
      await checkLearningRate(wanted().learningRate);
      await trainer.call('stop', undefined);
      // With what was changed meanwhile.
      const settings = wanted();
      const network = networkOf(settings);
      leaveRun({ settings, network, stepsPerEpoch: stepsPerEpochAt(settings, getState().data) });
      problems.clear('training');
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
   * Ends the page's run; what the page shows is that of another at its first step, but for `changes`. Its training has
   * been stopped: the last frame must not come after its history is gone.
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
   * Voids every answer so far. A run starts twice: before the trainer is told, and again once it has obeyed,
   * because a question in between is still answered by the old network.
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
    const changes = {
      recorded,
      network,
      step: position.step,
      epoch: position.epoch,
      stepsPerEpoch: stepsPerEpochAt(settings, getState().data),
      history: historyOf(run),
    };
    // The settings of a run that is only looked at are not what the next one starts with.
    await trainer.call('stop', undefined);
    leaveRun(recorded ? changes : { ...changes, settings }, kept);
    problems.clear('training');
    const { seed, speed, optimizer } = settings;
    const used = recorded ? getState().settings.engine : engine;
    const start = { engine: used, network, optimizer, seed, settings: runSettings(settings) };
    // Before the first checkpoint, which is kept with them.
    snapshots.protect([run.bestStep ?? position.step, position.step]);
    for (const snapshot of run.snapshots) snapshots.add(snapshot);
    const newest = run.snapshots.at(-1)?.step;
    // One of where the run stands is missing from a file only; a kept run goes on without one more.
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
