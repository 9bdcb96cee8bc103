import type { EpochResult } from '../../ml/training/run.ts';

/** What every step of the run gave; arrays grow by doubling and are shared between states. */
export interface History {
  /** Mean loss of every step's batch, before its update; `losses[i]` belongs to step i. */
  losses: Float32Array;
  /** Share of the batch that was right, before the update. */
  accuracies: Float32Array;
  /** How many of the values above are filled. */
  length: number;
  epochs: EpochResult[];
}

export function emptyHistory(): History {
  return { losses: new Float32Array(1024), accuracies: new Float32Array(1024), length: 0, epochs: [] };
}

/** The history of a run that is opened; the arrays become its own. */
export function historyOf({
  losses,
  accuracies,
  epochs,
}: Pick<History, 'losses' | 'accuracies' | 'epochs'>): History {
  return { losses, accuracies, length: losses.length, epochs };
}

/** The history with steps from `firstStep` on added; the given history must not be used any more. */
export function withSteps(
  history: History,
  firstStep: number,
  losses: Float32Array,
  accuracies: Float32Array,
): History {
  const length = firstStep + losses.length;
  const grown = {
    ...history,
    losses: grownTo(history.losses, length),
    accuracies: grownTo(history.accuracies, length),
    length,
  };
  grown.losses.set(losses, firstStep);
  grown.accuracies.set(accuracies, firstStep);
  return grown;
}

/** The history with one more epoch. */
export function withEpoch(history: History, result: EpochResult): History {
  return { ...history, epochs: [...history.epochs, result] };
}

/** The epoch with the best test accuracy; the first of equals, as the notebook keeps it. */
export function bestEpoch({ epochs }: History): EpochResult | undefined {
  return epochs.reduce<EpochResult | undefined>(
    (best, epoch) => (best && best.testAccuracy >= epoch.testAccuracy ? best : epoch),
    undefined,
  );
}

function grownTo(values: Float32Array, length: number): Float32Array {
  if (values.length >= length) return values;
  const grown = new Float32Array(Math.max(length, values.length * 2));
  grown.set(values);
  return grown;
}
