import { bestEpochOf } from '../../ml/training/bestEpoch.ts';
import type { EpochResult } from '../../ml/training/run.ts';

/** The measurements of every step. Arrays grow by doubling and are shared between states. */
export interface History {
  /** Mean batch loss before each update; `losses[i]` belongs to step i. */
  losses: Float32Array;
  /** Batch accuracy before each update. */
  accuracies: Float32Array;
  /** Number of filled values in the arrays. */
  length: number;
  epochs: EpochResult[];
}

export function emptyHistory(): History {
  return { losses: new Float32Array(1024), accuracies: new Float32Array(1024), length: 0, epochs: [] };
}

/** The history of an opened run; takes ownership of the arrays. */
export function historyOf({
  losses,
  accuracies,
  epochs,
}: Pick<History, 'losses' | 'accuracies' | 'epochs'>): History {
  return { losses, accuracies, length: losses.length, epochs };
}

/** The history with steps added from `firstStep` onward. Do not use the given history afterward. */
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

/** The history with an epoch added. */
export function withEpoch(history: History, result: EpochResult): History {
  return { ...history, epochs: [...history.epochs, result] };
}

/** The epoch with the best test accuracy; the first in a tie, as in the notebook. */
export function bestEpoch({ epochs }: History): EpochResult | undefined {
  return bestEpochOf(epochs);
}

function grownTo(values: Float32Array, length: number): Float32Array {
  if (values.length >= length) return values;
  const grown = new Float32Array(Math.max(length, values.length * 2));
  grown.set(values);
  return grown;
}
