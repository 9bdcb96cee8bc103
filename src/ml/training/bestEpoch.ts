import type { EpochResult } from './run.ts';

/** The epoch with the best test accuracy; the first in a tie, as in the notebook. */
export function bestEpochOf(epochs: readonly EpochResult[]): EpochResult | undefined {
  return epochs.reduce<EpochResult | undefined>(
    (best, epoch) => (best && best.testAccuracy >= epoch.testAccuracy ? best : epoch),
    undefined,
  );
}
