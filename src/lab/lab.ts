import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Evaluation } from '../ml/evaluation/evaluate.ts';
import { convolutionOf } from '../ml/model/network.ts';
import type { Parameters } from '../ml/model/parameters.ts';
import type { TrainOutcome, TrainRequest } from '../ml/training/run.ts';
import { SnapshotStore } from '../ml/training/snapshots.ts';
import type { Workers } from '../workers/client.ts';
import type { RunStorage } from '../workers/runStorage.ts';
import { type Attacks, createAttacks } from './adversarial/attacks.ts';
import { createOverTraining, type OverTraining } from './adversarial/robustnessOverTraining.ts';
import { createMomentQuery, type MomentQuery } from './ask/momentQuery.ts';
import { type AtStep, createQuestions, type Questions } from './ask/questions.ts';
import { type ComparedGeometry, createComparedGeometry } from './compare/comparedGeometry.ts';
import { type Comparison, createComparison } from './compare/comparison.ts';
import { createSecondNetwork, type SecondNetwork } from './compare/secondNetwork.ts';
import { trainSecond } from './compare/secondRun.ts';
import { createGeometryFollow, type GeometryFollow } from './geometry/geometryFollow.ts';
import { createGeometryPool, geometryPoolSize } from './geometry/geometryPool.ts';
import { createGeometryQuestion, type GeometryQuestion } from './geometry/geometryQuestion.ts';
import { createSimulatedCapacities, type SimulatedCapacities } from './geometry/simulatedCapacities.ts';
import { createGallery, type Gallery } from './images/gallery.ts';
import { createImages, type Images } from './images/images.ts';
import { createLooking, type Looking } from './images/looking.ts';
import type { Finding } from './keep/findings.ts';
import { createKeeper, type Keeper } from './keep/keeper.ts';
import type { TabLocks } from './keep/tabLocks.ts';
import { createMetamers, type Metamers } from './metamers/metamers.ts';
import { createKeptRuns } from './run/keptRuns.ts';
import type { OpenedRun } from './run/openedRun.ts';
import { createReplacing, type OpenOptions, stepsPerEpochAt } from './run/replacing.ts';
import { createReceiver } from './run/trainerEvents.ts';
import { createTraining } from './run/training.ts';
import type { ExportKind, ExportOptions, Imported } from './share/fileKinds.ts';
import { createSharing, type Sharing } from './share/sharing.ts';
import { createSpectrumFollow, type SpectrumFollow } from './spectrum/spectrumFollow.ts';
import { createSpectrumQuestion, type SpectrumQuestion } from './spectrum/spectrumQuestion.ts';
import { messageOf } from './state/errorText.ts';
import { firstState } from './state/firstState.ts';
import { bestEpoch } from './state/history.ts';
import { createProblems } from './state/problems.ts';
import type { Settings } from './state/settings.ts';
import { checkLearningRate, checkSettings, defaultSettings, runSettings } from './state/settings.ts';
import { listSnapshots } from './state/snapshotList.ts';
import type { LabActions, LabMoment, LabState, Moment } from './state/state.ts';
import { loadTimings, saveTimings, type TextStorage } from './state/timings.ts';

export interface LabOptions {
  workers: Workers;
  /** Where the data set lies, ending in a slash. */
  dataUrl: string;
  /** The page's address without a hash, for links to it. */
  pageUrl: string;
  /** Settings other than the default ones, such as a link's. */
  settings?: Partial<Settings>;
  /** Calls back when the page draws next. */
  whenDrawn(callback: () => void): void;
  /** Remembers measurements between visits, where the browser allows it. */
  storage?: TextStorage;
  /** Where runs are kept; rejects where the browser allows none. */
  runStorage: Promise<RunStorage>;
  locks: TabLocks;
  /** Whether the run of the last visit comes back; a link's settings begin a run of their own. */
  comesBack: boolean;
  /** Processor cores, for the number of analysis workers. */
  cores?: number;
}

