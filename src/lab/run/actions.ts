import type { StoreApi } from 'zustand/vanilla';
import { convolutionOf } from '../../ml/model/network.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Workers } from '../../workers/client.ts';
import type { NetworkTimings } from '../../workers/protocol.ts';
import { sentenceOf } from '../state/errorText.ts';
import { bestEpoch } from '../state/history.ts';
import type { Problems } from '../state/problems.ts';
import { checkLearningRate, checkSettings } from '../state/settings.ts';
import type { LabActions, LabState, Moment } from '../state/state.ts';
import { type Changes, presentShape } from './changes.ts';
import type { Replacing } from './replacing.ts';
import type { RunTraining } from './training.ts';

interface Parts {
  labStore: StoreApi<LabState>;
  trainer: Workers['trainer'];
  snapshots: SnapshotStore;
  problems: Problems;
  ready: Promise<void>;
  restart: Replacing['restart'];
  runTraining: RunTraining['run'];
  changes: Changes;
  rememberTimings(timings: NetworkTimings): void;
  loadData(): Promise<void>;
}

/** The panels' actions, which show problems in the panel concerned. */
export function createActions(parts: Parts): LabActions {
  const { labStore, trainer, snapshots, problems, ready, restart, runTraining, changes, loadData } = parts;
  const { getState, setState } = labStore;
  const { shown } = problems;

  return {
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
        await changes.makeSteps(count);
      }),
    reset: () =>
      shown('training', async () => {
        await ready;
        await restart();
      }),
    set: (wanted) => {
      checkSettings({ ...getState().settings, ...wanted }, presentShape(getState(), wanted));
      void shown(wanted.engine ? 'engine' : 'training', () => changes.apply(wanted));
    },
    measureEngines: () => shown('engine', () => measureEngines(parts)),
    async checkLearningRate(text) {
      try {
        await checkLearningRate(text);
        return undefined;
      } catch (error) {
        return sentenceOf(error);
      }
    },
    retryData: loadData,
    seek: (moment) => {
      const step = moment === 'best' ? bestEpoch(getState().history)?.step : moment;
      if (step === undefined) return;
      const found = step === 'live' ? step : (snapshots.nearest(step)?.step ?? 'live');
      if (found !== getState().moment) setState({ moment: found });
    },
    chooseLayer: (layer) => {
      if (layer !== getState().layer) setState({ layer });
    },
    filtersAt: (moment) => filtersAt(moment, getState(), snapshots),
    report: problems.report,
    dismiss: problems.dismiss,
    openLesson: (lesson) => setState({ lesson }),
  };
}

/** Measures the engines again; with the choice “auto”, the run continues on the fastest. */
async function measureEngines({ labStore, trainer, rememberTimings }: Parts): Promise<void> {
  const timings = await trainer.call('measureEngines', undefined);
  labStore.setState({ timings });
  rememberTimings(timings);
  const { engine } = labStore.getState().settings;
  if (engine === 'auto') await trainer.call('useEngine', { engine });
}

/** The first convolution's parameters at a moment; undefined until available. */
function filtersAt(
  moment: Moment,
  { liveFilters, network }: LabState,
  snapshots: SnapshotStore,
): LabState['liveFilters'] {
  if (moment === 'live') return liveFilters;
  const snapshot = snapshots.at(moment);
  const conv = convolutionOf(network);
  if (!snapshot || !conv) return undefined;
  const { step, parameters } = snapshot;
  return { step, weight: parameters[`${conv.name}.weight`], bias: parameters[`${conv.name}.bias`] };
}
