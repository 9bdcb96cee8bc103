import { createStore, type StoreApi } from 'zustand/vanilla';
import { estimateMilliseconds } from '../../ml/geometry/index.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { LayerGeometry } from '../../workers/protocol.ts';
import { analyzedLayers, type Selection } from '../ask/selection.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import {
  type Analyses,
  type AnalysisSettings,
  analysesOf,
  findingsOf,
  type GeometryFinding,
  type GeometryResults,
  settingsKey,
} from './geometryFinding.ts';
import type { GeometryPool } from './geometryPool.ts';
import { analyzeLayer, type CheckedGeometry, checkGeometry, selectForGeometry } from './geometryQuestion.ts';

export type { GeometryResults };
export type GeometrySettings = AnalysisSettings & Pick<CheckedGeometry, 'layers'>;

export interface GeometryState {
  settings: GeometrySettings;
  /** Whether anything is computed; a cancel ends it. */
  active: boolean;
  /** Whether all snapshots are analyzed, or the shown moment only. */
  curves: boolean;
  results: GeometryResults;
  /** The moment that the figures are about: the shown one, or while training the newest snapshot. */
  step: number;
  running: readonly { step: number; layer: string; fraction: number }[];
  /** Analyses of a layer at a moment that are still to be made, those running included. */
  left: number;
  secondsLeft: number;
  problem?: string;
}

export interface GeometryFollow {
  store: StoreApi<GeometryState>;
  /** Computes while somebody watches. */
  watch(): () => void;
  set(changes: Partial<GeometrySettings>): void;
  setCurves(curves: boolean): void;
  cancel(): void;
  resume(): void;
  /** Takes back what was found about the run that has just begun. */
  restore(findings: readonly GeometryFinding[]): void;
}

interface Parts {
  lab: StoreApi<LabState>;
  pool: GeometryPool;
  momentAt(at: Moment): Promise<LabMoment>;
  /** Hears of each analysis that is made, and of those that go with their settings. */
  note(finding: GeometryFinding): void;
  forget(findings: readonly GeometryFinding[]): void;
}

interface Job {
  step: number;
  layer: string;
  controller: AbortController;
}

/** The timeline's drag rests when the moment has stood for so long (ms). */
const REST = 250;
/** Results of so many settings are kept. */
const MOST_SETTINGS = 8;

/** The result of a layer at a step. */
export function resultAt(results: GeometryResults, layer: string, step: number): LayerGeometry | undefined {
  return results.get(layer)?.get(placeOf(layer, step));
}

/** The input layer is the same at every step. */
export function placeOf(layer: string, step: number): number {
  return layer === 'input' ? 0 : step;
}

/** The network at a step that Geometry shows: a snapshot's, or where the run stands, whose step may be a later one. */
export function networkAt(
  step: number,
  { lab, momentAt }: Pick<Parts, 'lab' | 'momentAt'>,
): Promise<LabMoment> {
  const isSnapshot = lab.getState().snapshots.some((snapshot) => snapshot.step === step);
  return momentAt(isSnapshot ? step : 'live');
}

/**
 * Follows the run with its classes' geometry: the shown moment first, then the snapshots, the ends and the middle of
 * the largest gap before the rest, so that curves are readable early. Results are kept for every snapshot and setting.
 */
