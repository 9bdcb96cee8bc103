import type { StoreApi } from 'zustand/vanilla';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { createWatchers } from '../ask/watchers.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { createForecast } from './forecast.ts';
import { type GeometryFinding, placeOf, resultAt } from './geometryFinding.ts';
import type { GeometryPool } from './geometryPool.ts';
import type { GeometryState } from './geometryState.ts';
import type { KeptAnalyses } from './keptAnalyses.ts';
import { createRunningJobs, type Job } from './runningJobs.ts';
import { createTaskRunner } from './runTask.ts';
import { nextTask } from './schedule.ts';

export interface WorkParts {
  labStore: StoreApi<LabState>;
  pool: GeometryPool;
  momentAt(at: Moment): Promise<LabMoment>;
  /** Receives each new analysis. */
  note(finding: GeometryFinding): void;
}

/** The scheduled tasks, run on the pool's workers while there are watchers. */
export interface Work {
  /** Starts the next tasks on free workers. */
  pump(): void;
  /** Shows the number of remaining tasks and their time. */
  announce(): void;
  abort(): void;
  /** Runs tasks until the returned function is called. */
  watch(): () => void;
}

/** A drag of the timeline counts as ended when the moment has not changed for this long (ms). */
const REST = 250;

export function createWork(parts: WorkParts, store: StoreApi<GeometryState>, kept: KeptAnalyses): Work {
  const { labStore, pool } = parts;
  const { getState, setState } = store;
  const runTask = createTaskRunner(parts);
  const forecast = createForecast({ labStore, pool, store });
  const { announce } = forecast;
  const jobs = createRunningJobs(store, announce);
  let restUntil = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function pump(): void {
    if (!watchers.isWatched || labStore.getState().status === 'starting' || !labStore.getState().data) return;
    setState({ step: targetStep(labStore.getState()) });
    while (getState().active && jobs.size < pool.size && performance.now() >= restUntil) {
      const next = nextTask(forecast.agenda(), jobs.isUnderway);
      if (!next) break;
      void start({ ...next, controller: new AbortController() });
    }
    announce();
  }

  async function start(job: Job): Promise<void> {
    const { signal } = job.controller;
    jobs.begin(job);
    const { run } = labStore.getState();
    try {
      const onProgress = ({ fraction }: { fraction: number }) => jobs.show(job, fraction);
      const found = await runTask(job, getState(), { signal, onProgress });
      if (signal.aborted || labStore.getState().run !== run) return;
      forecast.learn(job, found.milliseconds);
      addResult({ store, kept, note: parts.note }, job.layer, found);
      if (labStore.getState().status === 'training' && pool.size === 1) rest(found.milliseconds);
    } catch (error) {
      if (!signal.aborted) {
        setState({ problem: `${job.layer} at step ${job.step}: ${sentenceOf(error)}`, active: false });
      }
    } finally {
      jobs.end(job);
      pump();
    }
  }

  /** On one or two cores, pause after each task to leave half of the time to training. */
  function rest(milliseconds: number): void {
    restUntil = Math.max(restUntil, performance.now() + milliseconds);
    setTimeout(pump, milliseconds + 5);
  }

  /** Once the timeline rests, aborts tasks for other moments in favor of the moment that a person looks at. */
  function turnToShown(): void {
    restUntil = performance.now() + REST;
    clearTimeout(timer);
    timer = setTimeout(() => {
      restUntil = 0;
      jobs.abort();
      pump();
    }, REST);
  }

  function follow(now: LabState, before: LabState): void {
    if (now.moment !== before.moment) {
      setState({ step: targetStep(now) });
      if (isShownMissing(getState())) turnToShown();
    }
    if (now.status === 'training' && before.status !== 'training') jobs.abortErrors();
    if (isMoved(now, before)) pump();
  }

  const watchers = createWatchers(() => {
    const unsubscribe = labStore.subscribe(follow);
    pump();
    return () => {
      unsubscribe();
      clearTimeout(timer);
      jobs.abort();
    };
  });

  return { pump, announce, abort: jobs.abort, watch: watchers.watch };
}

interface Sinks extends Pick<WorkParts, 'note'> {
  store: StoreApi<GeometryState>;
  kept: KeptAnalyses;
}

/** Shows an analysis, keeps it, and notes it with the run. */
function addResult(
  { store, kept, note }: Sinks,
  layer: string,
  { step, result }: { step: number; result: LayerGeometry },
): void {
  const { results, settings } = store.getState();
  const { layers: _, ...analysis } = settings;
  const place = placeOf(layer, step);
  const next = new Map(results).set(layer, new Map(results.get(layer)).set(place, result));
  store.setState({ results: next });
  note({ kind: 'geometry', settings: analysis, step: place, result });
  kept.keep({ settings: analysis, results: next });
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