/** The lab: its state, what panels call, and what the scripting interface builds on. */
export interface Lab {
  store: StoreApi<LabState>;
  actions: LabActions;
  workers: Workers;
  dataUrl: string;
  pageUrl: string;
  snapshots: SnapshotStore;
  /** Resolves when the data have arrived and the network stands at its first step. */
  ready: Promise<void>;
  /** Starts over, with changed settings if given. */
  restart(changes?: Partial<Settings>): Promise<void>;
  runTraining(request: TrainRequest, signal?: AbortSignal): Promise<TrainOutcome>;
  loadParameters(parameters: Parameters, source: string): Promise<void>;
  /** Goes on with another run, where its checkpoint stands. */
  openRun(run: OpenedRun, options?: OpenOptions): Promise<void>;
  /** The runs that outlive the page. */
  keep: Keeper;
  /** Goes on with a kept run. */
  openKept(id: string): Promise<void>;
  /** Makes updates and is paused again. */
  makeSteps(count: number): Promise<void>;
  /** Makes any earlier step again, and keeps it as a snapshot; tells whether it is bit-identical to what the run had. */
  replay(step: number, signal?: AbortSignal): Promise<{ exact: boolean }>;
  /** Changes settings; resolves when the run has taken them. */
  apply(changes: Partial<Settings>): Promise<void>;
  /** The network at a moment, for the inspector. */
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  questions: Questions;
  /** The images that are looked into, and what the network makes of them. */
  images: Images;
  looking: Looking;
  gallery: Gallery;
  /** The confusion of each split at the page's moment. */
  confusion: Record<'test' | 'train', MomentQuery<AtStep<Evaluation>>>;
  /** The questions of Spectrum and Geometry, at any moment. */
  analysis: SpectrumQuestion & GeometryQuestion;
  spectrum: SpectrumFollow;
  geometry: GeometryFollow;
  /** The kept run that is shown beside the page's. */
  comparison: Comparison;
  comparedGeometry: ComparedGeometry;
  simulatedCapacities: SimulatedCapacities;
  metamers: Metamers;
  secondNetwork: SecondNetwork;
  attacks: Attacks;
  overTraining: OverTraining;
  sharing: Sharing;
  /** Files of the run and of its parts, to save and to open. */
  files: {
    export(kind: ExportKind, options?: ExportOptions): Promise<File>;
    import(file: Blob): Promise<Imported>;
    /** Shows the run that comes with the site, if it is still wanted when it has come. */
    openRecorded(isWanted?: () => boolean): Promise<void>;
  };
}

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
  cores = 2,
}: LabOptions): Lab {
  const { trainer } = workers;
  const snapshots = new SnapshotStore();
  const store = createStore<LabState>(() => ({
    ...firstState({ ...defaultSettings(), ...firstSettings }),
    timings: loadTimings(storage),
  }));
  const { getState, setState } = store;
  const questions = createQuestions(workers, momentAt, () => getState().data?.train);
  const images = createImages(store, workers);
  const confusion = {
    test: createMomentQuery(store, { ask: questions.confusion, kept: questions.keptConfusion }),
    train: createMomentQuery(store, { ask: questions.trainingConfusion }),
  };
  const pool = createGeometryPool(workers.startGeometry, geometryPoolSize(cores));
  const analysis = {
    ...createSpectrumQuestion({ studio: workers.studio, getState, momentAt }),
    ...createGeometryQuestion({ pool, getState, momentAt }),
  };
  let newest: { run: number; step: number; parameters: Parameters } | undefined;
  let announceReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    announceReady = resolve;
  });

  const problems = createProblems(store);
  const { report, shown } = problems;
  const keep = createKeeper({ lab: store, snapshots, storage: runStorage, locks, report });
  const { note, forget } = keep.findings;
  const { restart, openRun, loadParameters, settled } = createReplacing({
    lab: store,
    trainer,
    snapshots,
    keep,
    questions,
    problems,
    restoreFindings,
  });
  const keptRuns = createKeptRuns({ lab: store, keep, report, openRun });
  // While the data come.
  const unfinished = comesBack ? keep.unfinished() : Promise.resolve(undefined);

  const receive = createReceiver({
    lab: store,
    snapshots,
    keep,
    report,
    askForFrame: () => whenDrawn(() => void trainer.call('drawn', undefined).catch(() => undefined)),
    rememberTimings: (timings) => saveTimings(storage, timings),
  });
  const training = createTraining({ lab: store, trainer, snapshots, keep, problems, beforeTraining });
  trainer.onEvent(receive);
  trainer.onRevive(training.recover);

  async function loadData(): Promise<void> {
    setState({ dataProgress: { status: 'loading', loadedBytes: 0, totalBytes: 0 } });
    try {
      const data = await workers.loadData({
        baseUrl: dataUrl,
        onProgress: ({ loadedBytes, totalBytes }) =>
          setState({ dataProgress: { status: 'loading', loadedBytes, totalBytes } }),
        onKept: (dataKept) => setState({ dataKept }),
      });
      setState(({ dataProgress }) => ({ data, dataProgress: { ...dataProgress, status: 'ready' } }));
    } catch (error) {
      setState(({ dataProgress }) => ({
        dataProgress: { ...dataProgress, status: 'failed', message: messageOf(error) },
      }));
      return;
    }
    await shown('engine', async () => {
      await dropBadLearningRate();
      await started;
      if (!(await keptRuns.comeBack(await unfinished))) await restart();
      announceReady();
    });
  }

  /** A link's learning rate may not parse: the lab goes on with the default one. */
  async function dropBadLearningRate(): Promise<void> {
    try {
      await checkLearningRate(getState().settings.learningRate);
    } catch (error) {
      const { learningRate } = defaultSettings();
      setState(({ settings }) => ({ settings: { ...settings, learningRate } }));
      report({
        place: 'page',
        kind: 'notice',
        message: `In the link, ${messageOf(error)}. ${learningRate} is used.`,
      });
    }
  }

  async function start(): Promise<void> {
    const { seed } = getState().settings;
    const { network } = getState();
    const [engines, preview] = await Promise.all([
      trainer.call('engines', undefined),
      trainer.call('preview', { seed, network }),
    ]);
    setState({
      engines,
      liveFilters: { step: 0, weight: preview['conv.weight'], bias: preview['conv.bias'] },
    });
  }

  async function replay(step: number, signal?: AbortSignal): Promise<{ exact: boolean }> {
    await ready;
    const { run } = getState();
    const { parameters, exact } = await trainer.call('replay', { step }, { signal });
    const { history, snapshots: known } = getState();
    if (getState().run !== run) throw new Error('replay: the run started over meanwhile. Ask again.');
    // What the run itself kept stands: it is the step as it was.
    if (known.some((snapshot) => snapshot.step === step)) return { exact };
    const ended = history.epochs.filter((epoch) => epoch.step <= step);
    const epochEnd = ended.at(-1)?.step === step;
    snapshots.add({ step, epoch: ended.length, epochEnd, parameters });
    listSnapshots(store, snapshots);
    return { exact };
  }

  /** Waits for a run that is being put in place; one that is only looked at gives way to a fresh one. */
  async function beforeTraining(): Promise<void> {
    await settled();
    if (getState().recorded) await restart();
  }

  async function makeSteps(count: number): Promise<void> {
    await beforeTraining();
    await trainer.call('step', { count });
  }

  async function apply(changes: Partial<Settings>): Promise<void> {
    const before = getState().settings;
    const settings = checkSettings({ ...before, ...changes });
    if (settings.learningRate !== before.learningRate) await checkLearningRate(settings.learningRate);
    setState({ settings, stepsPerEpoch: stepsPerEpochAt(settings, getState().data) });
    if (getState().status === 'starting') return;
    await settled();
    const now = getState().settings;
    await trainer.call('set', { settings: runSettings(now), speed: now.speed });
    if (settings.engine !== before.engine) {
      try {
        await trainer.call('useEngine', { engine: settings.engine });
      } catch (error) {
        setState((state) => ({ settings: { ...state.settings, engine: before.engine } }));
        throw error;
      }
    }
  }

  async function momentAt(at: Moment | 'best'): Promise<LabMoment> {
    const { network, history, status, run } = getState();
    if (status === 'starting') await ready;
    if (at === 'live') {
      // While nothing trains, the newest parameters are those that were read last.
      const known = newest?.run === run && newest.step === getState().step && status !== 'training';
      if (!newest || !known) newest = { run, ...(await trainer.call('parameters', {})) };
      const { step, parameters } = newest;
      return { key: `${run}:${step}`, network, parameters, step };
    }
    const wanted = at === 'best' ? bestEpoch(history)?.step : at;
    if (wanted === undefined) {
      throw new Error("momentAt: expected a whole epoch before 'best' has a meaning, found none yet");
    }
    const snapshot = snapshots.at(wanted);
    if (!snapshot) {
      const nearest = snapshots.nearest(wanted)?.step ?? 'none';
      throw new Error(
        `momentAt: expected the step of a snapshot, found ${wanted}; the nearest is ${nearest}. lab.snapshots() lists them.`,
      );
    }
    return { key: `${run}:${wanted}`, network, parameters: snapshot.parameters, step: wanted };
  }

  const actions: LabActions = {
    train: () =>
      shown('training', async () => {
        await ready;
        const { settings, epoch } = getState();
        const left = settings.epochs - epoch;
        await training.run({ epochs: left > 0 ? left : settings.epochs });
      }),
    pause: () => shown('training', () => trainer.call('pause', undefined)),
    resume: () => shown('training', () => trainer.call('resume', undefined)),
    stepBy: (count) =>
      shown('training', async () => {
        await ready;
        await makeSteps(count);
      }),
    reset: () =>
      shown('training', async () => {
        await ready;
        await restart();
      }),
    set: (changes) => {
      checkSettings({ ...getState().settings, ...changes });
      void shown(changes.engine ? 'engine' : 'training', () => apply(changes));
    },
    measureEngines: () =>
      shown('engine', async () => {
        const timings = await trainer.call('measureEngines', undefined);
        setState({ timings });
        saveTimings(storage, timings);
        if (getState().settings.engine === 'auto') await trainer.call('useEngine', { engine: 'auto' });
      }),
    async checkLearningRate(text) {
      try {
        await checkLearningRate(text);
        return undefined;
      } catch (error) {
        return messageOf(error);
      }
    },
    retryData: loadData,
    seek: (moment) => {
      const step = moment === 'best' ? bestEpoch(getState().history)?.step : moment;
      if (step === undefined) return;
      const found = step === 'live' ? step : (snapshots.nearest(step)?.step ?? 'live');
      if (found !== getState().moment) setState({ moment: found });
    },
    filtersAt: (moment) => {
      const { liveFilters, network } = getState();
      if (moment === 'live') return liveFilters;
      const snapshot = snapshots.at(moment);
      const conv = convolutionOf(network);
      if (!snapshot || !conv) return undefined;
      const { step, parameters } = snapshot;
      return {
        step,
        weight: parameters[`${conv.name}.weight`],
        bias: parameters[`${conv.name}.bias`],
      };
    },
    dismiss: (problem) =>
      setState(({ problems }) => ({ problems: problems.filter((other) => other !== problem) })),
  };

  const metamers = createMetamers({ lab: store, workers, momentAt, note });
  const attacks = createAttacks({ lab: store, workers, momentAt, note, forget });
  const spectrum = createSpectrumFollow(store, analysis);
  const geometry = createGeometryFollow({ lab: store, pool, momentAt, note, forget });
  const comparison = createComparison(keep);
  const { studio } = workers;
  const started = shown('engine', start);
  void loadData();
  const lab: Lab = {
    store,
    actions,
    workers,
    dataUrl,
    pageUrl,
    snapshots,
    ready,
    restart,
    runTraining: training.run,
    loadParameters: async (parameters, source) => {
      await ready;
      await loadParameters(parameters, source);
    },
    replay,
    openRun,
    keep,
    openKept: async (id) => {
      await ready;
      await keptRuns.open(id);
    },
    makeSteps,
    apply,
    momentAt,
    questions,
    images,
    looking: createLooking(store, images, questions),
    gallery: createGallery(),
    confusion,
    analysis,
    spectrum,
    geometry,
    comparison,
    comparedGeometry: createComparedGeometry({ lab: store, comparison, geometry: geometry.store, pool }),
    simulatedCapacities: createSimulatedCapacities({
      lab: store,
      geometry: geometry.store,
      pool,
      momentAt,
      note,
    }),
    metamers,
    secondNetwork: createSecondNetwork({
      lab: store,
      metamers: metamers.store,
      comparison,
      makeMetamer: metamers.makeWith,
      momentAt,
      judgeMetamers: (job) => studio.call('judge', job),
      async trainNetwork(run, options) {
        const { data } = getState();
        if (!data) throw new Error('train: expected the data set first. Wait until it has arrived.');
        return trainSecond(studio, data.train, run, options);
      },
    }),
    attacks,
    overTraining: createOverTraining({
      lab: store,
      attacks: attacks.store,
      momentAt,
      attackMoment: (job, options) => studio.call('robustness', job, options),
      note,
    }),
    sharing: createSharing({
      lab: store,
      actions,
      images,
      spectrum,
      metamers,
      geometry,
      report,
      restart,
      openRecorded: () => lab.files.openRecorded(),
    }),
    files: {
      export: async (kind, options) => (await import('./share/files.ts')).exportFile(lab, kind, options),
      import: async (file) => (await import('./share/files.ts')).importFile(lab, file),
      openRecorded: async (isWanted) => (await import('./share/files.ts')).openRecorded(lab, isWanted),
    },
  };
  return lab;

  /** Gives the panels back what they found about the run, before they compute it again. */
  function restoreFindings(findings: readonly Finding[], { written }: { written: boolean }): void {
    keep.findings.begin(findings, { written });
    const { geometry, simulatedCapacities, attacks, overTraining, metamers } = lab;
    geometry.restore(findings.filter((each) => each.kind === 'geometry'));
    simulatedCapacities.restore(findings.filter((each) => each.kind === 'simulation'));
    attacks.curve.restore(findings.filter((each) => each.kind === 'robustness'));
    overTraining.restore(findings.filter((each) => each.kind === 'overTraining'));
    const made = findings.findLast((each) => each.kind === 'metamers');
    if (made) void shown('page', () => metamers.restore(made));
  }
}
