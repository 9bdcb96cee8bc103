import type { LabState } from '../../lab/state/state.ts';
import type { EpochResult } from '../../ml/training/run.ts';

/** The header's readings at the moment shown. */
export interface Readings {
  step: number;
  /** Steps planned by the settings, or more if the run continued beyond them. */
  steps: number;
  /** The current epoch, from 1; 0 before the first step. */
  epoch: number;
  epochs: number;
  stepsPerEpoch: number;
  /** Means over the last batches before the moment. */
  train?: { loss: number; accuracy: number; batches: number };
  /** The last complete test before the moment. */
  test?: EpochResult;
  live: boolean;
}

const averagedBatches = 100;

export function readingsAt(state: LabState): Readings {
  const { moment, history, stepsPerEpoch, settings } = state;
  const live = moment === 'live';
  const step = live ? state.step : moment;
  const runEpochs = stepsPerEpoch > 0 ? Math.ceil(state.step / stepsPerEpoch) : 0;
  const epochs = Math.max(settings.epochs, runEpochs);
  return {
    step,
    steps: epochs * stepsPerEpoch,
    epoch: stepsPerEpoch > 0 ? Math.ceil(step / stepsPerEpoch) : 0,
    epochs,
    stepsPerEpoch,
    train: recentMean(history, step),
    test: history.epochs.findLast((result) => result.step <= step),
    live,
  };
}

function recentMean({ losses, accuracies, length }: LabState['history'], step: number): Readings['train'] {
  const end = Math.min(step, length);
  const start = Math.max(0, end - averagedBatches);
  const batches = end - start;
  if (batches === 0) return undefined;
  let loss = 0;
  let accuracy = 0;
  for (let i = start; i < end; i++) {
    loss += losses[i];
    accuracy += accuracies[i];
  }
  return { loss: loss / batches, accuracy: accuracy / batches, batches };
}
