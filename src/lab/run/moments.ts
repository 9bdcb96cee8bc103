import type { StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Workers } from '../../workers/client.ts';
import { bestEpoch } from '../state/history.ts';
import { listSnapshots } from '../state/snapshotList.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';

/** The moments of the page's run. */
export interface Moments {
  /** The network at a moment, with its parameters. @throws if there is no such moment. */
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  /** Recomputes an earlier step and keeps it as a snapshot. `exact` tells whether it is bit-identical to the original. */
  replay(step: number, signal?: AbortSignal): Promise<{ exact: boolean }>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  trainer: Workers['trainer'];
  snapshots: SnapshotStore;
  /** Resolves when there is a run. */
  ready: Promise<void>;
}

export function createMoments({ labStore, trainer, snapshots, ready }: Parts): Moments {
  const { getState } = labStore;
  let newest: { run: number; step: number; parameters: Parameters } | undefined;

  async function newestMoment(): Promise<LabMoment> {
    const { network, run, step: now, status } = getState();
    // While nothing trains, the last parameters read are still the newest.
    const isKnown = newest?.run === run && newest.step === now && status !== 'training';
    if (!newest || !isKnown) newest = { run, ...(await trainer.call('parameters', {})) };
    const { step, parameters } = newest;
    return { key: `${run}:${step}`, network, parameters, step };
  }

  function snapshotMoment(step: number): LabMoment {
    const { network, run } = getState();
    const snapshot = snapshots.at(step);
    if (!snapshot) {
      const nearest = snapshots.nearest(step)?.step ?? 'none';
      throw new CallError(
        'momentAt',
        `expected the step of a snapshot, found ${step}; the nearest is ${nearest}. lab.snapshots() lists them.`,
      );
    }
    return { key: `${run}:${step}`, network, parameters: snapshot.parameters, step };
  }

  return {
    async momentAt(at) {
      if (getState().status === 'starting') await ready;
      if (at === 'live') return newestMoment();
      const wanted = at === 'best' ? bestEpoch(getState().history)?.step : at;
      if (wanted === undefined) {
        throw new CallError('momentAt', "expected a finished epoch for 'best', found none yet");
      }
      return snapshotMoment(wanted);
    },
    async replay(step, signal) {
      await ready;
      const { run } = getState();
      const { parameters, exact } = await trainer.call('replay', { step }, { signal });
      const { history, snapshots: known } = getState();
      if (getState().run !== run)
        throw new CallError('replay', 'the run was reset in the meantime. Try again.');
      // Keep an existing snapshot, because it is the original step.
      if (known.some((snapshot) => snapshot.step === step)) return { exact };
      const ended = history.epochs.filter((epoch) => epoch.step <= step);
      const epochEnd = ended.at(-1)?.step === step;
      snapshots.add({ step, epoch: ended.length, epochEnd, parameters });
      listSnapshots(labStore, snapshots);
      return { exact };
    },
  };
}