export function createGeometryFollow({ lab, pool, momentAt, note, forget }: Parts): GeometryFollow {
  const { seed, examplesPerClass, kappa, samples, resamples } = checkGeometry(lab.getState());
  const store = createStore<GeometryState>(() => ({
    settings: {
      layers: analyzedLayers(lab.getState().network),
      examplesPerClass,
      kappa,
      samples,
      projection: undefined,
      resamples,
      seed,
    },
    active: true,
    curves: true,
    results: new Map(),
    step: 0,
    running: [],
    left: 0,
    secondsLeft: 0,
  }));
  const { getState, setState } = store;
  /** Those used last at the end. */
  const kept = new Map<string, Analyses>();
  const jobs = new Set<Job>();
  let selection: { key: string; value: Selection } | undefined;
  /** How much slower this machine is than the one that the estimate was measured on. */
  let slowness = 1;
  let watchers = 0;
  let restUntil = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function targetStep(): number {
    const { moment, step, status, snapshots } = lab.getState();
    // A snapshot that was thinned out meanwhile has no parameters any more.
    if (moment !== 'live' && snapshots.some((snapshot) => snapshot.step === moment)) return moment;
    return status === 'training' ? (snapshots.at(-1)?.step ?? step) : step;
  }

  function missingAt(step: number): string | undefined {
    const { results, settings } = getState();
    return settings.layers.find(
      (layer) => !resultAt(results, layer, step) && !isUnderway(layer, placeOf(layer, step)),
    );
  }

  function isUnderway(layer: string, place: number): boolean {
    return [...jobs].some((job) => job.layer === layer && placeOf(layer, job.step) === place);
  }

  function nextJob(): Pick<Job, 'step' | 'layer'> | undefined {
    const { step, curves, results, settings } = getState();
    if (performance.now() < restUntil) return undefined;
    const layer = missingAt(step);
    if (layer !== undefined) return { step, layer };
    if (!curves) return undefined;
    const steps = lab.getState().snapshots.map((snapshot) => snapshot.step);
    for (const layer of settings.layers) {
      const next = farthestFromDone(
        steps,
        (candidate) =>
          resultAt(results, layer, candidate) !== undefined || isUnderway(layer, placeOf(layer, candidate)),
      );
      // Layers take turns, so that their curves grow together.
      if (next !== undefined) return { step: next, layer: missingAt(next) ?? layer };
    }
    return undefined;
  }

  function pump(): void {
    if (watchers === 0 || lab.getState().status === 'starting' || !lab.getState().data) return;
    setState({ step: targetStep() });
    while (getState().active && jobs.size < pool.size) {
      const next = nextJob();
      if (!next) break;
      void work({ ...next, controller: new AbortController() });
    }
    announce();
  }

  function announce(): void {
    const { settings, results, curves, step, running } = getState();
    const steps = new Set(curves ? lab.getState().snapshots.map((snapshot) => snapshot.step) : []);
    steps.add(step);
    let left = 0;
    let milliseconds = 0;
    for (const layer of settings.layers) {
      const places = layer === 'input' ? [0] : [...steps];
      const missing = places.filter((place) => !results.get(layer)?.get(place)).length;
      left += missing;
      milliseconds += missing * expectedMilliseconds(layer);
    }
    for (const { layer, fraction } of running) milliseconds -= fraction * expectedMilliseconds(layer);
    setState({ left, secondsLeft: Math.max(0, (slowness * milliseconds) / pool.size / 1000) });
  }

  function expectedMilliseconds(layer: string): number {
    const { network, data } = lab.getState();
    const { examplesPerClass, samples, resamples, projection } = getState().settings;
    const shape = { manifolds: data?.classNames.length ?? 10, points: examplesPerClass, samples };
    const units = sizeOf(shapeAt(network, layer));
    const whole = estimateMilliseconds({ ...shape, units: Math.min(units, projection ?? units) });
    if (resamples === 0) return whole;
    const half = estimateMilliseconds({ ...shape, points: examplesPerClass / 2, units });
    return whole + resamples * half;
  }

  function selected(settings: CheckedGeometry): Selection {
    const { examplesPerClass, seed } = settings;
    const key = JSON.stringify([examplesPerClass, seed]);
    if (selection?.key !== key) selection = { key, value: selectForGeometry(lab.getState(), settings) };
    return selection.value;
  }

  async function work(job: Job): Promise<void> {
    const { step, layer, controller } = job;
    jobs.add(job);
    showRunning(job, 0);
    const { settings } = getState();
    const { run } = lab.getState();
    try {
      const checked = checkGeometry(lab.getState(), settings);
      const images = selected(checked);
      const { step: found, ...moment } = await networkAt(step, { lab, momentAt });
      controller.signal.throwIfAborted();
      const started = performance.now();
      const result = await analyzeLayer(
        pool,
        { moment, selection: images, settings: checked, layer },
        nearestWarmStart(layer, step),
        { signal: controller.signal, onProgress: ({ fraction }) => showRunning(job, fraction) },
      );
      if (controller.signal.aborted || lab.getState().run !== run) return;
      const taken = performance.now() - started;
      learnSpeed(taken / expectedMilliseconds(layer));
      addResult(layer, found, result);
      if (lab.getState().status === 'training' && pool.size === 1) rest(taken);
    } catch (error) {
      if (!controller.signal.aborted) {
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

  function learnSpeed(ratio: number): void {
    slowness = 0.7 * slowness + 0.3 * ratio;
  }

  function showRunning(job: Job, fraction: number): void {
    const { step, layer } = job;
    setState(({ running }) => ({
      running: [...running.filter((one) => !isOf(one, job)), { step, layer, fraction }],
    }));
    announce();
  }

  /** The center problem's solution at the nearest moment, so that curves do not jump between its minima. */
  function nearestWarmStart(layer: string, step: number) {
    const own = getState().results.get(layer);
    let nearest: { distance: number; result: LayerGeometry } | undefined;
    for (const [other, result] of own ?? []) {
      const distance = Math.abs(other - step);
      if (!nearest || distance < nearest.distance) nearest = { distance, result };
    }
    return nearest?.result.warmStart ?? [];
  }

  function addResult(layer: string, step: number, result: LayerGeometry): void {
    const { results, settings } = getState();
    const { layers: _, ...analysis } = settings;
    const place = placeOf(layer, step);
    const own = new Map(results.get(layer)).set(place, result);
    const next = new Map(results).set(layer, own);
    setState({ results: next });
    note({ kind: 'geometry', settings: analysis, step: place, result });
    keep({ settings: analysis, results: next });
  }

  function keep(analyses: Analyses): void {
    const key = settingsKey(analyses.settings);
    kept.delete(key);
    kept.set(key, analyses);
    if (kept.size <= MOST_SETTINGS) return;
    const [[oldest, dropped]] = kept;
    kept.delete(oldest);
    forget(findingsOf(dropped));
  }

  function abortJobs(): void {
    for (const { controller } of jobs) controller.abort();
    jobs.clear();
    setState({ running: [] });
  }

  // Whether or not somebody watches: nothing of the run before may be shown later.
  lab.subscribe((now, before) => {
    if (now.run === before.run) return;
    abortJobs();
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
    setTimeout(pump, 0);
  });

  function follow(now: LabState, before: LabState): void {
    if (now.moment !== before.moment) {
      setState({ step: targetStep() });
      if (missingAt(getState().step) !== undefined) {
        restUntil = performance.now() + REST;
        clearTimeout(timer);
        timer = setTimeout(() => {
          restUntil = 0;
          // What is under way for other moments makes room for the one that a person looks at.
          abortJobs();
          pump();
        }, REST);
      }
    }
    const changed =
      now.moment !== before.moment ||
      now.snapshots !== before.snapshots ||
      now.status !== before.status ||
      (now.status !== 'training' && now.step !== before.step);
    if (changed) pump();
  }

  let unsubscribe = () => {};
  return {
    store,
    watch() {
      if (watchers++ === 0) {
        unsubscribe = lab.subscribe(follow);
        pump();
      }
      return () => {
        if (--watchers > 0) return;
        unsubscribe();
        clearTimeout(timer);
        abortJobs();
      };
    },
    set(changes) {
      const settings = { ...getState().settings, ...changes };
      checkGeometry(lab.getState(), settings);
      abortJobs();
      const results = kept.get(settingsKey(settings))?.results ?? new Map();
      setState({ settings, results, problem: undefined, active: true });
      pump();
    },
    setCurves(curves) {
      setState({ curves, active: true });
      pump();
    },
    cancel() {
      setState({ active: false });
      abortJobs();
      announce();
    },
    resume() {
      setState({ active: true, problem: undefined });
      pump();
    },
    restore(findings) {
      for (const analyses of analysesOf(findings)) keep(analyses);
      const { settings } = getState();
      // Settings without figures give way to the last that have some.
      const shown = kept.get(settingsKey(settings)) ?? [...kept.values()].at(-1);
      if (shown) setState({ settings: { ...settings, ...shown.settings }, results: shown.results });
    },
  };
}

function isOf(one: { step: number; layer: string }, job: Job): boolean {
  return one.step === job.step && one.layer === job.layer;
}

/** The first, then the last, then whatever lies farthest from all that is done; undefined once all are. */
export function farthestFromDone(
  steps: readonly number[],
  isDone: (step: number) => boolean,
): number | undefined {
  const done = steps.map(isDone);
  if (steps.length > 0 && !done[0]) return steps[0];
  if (steps.length > 1 && !done[steps.length - 1]) return steps[steps.length - 1];
  let best: number | undefined;
  let widest = 0;
  for (let i = 0; i < steps.length; i++) {
    if (done[i]) continue;
    let distance = 1;
    while (!done[i - distance] && !done[i + distance]) distance++;
    if (distance > widest) {
      widest = distance;
      best = steps[i];
    }
  }
  return best;
}
