import type { Lab } from './lab.ts';

/**
 * Shows the run that comes with the site on a first visit, so that every panel is alive before any training; not once
 * somebody has begun something, nor where runs are kept.
 */
export async function showRecordedOnArrival(lab: Lab, isWanted: () => boolean): Promise<void> {
  await lab.ready;
  const { run } = lab.store.getState();
  const isUntouched = () => {
    const now = lab.store.getState();
    return isWanted() && now.run === run && now.status === 'idle' && now.step === 0;
  };
  if ((await lab.keep.refresh()).length > 0 || !isUntouched()) return;
  // Without it the header's button still offers the run, and says what is wrong.
  await lab.files.openRecorded(isUntouched).catch(() => undefined);
}
