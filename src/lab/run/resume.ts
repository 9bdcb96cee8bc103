import { CallError } from '../../ml/callError.ts';
import type { TrainOutcome, TrainRequest } from '../../ml/training/run.ts';
import type { LabState } from '../state/state.ts';

/** The state of the page when training was requested. */
export interface Start {
  step: number;
  epoch: number;
  /** `performance.now()`. */
  time: number;
}

/**
 * The rest of a request when its run continues from a checkpoint; undefined if nothing is left.
 * @throws for an explicit order, because a checkpoint does not record how much of the order was used.
 */
export function remaining(
  { epochs = 1, maxSteps, order }: TrainRequest,
  start: Start,
  now: Pick<LabState, 'step' | 'epoch'>,
): TrainRequest | undefined {
  if (order) {
    throw new CallError(
      'train',
      `the worker stopped; the run is at its last checkpoint, step ${now.step}. Pass the rest of the order to continue.`,
    );
  }
  const left = {
    epochs: epochs - (now.epoch - start.epoch),
    maxSteps: maxSteps === undefined ? undefined : maxSteps - (now.step - start.step),
  };
  return left.epochs > 0 && left.maxSteps !== 0 ? left : undefined;
}

/** The outcome of a request made in parts, as of a single request. */
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
