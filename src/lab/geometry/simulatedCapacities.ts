import { createStore, type StoreApi } from 'zustand/vanilla';
import { createLatest, type Latest } from '../ask/latest.ts';
import type { Watched } from '../ask/watched.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { DICHOTOMIES } from './estimators.ts';
import { placeOf, resultAt } from './geometryFinding.ts';
import type { GeometryPool } from './geometryPool.ts';
import { selectForGeometry } from './geometrySelection.ts';
import { checkGeometry } from './geometrySettings.ts';
import type { GeometryState } from './geometryState.ts';
import { layerJob } from './layerAnalysis.ts';
import { networkAt } from './runTask.ts';
import { type SimulationFinding, simulationKey } from './simulationFinding.ts';

/** A running or finished simulation of a capacity. */
export interface Simulation {
  fraction: number;
  result?: SimulationFinding['result'];
  problem?: string;
}

export interface SimulatedCapacities {
  store: StoreApi<{ simulations: ReadonlyMap<string, Simulation> }>;
  /**
   * Measures a layer's capacity by simulation, at the step and with the settings shown by Geometry.
   * @param options.offset whether the plane may have an offset from the mean of all points; the theory's may not.
   */
  simulate(layer: string, options?: { offset?: boolean }): Promise<void>;
  /** Restores the results saved with the run that has just begun. */
  restore(findings: readonly SimulationFinding[]): void;
}

interface Parts {
  labStore: StoreApi<LabState>;
  geometry: StoreApi<GeometryState>;
  pool: GeometryPool;
  momentAt(at: Moment): Promise<LabMoment>;
  /** Receives each result. */
  note(finding: SimulationFinding): void;
}

/** The layer's simulation for the step and settings shown by Geometry. */
export function shownSimulation(
  simulations: ReadonlyMap<string, Simulation>,
  { settings, step }: Pick<GeometryState, 'settings' | 'step'>,
  { layer, offset }: { layer: string; offset: boolean },
): Simulation | undefined {
  return simulations.get(simulationKey({ settings, layer, step: placeOf(layer, step), offset }));
}

export function createSimulatedCapacities(parts: Parts): SimulatedCapacities {
  const { labStore, geometry, note } = parts;
  const { store, show, showOnly } = createShownSimulations();
  /** Requests by key; only the latest of each counts. */
  const requests = new Map<string, Latest>();

  function cancel(): void {
    for (const [key, request] of requests) {
      if (request.isUnderway) show(key, undefined);
      request.cancel();
    }
  }

  function requestOf(key: string): Latest {
    const found =
      requests.get(key) ??
      createLatest({ failed: (error) => show(key, { fraction: 0, problem: sentenceOf(error) }) });
    requests.set(key, found);
    return found;
  }

  labStore.subscribe((now, before) => {
    if (now.run === before.run) return;
    cancel();
    showOnly([]);
  });
  geometry.subscribe(({ settings, active, problem }, before) => {
    const isCanceled = before.active && !active && problem === undefined;
    if (settings !== before.settings || isCanceled) cancel();
  });

  return {
    store,
    async simulate(layer, { offset = false } = {}) {
      const shown = geometry.getState();
      const { layers: _, ...analysis } = shown.settings;
      const keyAt = (at: number) =>
        simulationKey({ settings: analysis, layer, step: placeOf(layer, at), offset });
      const key = keyAt(shown.step);
      show(key, { fraction: 0 });
      await requestOf(key).run(async (signal) => {
        const onProgress = ({ fraction }: { fraction: number }) => {
          if (!signal.aborted) show(key, { fraction });
        };
        const { read, result } = await simulateShown(parts, { layer, offset }, shown, { signal, onProgress });
        signal.throwIfAborted();
        show(key, undefined);
        show(keyAt(read), { fraction: 1, result });
        note({ kind: 'simulation', settings: analysis, step: placeOf(layer, read), layer, offset, result });
      });
    },
    restore: showOnly,
  };
}

/** The simulations by key, and the functions that change them. */
function createShownSimulations() {
  const store = createStore<{ simulations: ReadonlyMap<string, Simulation> }>(() => ({
    simulations: new Map(),
  }));
  return {
    store,
    show(key: string, simulation: Simulation | undefined): void {
      const next = new Map(store.getState().simulations);
      if (simulation) next.set(key, simulation);
      else next.delete(key);
      store.setState({ simulations: next });
    },
    showOnly(findings: readonly SimulationFinding[]): void {
      const known = findings.map((finding): [string, Simulation] => [
        simulationKey(finding),
        { fraction: 1, result: finding.result },
      ]);
      store.setState({ simulations: new Map(known) });
    },
  };
}

/** @returns the result and the step of the network that was read. */
async function simulateShown(
  { labStore, pool, momentAt }: Parts,
  { layer, offset }: { layer: string; offset: boolean },
  { settings, step, results }: GeometryState,
  watched: Watched,
) {
  const checked = checkGeometry(labStore.getState(), settings);
  const selection = selectForGeometry(labStore.getState(), checked);
  // Training may have started in the meantime, so report the step that was read.
  const { step: read, ...moment } = await networkAt(step, { labStore, momentAt });
  const { job } = layerJob({ moment, selection, settings: checked, layer });
  const expected = resultAt(results, layer, step)?.capacity;
  const result = await pool.simulate({ job, dichotomies: DICHOTOMIES, offset, expected }, watched);
  return { read, result };
}
