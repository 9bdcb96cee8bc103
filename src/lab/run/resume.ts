import { CallError } from '../../ml/callError.ts';
import type { TrainOutcome, TrainRequest } from '../../ml/training/run.ts';
import type { LabState } from '../state/state.ts';

/** Where the page stood when training was asked for. */
export interface Start {
  step: number;
  epoch: number;
  /** `performance.now()`. */
  time: number;
}

/**
 * What is left of a request when its run goes on from a checkpoint; nothing if all was done.
 * @throws for an explicit order, because a checkpoint does not tell how far it was used.
 */
export function remaining(
  { epochs = 1, maxSteps, order }: TrainRequest,
  start: Start,
  now: Pick<LabState, 'step' | 'epoch'>,
): TrainRequest | undefined {
  if (order) {
    throw new CallError(
      'train',
      `the worker stopped; the run stands at its last checkpoint, step ${now.step}. Give the rest of the order to go on.`,
    );
  }
  const left = {
    epochs: epochs - (now.epoch - start.epoch),
    maxSteps: maxSteps === undefined ? undefined : maxSteps - (now.step - start.step),
  };
  return left.epochs > 0 && left.maxSteps !== 0 ? left : undefined;
}

/** The outcome of a request that was made in parts, as if it had been one. */
export function sinceStart(
  { step, epoch, time }: Start,
  { history }: Pick<LabState, 'history'>,
): TrainOutcome {
  return {
    steps: history.length - step,
    losses: history.losses.slice(step, history.length),
    seconds: (performance.now() - time) / 1000,
    epochs: history.epochs.filter((each) => each.epoch > epoch),
  };
}
