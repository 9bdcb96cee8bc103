import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LayerGeometry } from '../../workers/protocol.ts';
import { analyzedLayers, firstLayers } from '../ask/selection.ts';
import { createWatchers } from '../ask/watchers.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { type GeometryFinding, type GeometryResults, placeOf, resultAt } from './geometryFinding.ts';
import type { GeometryPool } from './geometryPool.ts';
import { checkGeometry } from './geometryQuestion.ts';
import { KeptAnalyses } from './keptAnalyses.ts';
import { createTaskRunner } from './runTask.ts';
import {
  type Agenda,
  expectedMilliseconds,
  type GeometrySettings,
  nextTask,
  remainingTasks,
  type Task,
} from './schedule.ts';

export interface RunningTask extends Task {
  fraction: number;
}

export interface GeometryState {
  settings: GeometrySettings;
  /** Whether computing is enabled; a cancel disables it. */
  active: boolean;
  /** Whether to analyze all snapshots, or only the moment shown. */
  curves: boolean;
  results: GeometryResults;
  /** The step of the figures: the moment shown, or the newest snapshot during training. */
  step: number;
  running: readonly RunningTask[];
  /** Number of remaining analyses, including running ones. Figures and errors count separately. */
  left: number;
  secondsLeft: number;
  problem?: string;
}

export interface GeometryFollow {
  store: StoreApi<GeometryState>;
  /** Computes until the returned function is called. */
  watch(): () => void;
  /** With `hold`, restoring a run with figures for other settings does not change the settings. */
  set(changes: Partial<GeometrySettings>, options?: { hold?: boolean }): void;
  setCurves(curves: boolean): void;
  cancel(): void;
  resume(): void;
  /** Restores the results saved with the run that has just begun. */
  restore(findings: readonly GeometryFinding[]): void;
}

interface Parts {
  labStore: StoreApi<LabState>;
  pool: GeometryPool;
  momentAt(at: Moment): Promise<LabMoment>;
  /** Receives each new analysis, and the analyses dropped with their settings. */
  note(finding: GeometryFinding): void;
  forget(findings: readonly GeometryFinding[]): void;
}

interface Job extends Task {
  controller: AbortController;
}

/** A drag of the timeline counts as ended when the moment has not changed for this long (ms). */
const REST = 250;

/**
 * Follows the run with its classes' geometry: first the moment shown, then the snapshots in coarse-to-fine order, so that
 * curves are readable early. Errors over images come after the figures and not during training. Results are kept for every
 * snapshot and setting.
 */
export function createGeometryFollow(parts: Parts): GeometryFollow {
  const { labStore } = parts;
  const kept = new KeptAnalyses(parts.forget);
  const store = createStore<GeometryState>(() => ({
    settings: checkGeometry(labStore.getState(), { layers: firstLayers(labStore.getState().network) }),
    active: true,
    curves: true,
    results: new Map(),
    step: 0,
    running: [],
    left: 0,
    secondsLeft: 0,
  }));
  const { getState, setState } = store;
  const work = createWork(parts, store, kept);
  let isHeld = false;

  // Reset even without watchers, so that results of the old run are never shown later.
  labStore.subscribe((now, before) => {
    // A new run reports a different network only later in this turn.
    if (now.run === before.run && now.network === before.network) return;
    work.abort();
    kept.clear();
    const known = analyzedLayers(now.network);
    const first = firstLayers(now.network);
    // After a new depth, even a name that is left may be another layer.
    const sameNames = known.join() === analyzedLayers(before.network).join();
    setState(({ settings, active, problem }) => {
      // A choice among another network's layers is meaningless here.
      const isKept = sameNames && settings.layers.every((layer) => known.includes(layer));
      const layers = isKept ? settings.layers : first;
      return {
        results: new Map(),
        problem: undefined,
        // A problem belonged to the old run; a cancel stays in force.
        active: active || problem !== undefined,
        settings: { ...settings, layers },
      };
    });
    // The rest of the run's state is set later in this turn.
    setTimeout(work.pump, 0);
  });

  return {
    store,
    watch: work.watch,
    set(changes, { hold = false } = {}) {
      const settings = { ...getState().settings, ...changes };
      checkGeometry(labStore.getState(), settings);
      isHeld = hold;
      work.abort();
      setState({ settings, results: kept.resultsOf(settings), problem: undefined, active: true });
      work.pump();
    },
    setCurves(curves) {
      setState({ curves, active: true });
      work.pump();
    },
    cancel() {
      setState({ active: false });
      work.abort();
      work.announce();
    },
    resume() {
      setState({ active: true, problem: undefined });
      work.pump();
    },
    restore(findings) {
      const { settings } = getState();
      const found = kept.restore(findings, settings);
      const shown = isHeld ? { settings, results: kept.resultsOf(settings) } : found;
      if (shown)
        setState({ settings: { ...shown.settings, layers: settings.layers }, results: shown.results });
    },
  };
}

