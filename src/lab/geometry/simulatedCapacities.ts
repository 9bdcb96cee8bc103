import { createStore, type StoreApi } from 'zustand/vanilla';
import { checkGeometry, jobOf, selectForGeometry } from '../spectrum/spectrumQuestion.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { type GeometryState, networkAt, placeOf, resultAt } from './geometryFollow.ts';
import type { GeometryPool } from './geometryPool.ts';
import { type SimulationFinding, simulationKey } from './simulationFinding.ts';

/** Random labelings of the classes that a simulated capacity is measured with. */
export const DICHOTOMIES = 50;

/** A capacity that is being found by trying, or was. */
export interface Simulation {
  fraction: number;
  result?: SimulationFinding['result'];
  problem?: string;
}

export interface SimulatedCapacities {
  store: StoreApi<{ simulations: ReadonlyMap<string, Simulation> }>;
  /** Measures a layer's capacity at the step and with the settings that Geometry shows, without the theory. */
  simulate(layer: string): Promise<void>;
  /** Takes back what was found about the run that has just begun. */
  restore(findings: readonly SimulationFinding[]): void;
}

interface Parts {
  lab: StoreApi<LabState>;
  geometry: StoreApi<GeometryState>;
  pool: GeometryPool;
  momentAt(at: Moment): Promise<LabMoment>;
  /** Hears of each that is found. */
  note(finding: SimulationFinding): void;
}

/** The simulation of a layer that belongs to what Geometry shows. */
export function shownSimulation(
  simulations: ReadonlyMap<string, Simulation>,
  { settings, step }: Pick<GeometryState, 'settings' | 'step'>,
  layer: string,
): Simulation | undefined {
  return simulations.get(simulationKey({ settings, layer, step: placeOf(layer, step) }));
}

export function createSimulatedCapacities({
  lab,
  geometry,
  pool,
  momentAt,
  note,
}: Parts): SimulatedCapacities {
  const store = createStore<{ simulations: ReadonlyMap<string, Simulation> }>(() => ({
    simulations: new Map(),
  }));
  /** The latest of each place; whatever an earlier one still says is not shown. */
  const underway = new Map<string, AbortController>();

  function cancel(): void {
    for (const [key, controller] of underway) {
      controller.abort();
      show(key, undefined);
    }
    underway.clear();
  }

  lab.subscribe((now, before) => {
    if (now.run === before.run) return;
    cancel();
    store.setState({ simulations: new Map() });
  });
  geometry.subscribe(({ settings, active, problem }, before) => {
    const isCanceled = before.active && !active && problem === undefined;
    if (settings !== before.settings || isCanceled) cancel();
  });

  function show(key: string, simulation: Simulation | undefined): void {
    const next = new Map(store.getState().simulations);
    if (simulation) next.set(key, simulation);
    else next.delete(key);
    store.setState({ simulations: next });
  }

  return {
    store,
    async simulate(layer) {
      const { settings, step, results } = geometry.getState();
      const { layers: _, ...analysis } = settings;
      const keyAt = (at: number) => simulationKey({ settings: analysis, layer, step: placeOf(layer, at) });
      const key = keyAt(step);
      const controller = new AbortController();
      const { signal } = controller;
      underway.get(key)?.abort();
      underway.set(key, controller);
      const showOwn = (simulation: Simulation | undefined) => {
        if (underway.get(key) === controller) show(key, simulation);
      };
      showOwn({ fraction: 0 });
      try {
        const checked = checkGeometry(lab.getState(), settings);
        const selection = selectForGeometry(lab.getState(), checked);
        // Training may have begun meanwhile: what is found is about the step that was read.
        const { step: read, ...moment } = await networkAt(step, { lab, momentAt });
        const job = jobOf({ moment, selection, settings: checked, layer });
        const expected = resultAt(results, layer, step)?.capacity;
        const result = await pool.simulate(
          { job, dichotomies: DICHOTOMIES, expected },
          { signal, onProgress: ({ fraction }) => showOwn({ fraction }) },
        );
        signal.throwIfAborted();
        showOwn(undefined);
        show(keyAt(read), { fraction: 1, result });
        note({ kind: 'simulation', settings: analysis, step: placeOf(layer, read), layer, result });
      } catch (error) {
        if (!signal.aborted) showOwn({ fraction: 0, problem: sentenceOf(error) });
      } finally {
        if (underway.get(key) === controller) underway.delete(key);
      }
    },
    restore(findings) {
      const known = findings.map((finding): [string, Simulation] => [
        simulationKey(finding),
        { fraction: 1, result: finding.result },
      ]);
      store.setState({ simulations: new Map(known) });
    },
  };
}
