import type { StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import { type DataShape, shapeOfData } from '../../ml/data/dataset.ts';
import type { Workers } from '../../workers/client.ts';
import { checkLearningRate, checkSettings, runSettings, type Settings } from '../state/settings.ts';
import type { LabState } from '../state/state.ts';
import { type Replacing, stepsPerEpochAt } from './replacing.ts';

/** Changes to the page's run. */
export interface Changes {
  /** Changes settings; resolves when the run uses them. */
  apply(changes: Partial<Settings>): Promise<void>;
  /** Trains on so many threads of the wasm engine from now on, or on as many as train fastest. */
  setWorkers(workers: number | 'auto'): Promise<void>;
  /** Makes `count` updates, then pauses. */
  makeSteps(count: number): Promise<void>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  trainer: Workers['trainer'];
  replacing: Pick<Replacing, 'settled' | 'beforeTraining'>;
}

/** The images' shape, unless the data change too. */
export function presentShape(
  { data, settings }: Pick<LabState, 'data' | 'settings'>,
  changes: Partial<Settings>,
): DataShape | undefined {
  const same = data && data.id === (changes.data ?? settings.data);
  return same ? shapeOfData(data) : undefined;
}

export function createChanges({ labStore, trainer, replacing }: Parts): Changes {
  const { getState, setState } = labStore;
  return {
    async apply(changes) {
      const before = getState().settings;
      const settings = checkSettings({ ...before, ...changes }, presentShape(getState(), changes));
      if (settings.learningRate !== before.learningRate) await checkLearningRate(settings.learningRate);
      setState({ settings, stepsPerEpoch: stepsPerEpochAt(settings, getState().data) });
      if (getState().status === 'starting') return;
      await replacing.settled();
      const now = getState().settings;
      await trainer.call('set', { settings: runSettings(now), speed: now.speed });
      if (settings.engine === before.engine) return;
      try {
        await trainer.call('useEngine', { engine: settings.engine });
      } catch (error) {
        setState((state) => ({ settings: { ...state.settings, engine: before.engine } }));
        throw error;
      }
    },
    async setWorkers(workers) {
      if (workers !== 'auto' && !(Number.isSafeInteger(workers) && workers >= 1)) {
        throw new CallError(
          'workers',
          `expected 'auto' or a whole number of at least 1, found ${JSON.stringify(workers)}`,
        );
      }
      setState({ workers });
      await replacing.settled();
      await trainer.call('set', { workers });
    },
    async makeSteps(count) {
      await replacing.beforeTraining();
      await trainer.call('step', { count });
    },
  };
}