/** Runs the scheduled tasks on the pool's workers while there are watchers. */
function createWork(
  { labStore, pool, momentAt, note }: Parts,
  store: StoreApi<GeometryState>,
  kept: KeptAnalyses,
) {
  const { getState, setState } = store;
  const runTask = createTaskRunner({ labStore, pool, momentAt });
  const jobs = new Set<Job>();
  /** Ratio of this machine's times to the estimates. */
  let slowness = 1;
  let restUntil = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function agenda(): Agenda {
    const { settings, results, step: shown, curves } = getState();
    const { snapshots, status } = labStore.getState();
    const steps = curves ? snapshots.map(({ step }) => step) : [];
    return { settings, results, shown, steps, errors: status !== 'training' };
  }

  function isUnderway({ kind, layer, step }: Task): boolean {
    return [...jobs].some(
      (job) => job.kind === kind && job.layer === layer && placeOf(layer, job.step) === placeOf(layer, step),
    );
  }

  function pump(): void {
    if (!watchers.isWatched || labStore.getState().status === 'starting' || !labStore.getState().data) return;
    setState({ step: targetStep(labStore.getState()) });
    while (getState().active && jobs.size < pool.size && performance.now() >= restUntil) {
      const next = nextTask(agenda(), isUnderway);
      if (!next) break;
      void start({ ...next, controller: new AbortController() });
    }
    announce();
  }

  function millisecondsOf(kind: Task['kind'], layer: string): number {
    const { network, data } = labStore.getState();
    const classes = data?.classNames.length ?? 10;
    return expectedMilliseconds({ kind, layer }, getState().settings, { network, classes });
  }

  function announce(): void {
    const { left, milliseconds } = remainingTasks(agenda(), millisecondsOf);
    const done = getState().running.reduce(
      (sum, { kind, layer, fraction }) => sum + fraction * millisecondsOf(kind, layer),
      0,
    );
    setState({ left, secondsLeft: Math.max(0, (slowness * (milliseconds - done)) / pool.size / 1000) });
  }

  async function start(job: Job): Promise<void> {
    const { kind, layer, step, controller } = job;
    const { signal } = controller;
    jobs.add(job);
    showRunning(job, 0);
    const { run } = labStore.getState();
    try {
      const onProgress = ({ fraction }: { fraction: number }) => showRunning(job, fraction);
      const found = await runTask(job, getState(), { signal, onProgress });
      if (signal.aborted || labStore.getState().run !== run) return;
      slowness = 0.7 * slowness + (0.3 * found.milliseconds) / millisecondsOf(kind, layer);
      addResult(layer, found);
      if (labStore.getState().status === 'training' && pool.size === 1) rest(found.milliseconds);
    } catch (error) {
      if (!signal.aborted) {
        setState({ problem: `${layer} at step ${step}: ${sentenceOf(error)}`, active: false });
      }
    } finally {
      jobs.delete(job);
      setState(({ running }) => ({ running: running.filter((one) => !isOf(one, job)) }));
      pump();
    }
  }

  /** On one or two cores, pause after each task to leave half of the time to training. */
  function rest(milliseconds: number): void {
    restUntil = Math.max(restUntil, performance.now() + milliseconds);
    setTimeout(pump, milliseconds + 5);
  }

  function showRunning(job: Job, fraction: number): void {
    // An aborted job may still report progress.
    if (!jobs.has(job)) return;
    const { kind, layer, step } = job;
    setState(({ running }) => ({
      running: [...running.filter((one) => !isOf(one, job)), { kind, layer, step, fraction }],
    }));
    announce();
  }

  function addResult(layer: string, { step, result }: { step: number; result: LayerGeometry }): void {
    const { results, settings } = getState();
    const { layers: _, ...analysis } = settings;
    const place = placeOf(layer, step);
    const next = new Map(results).set(layer, new Map(results.get(layer)).set(place, result));
    setState({ results: next });
    note({ kind: 'geometry', settings: analysis, step: place, result });
    kept.keep({ settings: analysis, results: next });
  }

  function abort(): void {
    for (const { controller } of jobs) controller.abort();
    jobs.clear();
    setState({ running: [] });
  }

  /** Aborts error tasks to free the cores for training; they run again when training pauses. */
  function abortErrors(): void {
    for (const { kind, controller } of jobs) if (kind === 'errors') controller.abort();
  }

  function follow(now: LabState, before: LabState): void {
    if (now.moment !== before.moment) {
      setState({ step: targetStep(now) });
      if (isShownMissing(getState())) {
        restUntil = performance.now() + REST;
        clearTimeout(timer);
        timer = setTimeout(() => {
          restUntil = 0;
          // Abort tasks for other moments in favor of the moment that a person looks at.
          abort();
          pump();
        }, REST);
      }
    }
    if (now.status === 'training' && before.status !== 'training') abortErrors();
    if (isMoved(now, before)) pump();
  }

  const watchers = createWatchers(() => {
    const unsubscribe = labStore.subscribe(follow);
    pump();
    return () => {
      unsubscribe();
      clearTimeout(timer);
      abort();
    };
  });

  return { pump, announce, abort, watch: watchers.watch };
}

/** Whether the tasks may have changed. */
function isMoved(now: LabState, before: LabState): boolean {
  return (
    now.moment !== before.moment ||
    now.snapshots !== before.snapshots ||
    now.status !== before.status ||
    (now.status !== 'training' && now.step !== before.step)
  );
}

function targetStep({ moment, step, status, snapshots }: LabState): number {
  // A snapshot that was thinned out meanwhile has no parameters any more.
  if (moment !== 'live' && snapshots.some((snapshot) => snapshot.step === moment)) return moment;
  return status === 'training' ? (snapshots.at(-1)?.step ?? step) : step;
}

function isShownMissing({ settings, results, step }: GeometryState): boolean {
  return settings.layers.some((layer) => !resultAt(results, layer, step));
}

function isOf(one: Task, job: Job): boolean {
  return one.kind === job.kind && one.step === job.step && one.layer === job.layer;
}
