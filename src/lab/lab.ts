import { createStore, type StoreApi } from 'zustand/vanilla';
import { convolutionOf } from '../ml/model/network.ts';
import type { Parameters } from '../ml/model/parameters.ts';
import type { Evaluation } from '../ml/training/evaluate.ts';
import type { RunSettings, TrainOutcome, TrainRequest } from '../ml/training/run.ts';
import { SnapshotStore } from '../ml/training/snapshots.ts';
import type { Workers } from '../workers/client.ts';
import type { TrainerCalls, TrainerEvent } from '../workers/protocol.ts';
import { WorkerStoppedError } from '../workers/revivable.ts';
import type { Client } from '../workers/rpc.ts';
import type { KeptContent, RunStorage } from '../workers/runStorage.ts';
import { type Analysis, createAnalysis } from './analysis.ts';
import { type Attacks, createAttacks } from './attacks.ts';
import { type ComparedGeometry, createComparedGeometry } from './comparedGeometry.ts';
import { type Comparison, createComparison } from './comparison.ts';
import { messageOf } from './errorText.ts';
import { createGallery, type Gallery } from './gallery.ts';
import { createGeometryFollow, type GeometryFollow } from './geometryFollow.ts';
import { createGeometryPool, geometryPoolSize } from './geometryPool.ts';
import { bestEpoch, emptyHistory, historyOf, withEpoch, withSteps } from './history.ts';
import { createImages, type Images } from './images.ts';
import { remaining, sinceStart } from './keep/goOn.ts';
import { createKeeper, type Keeper } from './keep/keeper.ts';
import type { TabLocks } from './keep/tabLocks.ts';
import { createLooking, type Looking } from './looking.ts';
import { createMetamers, type Metamers } from './metamers.ts';
import { type AtStep, createQuestions, type Questions } from './questions.ts';
import { createRested, type Rested } from './rested.ts';
import type { Finding } from './results/findings.ts';
import { createOverTraining, type OverTraining } from './robustnessOverTraining.ts';
import { createSecondNetwork, type SecondNetwork } from './secondNetwork.ts';
import { trainSecond } from './secondRun.ts';
import { checkLearningRate, checkSettings, defaultSettings, networkOf } from './settings.ts';
import type { ExportKind, ExportOptions, Imported } from './share/files.ts';
import type { OpenedRun } from './share/presentRun.ts';
import { createSharing, type Sharing } from './share/sharing.ts';
import { createSpectrumFollow, type SpectrumFollow } from './spectrumFollow.ts';
import type { LabActions, LabMoment, LabProblem, LabState, Moment, Settings } from './state.ts';
import { loadTimings, saveTimings, type TextStorage } from './timings.ts';

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

interface OpenOptions {
  /** Only looked at: training starts over. */
  recorded?: boolean;
  /** The run as it was kept, to be kept on. */
  kept?: KeptContent;
  /** Other than that of the settings. */
  engine?: Settings['engine'];
}

