import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LayerGeometry } from '../../workers/protocol.ts';
import { analyzedLayers } from '../ask/selection.ts';
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
  /** Whether anything is computed; a cancel ends it. */
  active: boolean;
  /** Whether all snapshots are analyzed, or the shown moment only. */
  curves: boolean;
  results: GeometryResults;
  /** The moment that the figures are about: the shown one, or while training the newest snapshot. */
  step: number;
  running: readonly RunningTask[];
  /** Analyses of a layer at a moment that are still to be made, those running included; figures and errors count apart. */
  left: number;
  secondsLeft: number;
  problem?: string;
}

export interface GeometryFollow {
  store: StoreApi<GeometryState>;
  /** Computes while somebody watches. */
  watch(): () => void;
  /** `hold`: the settings stay when figures of other settings come back with a run. */
  set(changes: Partial<GeometrySettings>, options?: { hold?: boolean }): void;
  setCurves(curves: boolean): void;
  cancel(): void;
  resume(): void;
  /** Takes back what was found about the run that has just begun. */
  restore(findings: readonly GeometryFinding[]): void;
}

interface Parts {
  labStore: StoreApi<LabState>;
  pool: GeometryPool;
  momentAt(at: Moment): Promise<LabMoment>;
  /** Hears of each analysis that is made, and of those that go with their settings. */
  note(finding: GeometryFinding): void;
  forget(findings: readonly GeometryFinding[]): void;
}

interface Job extends Task {
  controller: AbortController;
}

/** The timeline's drag rests when the moment has stood for so long (ms). */
const REST = 250;

/**
 * Follows the run with its classes' geometry: the shown moment first, then the snapshots, the ends and the middle of
 * the largest gap before the rest, so that curves are readable early. Figures come first, their errors over images
 * after them and not during training. Results are kept for every snapshot and setting.
 */
export function createGeometryFollow(parts: Parts): GeometryFollow {
  const { labStore } = parts;
  const kept = new KeptAnalyses(parts.forget);
  const store = createStore<GeometryState>(() => ({
    settings: checkGeometry(labStore.getState()),
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

  // Whether or not somebody watches: nothing of the run before may be shown later.
  labStore.subscribe((now, before) => {
    if (now.run === before.run) return;
    work.abort();
    kept.clear();
    const known = analyzedLayers(now.network);
    setState(({ settings, active, problem }) => {
      const layers = settings.layers.filter((layer) => known.includes(layer));
      return {
        results: new Map(),
        problem: undefined,
        // What went wrong was about the run before; a cancel holds.
        active: active || problem !== undefined,
        settings: { ...settings, layers: layers.length > 0 ? layers : known },
      };
    });
    // The run's other state is set in the same turn, after this.
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

/** Makes the tasks of the schedule on the pool's workers, while somebody watches. */
function createWork(
  { labStore, pool, momentAt, note }: Parts,
  store: StoreApi<GeometryState>,
  kept: KeptAnalyses,
) {
  const { getState, setState } = store;
  const runTask = createTaskRunner({ labStore, pool, momentAt });
  const jobs = new Set<Job>();
  /** How much slower this machine is than the one that the estimate was measured on. */
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

  /** On one or two cores training would wait for a core: half of the time is left to it. */
  function rest(milliseconds: number): void {
    restUntil = Math.max(restUntil, performance.now() + milliseconds);
    setTimeout(pump, milliseconds + 5);
  }

  function showRunning(job: Job, fraction: number): void {
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

  /** Training gets the core back: errors are computed again when training rests. */
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
          // What is under way for other moments makes room for the one that a person looks at.
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

/** Whether there may be other tasks now. */
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
