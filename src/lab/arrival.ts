import type { LabCore } from './lab.ts';

/**
 * Shows the recorded run on a first visit, so that every panel has content before any training. Does nothing if a person
 * has started something or runs are saved.
 */
export async function showRecordedOnArrival(lab: LabCore, isWanted: () => boolean): Promise<void> {
  await lab.ready;
  const { run } = lab.store.getState();
  const isUntouched = () => {
    const now = lab.store.getState();
    return isWanted() && now.run === run && now.status === 'idle' && now.step === 0;
  };
  if ((await lab.keep.refresh()).length > 0 || !isUntouched()) return;
  // If this fails, the header's button still offers the run and reports the error.
  await lab.files.openRecorded({ isWanted: isUntouched }).catch(() => undefined);
}
