import type { StoreApi } from 'zustand/vanilla';
import type { LabState } from '../state/state.ts';
import type { GeometryPool } from './geometryPool.ts';
import type { GeometryState } from './geometryState.ts';
import { type Agenda, expectedMilliseconds, remainingTasks, type Task } from './schedule.ts';

interface Parts {
  labStore: StoreApi<LabState>;
  pool: Pick<GeometryPool, 'size'>;
  store: StoreApi<GeometryState>;
}

/** The remaining tasks, and the time that they take on this machine. */
export interface Forecast {
  agenda(): Agenda;
  /** Learns from the time of a finished task. */
  learn(task: Task, milliseconds: number): void;
  /** Shows the number of remaining tasks and their time. */
  announce(): void;
}

export function createForecast({ labStore, pool, store: { getState, setState } }: Parts): Forecast {
  /** Ratio of this machine's times to the estimates. */
  let slowness = 1;

  function agenda(): Agenda {
    const { settings, results, step: shown, curves } = getState();
    const { snapshots, status } = labStore.getState();
    const steps = curves ? snapshots.map(({ step }) => step) : [];
    return { settings, results, shown, steps, errors: status !== 'training' };
  }

  function millisecondsOf(kind: Task['kind'], layer: string): number {
    const { network, data } = labStore.getState();
    const classes = data?.classNames.length ?? 10;
    return expectedMilliseconds({ kind, layer }, getState().settings, { network, classes });
  }

  return {
    agenda,
    learn({ kind, layer }, milliseconds) {
      slowness = 0.7 * slowness + (0.3 * milliseconds) / millisecondsOf(kind, layer);
    },
    announce() {
      const { left, milliseconds } = remainingTasks(agenda(), millisecondsOf);
      const done = getState().running.reduce(
        (sum, { kind, layer, fraction }) => sum + fraction * millisecondsOf(kind, layer),
        0,
      );
      setState({ left, secondsLeft: Math.max(0, (slowness * (milliseconds - done)) / pool.size / 1000) });
    },
  };
}
