import type { Settings } from '../state/settings.ts';
import { defaultSettings } from '../state/settings.ts';
import type { LabState } from '../state/state.ts';

/** The batch size of a run on other data: data with few images reduce the person's batch size only for themselves. */
export function createBatchSizes() {
  /** A size that few images have reduced. */
  let reduced: { asked: number; used: number } | undefined;

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
      // After a reload, the page knows only the reduced size: that of a batch with all images of a small data set.
      const isWhole = data?.train.count === batchSize && batchSize < usual;
      const earlier = reduced ?? (isWhole ? { asked: usual, used: batchSize } : undefined);
      const restored = earlier?.used === batchSize ? earlier.asked : batchSize;
      const asked = changes.batchSize ?? restored;
      const used = Math.min(asked, count);
      reduced = used < asked ? { asked, used } : undefined;
      return { asked, used };
    },
  };
}

export type BatchSizes = ReturnType<typeof createBatchSizes>;
