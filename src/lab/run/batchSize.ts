import { createReduction } from '../ask/reduction.ts';
import { defaultSettings, type Settings } from '../state/settings.ts';
import type { LabState } from '../state/state.ts';

/** The batch size of a run on other data, which may have fewer images than the person's batch. */
export function createBatchSizes() {
  const reduction = createReduction();
  return {
    /**
     * @param count training images of the new data.
     * @returns the size that the person asked for, and the size that the images allow.
     */
    next(
      { settings: { batchSize }, data }: Pick<LabState, 'settings' | 'data'>,
      changes: Partial<Settings>,
      count: number,
    ): { asked: number; used: number } {
      const usual = defaultSettings().batchSize;
      const known = reduction.askedOf(batchSize);
      // After a reload, the page knows only the reduced size, that is, all images of a small data set.
      const isWhole = known === batchSize && data?.train.count === batchSize && batchSize < usual;
      return reduction.fit(batchSize, count, changes.batchSize ?? (isWhole ? usual : known));
    },
  };
}

export type BatchSizes = ReturnType<typeof createBatchSizes>;
