import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Parameters } from '../ml/model/parameters.ts';
import type { TrainOutcome, TrainRequest } from '../ml/training/run.ts';
import { SnapshotStore } from '../ml/training/snapshots.ts';
import type { Workers } from '../workers/client.ts';
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
import { createMoments } from './run/moments.ts';
import type { OpenedRun } from './run/openedRun.ts';
import type { OpenOptions } from './run/replacing.ts';
import { createRun } from './run/run.ts';
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
  /** Calls back again and again while a person drags or scrolls; training then gives way. Default: never. */
  whileDragged?(callback: () => void): void;
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

/** The lab: its state, the panels' models and actions, and the base of the scripting interface. */
export interface Lab extends LabCore, Panels {}

export function createLab({
  workers,
  dataUrl,
  pageUrl,
  settings: firstSettings,
  whenDrawn,
  whileDragged,
  storage,
  runStorage,
  locks,
  comesBack,
  mayLoad = Promise.resolve(),
  cores = 2,
  isSmallDevice = false,
}: LabOptions): LabCore {
  const snapshots = new SnapshotStore({ budget: snapshotBudget(isSmallDevice) });
  const store = createStore<LabState>(() => ({
    ...firstState({ ...defaultSettings(), ...firstSettings }),
    timings: loadTimings(storage),
  }));
  let announceReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    announceReady = resolve;
  });

  const { momentAt, replay } = createMoments({ labStore: store, trainer: workers.trainer, snapshots, ready });
  const questions = createQuestions(workers, momentAt, () => store.getState().data?.train);
  const problems = createProblems(store);
  const keep = createKeeper({ labStore: store, snapshots, storage: runStorage, locks, problems });
  const comparison = createComparison(keep);
  const panels = createLatePanels(
    { labStore: store, workers, questions, keep, comparison, momentAt, cores },
    problems,
  );
  const dataSets = createDataSets({ labStore: store, workers, dataUrl, runStorage, problems });
  const run = createRun({
    labStore: store,
    workers,
    dataUrl,
    snapshots,
    dataSets,
    keep,
    questions,
    problems,
    ready,
    announceReady,
    rememberTimings: (timings) => saveTimings(storage, timings),
    whenDrawn,
    whileDragged,
    restorePanels: panels.restore,
    comesBack,
  });
  const { actions, replacing } = run;
  run.begin(mayLoad);
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
    restart: replacing.restart,
    runTraining: run.runTraining,
    loadParameters: async (parameters, source) => {
      await ready;
      await replacing.loadParameters(parameters, source);
    },
    replay,
    openRun: replacing.openRun,
    keep,
    comparison,
    openKept: async (id) => {
      await ready;
      await run.openKept(id);
    },
    ...run.changes,
    momentAt,
    questions,
    sharing: createSharing({
      labStore: store,
      actions,
      panels: panels.get,
      report: problems.report,
      restart: replacing.restart,
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
