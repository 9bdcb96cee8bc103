import type { StoreApi } from 'zustand/vanilla';
import type { TrainOutcome, TrainRequest } from '../../ml/training/run.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Workers } from '../../workers/client.ts';
import type { Checkpoint, TrainerCalls, TrainerEvent } from '../../workers/protocol.ts';
import { WorkerStoppedError } from '../../workers/revivable.ts';
import type { Client } from '../../workers/rpc.ts';
import type { Keeper } from '../keep/keeper.ts';
import type { Problems } from '../state/problems.ts';
import { runSettings } from '../state/settings.ts';
import { listSnapshots } from '../state/snapshotList.ts';
import type { LabState } from '../state/state.ts';
import { remaining, type Start, sinceStart } from './resume.ts';

/** A pending training request. */
interface Training {
  request: TrainRequest;
  start: Start;
  signal?: AbortSignal;
  /** The rest of the request on a new worker, after the old worker died. */
  rest?: Promise<void>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  trainer: Workers['trainer'];
  snapshots: SnapshotStore;
  keep: Pick<Keeper, 'last' | 'wentBack'>;
  problems: Problems;
  /** Resolves when there is a run to train. */
  beforeTraining(): Promise<void>;
}

type FreshTrainer = Client<TrainerCalls, TrainerEvent>;

export interface RunTraining {
  run(request: TrainRequest, signal?: AbortSignal): Promise<TrainOutcome>;
  /** Gives a new trainer, which already has the data, the old trainer's last checkpoint and pending request. */
  recover(fresh: FreshTrainer): Promise<void>;
}

/** Training that survives a crash of its worker. */
export function createTraining(parts: Parts): RunTraining {
  const { labStore, trainer, keep, problems, beforeTraining } = parts;
  const { getState } = labStore;
  const underway = new Set<Training>();

  async function run(request: TrainRequest, signal?: AbortSignal): Promise<TrainOutcome> {
    await beforeTraining();
    problems.clear('training');
    const start = { step: getState().step, epoch: getState().epoch, time: performance.now() };
    const training: Training = { request, start, signal };
    underway.add(training);
    try {
      return await trainer.call('train', request, { signal });
    } catch (error) {
      if (!(error instanceof WorkerStoppedError)) throw error;
      await trainer.standing();
      await training.rest;
      return sinceStart(start, getState());
    } finally {
      underway.delete(training);
    }
  }

  async function recover(fresh: FreshTrainer): Promise<void> {
    const { data, status } = getState();
    if (!data) return;
    const checkpoint = keep.last();
    if (checkpoint) await restoreFrom(parts, checkpoint, fresh);
    else await beginAgain(getState(), fresh);
    problems.clear('training');
    problems.report({
      place: 'training',
      kind: 'notice',
      message: `The training worker stopped and was restarted at step ${getState().step.toLocaleString('en-US')}, the last checkpoint.`,
    });
    for (const training of underway) {
      training.rest = resumeTraining(parts, training, { fresh, paused: status === 'paused' });
      // The caller of the training gets the error.
      training.rest.catch(() => undefined);
    }
  }

  return { run, recover };
}

/** Resumes the request of a dead trainer before a pause or a stop reaches the new trainer. */
async function resumeTraining(
  { labStore, trainer }: Parts,
  training: Training,
  { fresh, paused }: { fresh: FreshTrainer; paused: boolean },
): Promise<void> {
  const { request, start, signal } = training;
  signal?.throwIfAborted();
  const left = remaining(request, start, labStore.getState());
  if (!left) return;
  try {
    await fresh.call('train', { ...left, paused }, { signal });
  } catch (error) {
    if (!(error instanceof WorkerStoppedError)) throw error;
    // Wait for the next trainer, which took over the rest.
    await trainer.standing();
    await training.rest;
  }
}

/** Begins the run of a trainer that died before its first checkpoint. */
async function beginAgain(
  { settings, network, timings, workers }: LabState,
  fresh: FreshTrainer,
): Promise<void> {
  const { engine, seed, optimizer } = settings;
  const start = { engine, network, optimizer, seed, settings: runSettings(settings) };
  await fresh.call('reset', { ...start, timings });
  await fresh.call('set', { workers });
}

/** Sets the page and the new trainer to the old trainer's last checkpoint. */
async function restoreFrom(
  { labStore, snapshots, keep }: Parts,
  { position, state, log, settings: made }: Checkpoint,
  fresh: FreshTrainer,
): Promise<void> {
  const { settings, network, timings, engine, workers } = labStore.getState();
  const { step, epoch } = position;
  keep.wentBack(step);
  snapshots.dropAfter(step);
  labStore.setState(({ history, moment }) => ({
    step,
    epoch,
    history: { ...history, length: step, epochs: history.epochs.filter((each) => each.step <= step) },
    moment: typeof moment === 'number' && moment > step ? 'live' : moment,
  }));
  listSnapshots(labStore, snapshots);
  const start = {
    engine: engine?.id ?? settings.engine,
    engineReason: settings.engine === 'auto' ? engine?.reason : undefined,
    network,
    optimizer: settings.optimizer,
    seed: position.seed,
    settings: made,
  };
  const newestSnapshot = snapshots.list().at(-1)?.step;
  await fresh.call('restore', { start, position, state, log, newestSnapshot, timings });
  // Apply settings changed since the checkpoint again.
  await fresh.call('set', { settings: runSettings(settings), speed: settings.speed, workers });
}
