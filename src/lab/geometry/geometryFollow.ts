import { createStore, type StoreApi } from 'zustand/vanilla';
import { smallestClass } from '../../ml/data/classCounts.ts';
import { eachData } from '../ask/eachData.ts';
import { analyzedLayers, firstLayers } from '../ask/layers.ts';
import { createReduction } from '../ask/reduction.ts';
import { LEAST_EXAMPLES } from '../ask/selection.ts';
import type { LabState } from '../state/state.ts';
import type { GeometryFinding } from './geometryFinding.ts';
import { checkGeometry } from './geometrySettings.ts';
import type { GeometryState } from './geometryState.ts';
import { createWork, type WorkParts } from './geometryWork.ts';
import { KeptAnalyses } from './keptAnalyses.ts';
import type { GeometrySettings } from './schedule.ts';

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

interface Parts extends WorkParts {
  /** Receives the analyses dropped with their settings. */
  forget(findings: readonly GeometryFinding[]): void;
}

/**
 * Follows the run with its classes' geometry: first the moment shown, then the snapshots in coarse-to-fine order, so that
 * curves are readable early. Errors over images come after the figures and not during training. Results are kept for every
 * snapshot and setting.
 */
export function createGeometryFollow(parts: Parts): GeometryFollow {
  const { labStore } = parts;
  const kept = new KeptAnalyses(parts.forget);
  const store = createStore<GeometryState>(() => firstGeometryState(labStore.getState()));
  const { getState, setState } = store;
  const work = createWork(parts, store, kept);
  let isHeld = false;

  // Reset even without watchers, so that results of the old run are never shown later.
  labStore.subscribe((now, before) => {
    // A new run reports a different network only later in this turn.
    if (now.run === before.run && now.network === before.network) return;
    work.abort();
    kept.clear();
    setState((state) => forOtherRun(state, now, before));
    // The rest of the run's state is set later in this turn.
    setTimeout(work.pump, 0);
  });

  fitExamples(labStore, store, work);

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

/** Takes no more examples of a class than the data have. */
function fitExamples(
  labStore: StoreApi<LabState>,
  { getState, setState }: StoreApi<GeometryState>,
  work: { abort(): void },
): void {
  const reduction = createReduction();
  eachData(labStore, (data) => {
    const { settings } = getState();
    const most = Math.max(LEAST_EXAMPLES, smallestClass(data[settings.split].labels, data.classNames.length));
    const { used } = reduction.fit(settings.examplesPerClass, most);
    if (used === settings.examplesPerClass) return;
    work.abort();
    setState({ settings: { ...settings, examplesPerClass: used } });
  });
}

function firstGeometryState(lab: LabState): GeometryState {
  return {
    settings: checkGeometry(lab, { layers: firstLayers(lab.network) }),
    active: true,
    curves: true,
    results: new Map(),
    step: 0,
    running: [],
    left: 0,
    secondsLeft: 0,
  };
}

/** The state for another run or network. */
function forOtherRun(
  { settings, active, problem }: GeometryState,
  now: LabState,
  before: LabState,
): Partial<GeometryState> {
  const known = analyzedLayers(now.network);
  // After a new depth, even a name that is left may be another layer.
  const sameNames = known.join() === analyzedLayers(before.network).join();
  // A choice among another network's layers is meaningless here.
  const isKept = sameNames && settings.layers.every((layer) => known.includes(layer));
  return {
    results: new Map(),
    problem: undefined,
    // A problem belonged to the old run; a cancel stays in force.
    active: active || problem !== undefined,
    settings: { ...settings, layers: isKept ? settings.layers : firstLayers(now.network) },
  };
}
