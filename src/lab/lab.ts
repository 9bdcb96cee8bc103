import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Parameters } from '../ml/model/parameters.ts';
import type { TrainOutcome, TrainRequest } from '../ml/training/run.ts';
import { SnapshotStore } from '../ml/training/snapshots.ts';
import type { Workers } from '../workers/client.ts';
import type { NetworkTimings } from '../workers/protocol.ts';
import type { RunStorage } from '../workers/runStorage.ts';
import { createQuestions, type Questions } from './ask/questions.ts';
import { type Comparison, createComparison } from './compare/comparison.ts';
import { createDataSets, type DataSets } from './data/dataSets.ts';
import { createOwnImages, type OwnImages } from './data/ownImages.ts';
import { snapshotBudget } from './keep/budgets.ts';
import { createKeeper, type Keeper } from './keep/keeper.ts';
import type { TabLocks } from './keep/runLocks.ts';
import { createLatePanels } from './latePanels.ts';
import type { Panels } from './panels.ts';
import { createActions } from './run/actions.ts';
import { createChanges } from './run/changes.ts';
import { createCourtesy } from './run/courtesy.ts';
import { createKeptRuns } from './run/keptRuns.ts';
import { createLoading } from './run/loading.ts';
import { createMoments } from './run/moments.ts';
import type { OpenedRun } from './run/openedRun.ts';
import { createReplacing, type OpenOptions } from './run/replacing.ts';
import { createReceiver } from './run/trainerEvents.ts';
import { createTraining } from './run/training.ts';
import type { ExportKind, ExportOptions, Imported } from './share/fileKinds.ts';
import type { RecordedOptions } from './share/recordedRun.ts';
import { createSharing, type Sharing } from './share/sharing.ts';
import { firstState } from './state/firstState.ts';
import { createProblems } from './state/problems.ts';
import type { Settings } from './state/settings.ts';
import { defaultSettings } from './state/settings.ts';
import type { LabActions, LabMoment, LabState, Moment } from './state/state.ts';
import { loadTimings, saveTimings, type TextStorage } from './state/timings.ts';

export interface LabOptions {
  workers: Workers;
  /** URL of the data set's folder, ending in a slash. */
  dataUrl: string;
  /** The page's address without its hash, for links. */
  pageUrl: string;
  /** Settings that differ from the defaults, such as a link's. */
  settings?: Partial<Settings>;
  /** Calls back at the page's next frame. */
  whenDrawn(callback: () => void): void;
  /** Stores measurements between visits, if the browser allows it. */
  storage?: TextStorage;
  /** The storage of runs; rejects if the browser allows none. */
  runStorage: Promise<RunStorage>;
  locks: TabLocks;
  /** Whether to reopen the last visit's run, or the id of the run to reopen. A link's settings begin a new run instead. */
  comesBack: boolean | string;
  /** Resolves when the data may be loaded. Default: at once. */
  mayLoad?: Promise<void>;
  /** Processor cores, for the number of analysis workers. */
  cores?: number;
  /** Whether the device has little memory. Default: false. */
  isSmallDevice?: boolean;
}

/** The part of the lab that the page's first paint, Train and Filters need. */
export interface LabCore {
  /** This lab with the panels' part; fetches the part at the first call. */
  whole(): Promise<Lab>;
  store: StoreApi<LabState>;
  actions: LabActions;
  workers: Workers;
  dataUrl: string;
  pageUrl: string;
  snapshots: SnapshotStore;
  dataSets: Pick<DataSets, 'store' | 'add'>;
  /** A person's own images. */
  ownImages: OwnImages;
  /** Resolves when the data have arrived and the network is initialized. */
  ready: Promise<void>;
  /** Resets the run, optionally with changed settings. */
  restart(changes?: Partial<Settings>): Promise<void>;
  runTraining(request: TrainRequest, signal?: AbortSignal): Promise<TrainOutcome>;
  loadParameters(parameters: Parameters, source: string): Promise<void>;
  /** Continues another run from its checkpoint. */
  openRun(run: OpenedRun, options?: OpenOptions): Promise<void>;
  /** The saved runs. */
  keep: Keeper;
  /** The saved run shown beside the present run. */
  comparison: Comparison;
  /** Continues a saved run. */
  openKept(id: string): Promise<void>;
  /** Makes `count` updates, then pauses. */
  makeSteps(count: number): Promise<void>;
  /** Recomputes an earlier step and keeps it as a snapshot. `exact` tells whether it is bit-identical to the original. */
  replay(step: number, signal?: AbortSignal): Promise<{ exact: boolean }>;
  /** Trains on so many threads of the wasm engine from now on, or on as many as train fastest. */
  setWorkers(workers: number | 'auto'): Promise<void>;
  /** Changes settings; resolves when the run uses them. */
  apply(changes: Partial<Settings>): Promise<void>;
  /** The network at a moment, for the inspector. */
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  questions: Questions;
  sharing: Sharing;
  /** Saves and opens files of the run and its parts. */
  files: {
    export(kind: ExportKind, options?: ExportOptions): Promise<File>;
    import(file: Blob): Promise<Imported>;
    /** Shows a recorded run, unless something else has started while it was fetched. */
    openRecorded(options?: RecordedOptions): Promise<void>;
  };
}

