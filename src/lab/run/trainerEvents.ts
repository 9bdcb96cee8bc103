import type { StoreApi } from 'zustand/vanilla';
import type { Snapshot, SnapshotStore } from '../../ml/training/snapshots.ts';
import type { NetworkTimings, TrainerEvent } from '../../workers/protocol.ts';
import type { Keeper } from '../keep/keeper.ts';
import { bestEpoch, withEpoch, withSteps } from '../state/history.ts';
import { listSnapshots } from '../state/snapshotList.ts';
import type { LabProblem, LabState } from '../state/state.ts';

interface Parts {
  labStore: StoreApi<LabState>;
  snapshots: SnapshotStore;
  keep: Pick<Keeper, 'checkpoint'>;
  report(problem: LabProblem): void;
  /** Requests the next frame once the present one is drawn. */
  askForFrame(): void;
  rememberTimings(timings: NetworkTimings): void;
}

/** Applies the trainer's events to the page's state. */
export function createReceiver(parts: Parts): (event: TrainerEvent) => void {
  const { labStore, keep, report, askForFrame, rememberTimings } = parts;
  const { getState, setState } = labStore;
  return (event) => {
    switch (event.kind) {
      case 'frame': {
        const { step, epoch, filters, stepsPerSecond } = event;
        setState(({ history }) => ({
          step,
          epoch,
          stepsPerSecond,
          liveFilters: { step, ...filters },
          history: withSteps(history, event.firstStep, event.losses, event.accuracies),
        }));
        askForFrame();
        break;
      }
      case 'epoch':
        setState(({ history }) => ({ epoch: event.result.epoch, history: withEpoch(history, event.result) }));
        break;
      case 'snapshot':
        addSnapshot(parts, event.snapshot);
        break;
      case 'status':
        setState(({ problems }) => ({
          status: event.status,
          // Starting to train answers an offer to resume.
          problems: event.status === 'training' ? problems.filter(({ offer }) => !offer) : problems,
        }));
        break;
      case 'engine':
        setState({ engine: event.engine, timings: event.timings });
        rememberTimings(event.timings);
        break;
      case 'log':
        setState({ log: event.log });
        break;
      case 'checkpoint': {
        const { checkpoint, firstStep, losses, accuracies } = event;
        const { step, epoch } = checkpoint.position;
        // A hidden page draws no frames, so complete its history from the checkpoint.
        setState(({ history }) => ({
          step,
          epoch,
          history: withSteps(history, firstStep, losses, accuracies),
        }));
        keep.checkpoint(checkpoint, { worthKeeping: step > 0 && !getState().recorded });
        break;
      }
      case 'deviceLost':
        report({ place: 'engine', kind: 'notice', message: event.message });
        break;
      default:
        event satisfies never;
    }
  };
}

function addSnapshot({ labStore, snapshots }: Parts, snapshot: Snapshot): void {
  const { history, moment } = labStore.getState();
  const best = bestEpoch(history);
  // Do not thin out the best epoch or the moment shown.
  snapshots.protect([best?.step, moment].filter((step) => typeof step === 'number'));
  snapshots.add(snapshot);
  listSnapshots(labStore, snapshots);
}