/** A request for training that has no outcome yet. */
interface Training {
  request: TrainRequest;
  start: { step: number; epoch: number; time: number };
  signal?: AbortSignal;
  /** What a new worker makes of it, when the one that was asked has died. */
  rest?: Promise<void>;
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
  confusion: Record<'test' | 'train', Rested<AtStep<Evaluation>>>;
  analysis: Analysis;
  spectrum: SpectrumFollow;
  geometry: GeometryFollow;
  /** The kept run that is shown beside the page's. */
  comparison: Comparison;
  comparedGeometry: ComparedGeometry;
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
    status: 'starting',
    run: 0,
    dataProgress: { status: 'idle', loadedBytes: 0, totalBytes: 0 },
    settings: { ...defaultSettings(), ...firstSettings },
    network: networkOf({ ...defaultSettings(), ...firstSettings }),
    hidden: [],
    recorded: false,
    engines: [],
    timings: loadTimings(storage),
    step: 0,
    epoch: 0,
    stepsPerEpoch: 937,
    history: emptyHistory(),
    log: [],
    snapshots: [],
    moment: 'live',
    problems: [],
  }));
  const { getState, setState } = store;
  const questions = createQuestions(workers, momentAt, () => getState().data?.train);
  const images = createImages(store, workers);
  const confusion = {
    test: createRested(store, { ask: questions.confusion, kept: questions.keptConfusion }),
    train: createRested(store, { ask: questions.trainingConfusion }),
  };
  const pool = createGeometryPool(workers.startGeometry, geometryPoolSize(cores));
  const analysis = createAnalysis({ workers, pool, getState, momentAt });
  const underway = new Set<Training>();
  let newest: { run: number; step: number; parameters: Parameters } | undefined;
  /** Ends when no other run is being put in place: whatever is done to a run waits for it. */
  let replacing: Promise<unknown> = Promise.resolve();
  let announceReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    announceReady = resolve;
  });

  const keep = createKeeper({ lab: store, snapshots, storage: runStorage, locks, report });
  const { note, forget } = keep.findings;
  // While the data come.
  const unfinished = comesBack ? keep.unfinished() : Promise.resolve(undefined);

  trainer.onEvent(receive);
  trainer.onRevive(recover);

  function receive(event: TrainerEvent): void {
    switch (event.kind) {
      case 'frame': {
        const { step, epoch, filters, stepsPerSecond } = event;
        setState(({ history }) => ({
          step,
          epoch,
          stepsPerSecond,
          liveFilters: { step, ...filters },
          history: withSteps(history, event.firstStep, event.losses, event.accuracies),
        }));
        whenDrawn(() => void trainer.call('drawn', undefined).catch(() => undefined));
        break;
      }
      case 'epoch':
        setState(({ history }) => ({ epoch: event.result.epoch, history: withEpoch(history, event.result) }));
        break;
      case 'snapshot': {
        const { history, moment } = getState();
        const best = bestEpoch(history);
        // Neither the best epoch nor what the page shows just now is thinned.
        snapshots.protect([best?.step, moment].filter((step) => typeof step === 'number'));
        snapshots.add(event.snapshot);
        listSnapshots();
        break;
      }
      case 'status':
        setState(({ problems }) => ({
          status: event.status,
          // An offer to go on is answered by going on.
          problems: event.status === 'training' ? problems.filter(({ offer }) => !offer) : problems,
        }));
        break;
      case 'engine':
        setState({ engine: event.engine, timings: event.timings });
        saveTimings(storage, event.timings);
        break;
      case 'log':
        setState({ log: event.log });
        break;
      case 'checkpoint': {
        const { checkpoint, firstStep, losses, accuracies } = event;
        const { step, epoch } = checkpoint.position;
        // A hidden page draws no frames, but what is kept is whole.
        setState(({ history }) => ({
          step,
          epoch,
          history: withSteps(history, firstStep, losses, accuracies),
        }));
        keep.checkpoint(checkpoint, { worthKeeping: step > 0 && !getState().recorded });
        break;
      }
      case 'deviceLost':
        report({ place: 'engine', kind: 'notice', message: event.message });
        break;
      default:
        event satisfies never;
    }
  }

  function listSnapshots(): void {
    const best = bestEpoch(getState().history);
    setState({
      snapshots: snapshots
        .list()
        .map(({ step, epoch, epochEnd }) => ({ step, epoch, epochEnd, best: step === best?.step })),
      snapshotNotice:
        snapshots.thinned > 0
          ? `${snapshots.thinned} ${snapshots.thinned === 1 ? 'snapshot was' : 'snapshots were'} thinned out to stay within ${Math.round(snapshots.budget / 2 ** 20)} MB.`
          : undefined,
    });
  }

  function report(problem: LabProblem): void {
    setState(({ problems }) => ({
      problems: [...problems.filter(({ message }) => message !== problem.message), problem],
    }));
  }

  /** Runs an action of the page: what it throws is shown where the person is looking. */
  async function shown(place: LabProblem['place'], work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      report({ place, kind: 'error', message: messageOf(error) });
    }
  }

  function clearProblems(place: LabProblem['place']): void {
    setState(({ problems }) => ({ problems: problems.filter((problem) => problem.place !== place) }));
  }

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
      if (!(await comeBack())) await restart();
      announceReady();
    });
  }

  /** Brings the last visit's run back to its last checkpoint, if there is one for this tab. */
  async function comeBack(): Promise<boolean> {
    const content = await unfinished;
    if (!content) return false;
    if (content === 'elsewhere') {
      const message =
        'Another tab is at work on the last run, and keeps it. This tab begins a run of its own.';
      report({ place: 'page', kind: 'notice', message });
      return false;
    }
    const { name, step, changed } = content.run;
    try {
      await openContent(content);
    } catch (error) {
      const message = `The run of the last visit could not be brought back. ${messageOf(error)}`;
      report({ place: 'page', kind: 'error', message });
      return false;
    }
    const message = `“${name}” is back at step ${step.toLocaleString('en-US')}, as it was kept at ${new Date(changed).toLocaleTimeString()}. ${arithmeticOf(content)}`;
    report({ place: 'page', kind: 'notice', message, offer: 'goOn' });
    return true;
  }

  /** Whether going on gives the same bits as never having stopped. */
  function arithmeticOf({ run: { engine: before } }: KeptContent): string {
    const { engine: now } = getState();
    const same = before && now && before.id === now.id && withoutWorkers(before) === withoutWorkers(now);
    return same
      ? 'It goes on exactly as if it had never stopped.'
      : `It was trained on ${before?.id} (${before?.description}) and goes on with ${now?.id} (${now?.description}), whose last bits differ.`;
  }

  async function openKept(id: string): Promise<void> {
    await ready;
    await openContent(await keep.read(id));
  }

  async function openContent(content: KeptContent): Promise<void> {
    const { run, ...arrays } = content;
    const { checkRun } = await import('./share/presentRun.ts');
    const opened = await checkRun({ ...run, ...arrays }, getState());
    // What was chosen stays chosen; the run itself goes on where its bits are the same.
    const engine = run.settings.engine === 'auto' ? 'auto' : opened.settings.engine;
    const settings = { ...opened.settings, engine };
    await openRun({ ...opened, settings }, { engine: opened.settings.engine, kept: content });
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

  /** Puts another run in place, one at a time in the order of asking. */
  function replaceRun(work: () => Promise<void>): Promise<void> {
    const replaced = replacing.then(work);
    replacing = replaced.catch(() => undefined);
    return replaced;
  }

  function restart(changes: Partial<Settings> = {}): Promise<void> {
    return replaceRun(async () => {
      const wanted = () => checkSettings({ ...getState().settings, ...changes });
      await checkLearningRate(wanted().learningRate);
      await trainer.call('stop', undefined);
      // With what was changed meanwhile.
      const settings = wanted();
      const network = networkOf(settings);
      leaveRun({ settings, network, stepsPerEpoch: stepsPerEpochAt(settings) });
      clearProblems('training');
      await trainer.call('reset', {
        engine: settings.engine,
        network,
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

  function stepsPerEpochAt({ batchSize }: Pick<Settings, 'batchSize'>): number {
    return Math.floor((getState().data?.train.count ?? 60_000) / batchSize);
  }

  /**
   * Voids every answer so far. A run starts twice: before the trainer is told, and again once it has obeyed,
   * because a question in between is still answered by the old network.
   */
  function startRun(): void {
    questions.forget();
    setState(({ run, problems }) => ({ run: run + 1, problems: problems.filter(({ offer }) => !offer) }));
  }

  async function runTraining(request: TrainRequest, signal?: AbortSignal): Promise<TrainOutcome> {
    await replacing;
    if (getState().recorded) await restart();
    clearProblems('training');
    const start = { step: getState().step, epoch: getState().epoch, time: performance.now() };
    const training: Training = { request, start, signal };
    underway.add(training);
    try {
      return await trainer.call('train', request, { signal });
    } catch (error) {
      if (!(error instanceof WorkerStoppedError)) throw error;
      await trainer.standing();
      await training.rest;
      return sinceStart(start, getState());
    } finally {
      underway.delete(training);
    }
  }

  /** Goes on with what was asked of a trainer that died, before a pause or a stop reaches the new one. */
  async function goOnTraining(
    training: Training,
    fresh: Client<TrainerCalls, TrainerEvent>,
    paused: boolean,
  ) {
    const { request, start, signal } = training;
    signal?.throwIfAborted();
    const left = remaining(request, start, getState());
    if (!left) return;
    try {
      await fresh.call('train', { ...left, paused }, { signal });
    } catch (error) {
      if (!(error instanceof WorkerStoppedError)) throw error;
      // By the next one, which took over the rest.
      await trainer.standing();
      await training.rest;
    }
  }

  /** Hands a new trainer, which has the data, the last checkpoint of the one that died. */
  async function recover(fresh: Client<TrainerCalls, TrainerEvent>): Promise<void> {
    const { data, settings, network, timings, engine, status } = getState();
    if (!data) return;
    const { seed, speed } = settings;
    const checkpoint = keep.last();
    if (!checkpoint) {
      const start = { engine: settings.engine, network, seed, settings: runSettings(settings) };
      await fresh.call('reset', { ...start, timings });
    } else {
      const { position, state, log, settings: made } = checkpoint;
      const { step, epoch } = position;
      keep.wentBack(step);
      snapshots.dropAfter(step);
      setState(({ history, moment }) => ({
        step,
        epoch,
        history: { ...history, length: step, epochs: history.epochs.filter((each) => each.step <= step) },
        moment: typeof moment === 'number' && moment > step ? 'live' : moment,
      }));
      listSnapshots();
      const start = { engine: engine?.id ?? settings.engine, network, seed: position.seed, settings: made };
      const newestSnapshot = snapshots.list().at(-1)?.step;
      await fresh.call('restore', { start, position, state, log, newestSnapshot, timings });
      // What was changed since is changed anew.
      await fresh.call('set', { settings: runSettings(settings), speed });
    }
    clearProblems('training');
    report({
      place: 'training',
      kind: 'notice',
      message: `The training worker stopped, and another took its place at step ${getState().step.toLocaleString('en-US')}, the last checkpoint.`,
    });
    for (const training of underway) {
      training.rest = goOnTraining(training, fresh, status === 'paused');
      // Whoever asked for the training hears of it.
      training.rest.catch(() => undefined);
    }
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
    listSnapshots();
    return { exact };
  }

  async function makeSteps(count: number): Promise<void> {
    await replacing;
    if (getState().recorded) await restart();
    await trainer.call('step', { count });
  }

  async function apply(changes: Partial<Settings>): Promise<void> {
    const before = getState().settings;
    const settings = checkSettings({ ...before, ...changes });
    if (settings.learningRate !== before.learningRate) await checkLearningRate(settings.learningRate);
    setState({ settings, stepsPerEpoch: stepsPerEpochAt(settings) });
    if (getState().status === 'starting') return;
    await replacing;
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
        await runTraining({ epochs: left > 0 ? left : settings.epochs });
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
    runTraining,
    loadParameters,
    replay,
    openRun,
    keep,
    openKept,
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
      pageUrl,
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

  function openRun(run: OpenedRun, options?: OpenOptions): Promise<void> {
    return replaceRun(() => putInPlace(run, options));
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
      stepsPerEpoch: stepsPerEpochAt(settings),
      history: historyOf(run),
    };
    // The settings of a run that is only looked at are not what the next one starts with.
    await trainer.call('stop', undefined);
    leaveRun(recorded ? changes : { ...changes, settings }, kept);
    clearProblems('training');
    const { seed, speed } = settings;
    const used = recorded ? getState().settings.engine : engine;
    const start = { engine: used, network, seed, settings: runSettings(settings) };
    // Before the first checkpoint, which is kept with them.
    snapshots.protect([run.bestStep ?? position.step, position.step]);
    for (const snapshot of run.snapshots) snapshots.add(snapshot);
    const newest = run.snapshots.at(-1)?.step;
    // One of where the run stands is missing from a file only; a kept run goes on without one more.
    const newestSnapshot = kept || newest === position.step ? newest : undefined;
    const { timings } = getState();
    await trainer.call('restore', { start, position, state, log, newestSnapshot, timings });
    await trainer.call('set', { speed });
    listSnapshots();
    startRun();
    restoreFindings(run.findings, { written: kept !== undefined });
  }

  /** Gives the panels back what they found about the run, before they compute it again. */
  function restoreFindings(findings: readonly Finding[], { written }: { written: boolean }): void {
    keep.findings.begin(findings, { written });
    const { geometry, attacks, overTraining, metamers } = lab;
    geometry.restore(findings.filter((each) => each.kind === 'geometry'));
    attacks.restore(findings.filter((each) => each.kind === 'robustness'));
    overTraining.restore(findings.filter((each) => each.kind === 'overTraining'));
    const made = findings.findLast((each) => each.kind === 'metamers');
    if (made) void shown('page', () => metamers.restore(made));
  }

  async function loadParameters(parameters: Parameters, source: string): Promise<void> {
    await ready;
    await replaceRun(async () => {
      await trainer.call('stop', undefined);
      leaveRun({});
      await trainer.call('loadParameters', { parameters, source });
      startRun();
    });
  }
}

function runSettings({ batchSize, learningRate, attack }: Settings): RunSettings {
  return { batchSize, learningRate, attack: attack === 'none' ? undefined : attack };
}

/** The engine's arithmetic: it gives the same bits on any number of workers. */
function withoutWorkers({ description }: { description: string }): string {
  return description.replace(/^\d+ workers?, /, '');
}