/** The lab: its state, what panels call, and what the scripting interface builds on. */
export interface Lab extends LabCore, Panels {}

export function createLab({
  workers,
  dataUrl,
  pageUrl,
  settings: firstSettings,
  whenDrawn,
  storage,
  runStorage,
  locks,
  comesBack,
  mayLoad = Promise.resolve(),
  cores = 2,
  isSmallDevice = false,
}: LabOptions): LabCore {
  const { trainer } = workers;
  const snapshots = new SnapshotStore({ budget: snapshotBudget(isSmallDevice) });
  const store = createStore<LabState>(() => ({
    ...firstState({ ...defaultSettings(), ...firstSettings }),
    timings: loadTimings(storage),
  }));
  const { getState } = store;
  let announceReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    announceReady = resolve;
  });
  const rememberTimings = (timings: NetworkTimings) => saveTimings(storage, timings);

  const { momentAt, replay } = createMoments({ labStore: store, trainer, snapshots, ready });
  const questions = createQuestions(workers, momentAt, () => getState().data?.train);
  const problems = createProblems(store);
  const { report } = problems;
  const keep = createKeeper({ labStore: store, snapshots, storage: runStorage, locks, problems });
  const comparison = createComparison(keep);
  const panels = createLatePanels(
    { labStore: store, workers, questions, keep, comparison, momentAt, cores },
    problems,
  );
  const dataSets = createDataSets({ labStore: store, workers, dataUrl, runStorage, problems });
  const replacing = createReplacing({
    labStore: store,
    trainer,
    snapshots,
    dataSets,
    keep,
    questions,
    problems,
    restoreFindings: (findings, { written }) => {
      keep.findings.begin(findings, { written });
      panels.restore(findings.map(({ finding }) => finding));
    },
  });
  const { restart, openRun } = replacing;
  const keptRuns = createKeptRuns({ labStore: store, keep, report, openRun });
  // Read the run while the data load.
  const unfinished = comesBack
    ? keep.unfinished(comesBack === true ? undefined : comesBack)
    : Promise.resolve(undefined);
  const loading = createLoading({
    labStore: store,
    workers,
    dataUrl,
    dataSets,
    problems,
    announceReady,
    async putFirstRun() {
      if (!(await keptRuns.comeBack(await unfinished))) await restart();
    },
  });
  const training = createTraining({
    labStore: store,
    trainer,
    snapshots,
    keep,
    problems,
    beforeTraining: replacing.beforeTraining,
  });
  trainer.onEvent(
    createReceiver({
      labStore: store,
      snapshots,
      keep,
      report,
      askForFrame: () => whenDrawn(() => void trainer.call('drawn', undefined).catch(() => undefined)),
      rememberTimings,
    }),
  );
  trainer.onRevive(training.recover);
  createCourtesy({ labStore: store, background: workers.background });
  const changes = createChanges({ labStore: store, trainer, replacing });
  const actions = createActions({
    labStore: store,
    trainer,
    snapshots,
    problems,
    ready,
    restart,
    runTraining: training.run,
    changes,
    rememberTimings,
    loadData: loading.load,
  });
  loading.begin(mayLoad);
  const lab: LabCore = {
    whole: async () => Object.assign(lab, await panels.get()),
    store,
    actions,
    workers,
    dataUrl,
    pageUrl,
    snapshots,
    dataSets,
    ownImages: createOwnImages({ workers, dataSets }),
    ready,
    restart,
    runTraining: training.run,
    loadParameters: async (parameters, source) => {
      await ready;
      await replacing.loadParameters(parameters, source);
    },
    replay,
    openRun,
    keep,
    comparison,
    openKept: async (id) => {
      await ready;
      await keptRuns.open(id);
    },
    ...changes,
    momentAt,
    questions,
    sharing: createSharing({
      labStore: store,
      actions,
      panels: panels.get,
      report,
      restart,
      openRecorded: (id) => lab.files.openRecorded({ id }),
    }),
    files: {
      export: async (kind, options) =>
        (await import('./share/files.ts')).exportFile(await lab.whole(), kind, options),
      import: async (file) => (await import('./share/files.ts')).importFile(lab, file),
      openRecorded: async (options) => (await import('./share/files.ts')).openRecorded(lab, options),
    },
  };
  return lab;
}
