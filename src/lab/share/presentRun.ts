import type { StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import { bytesOfData } from '../../ml/data/dataset.ts';
import { isShippedId } from '../../ml/data/shipped.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import { MOST_IMAGE_BYTES } from '../../ml/formats/runImages.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Workers } from '../../workers/client.ts';
import { dataOfRun, settingsOfRun } from '../state/runSettings.ts';
import type { LabState } from '../state/state.ts';

/** Milliseconds to wait for the page to catch up; a hidden page draws no frames and receives no steps. */
const LONGEST_WAIT = 5000;

interface Parts {
  labStore: StoreApi<LabState>;
  trainer: Workers['trainer'];
  snapshots: SnapshotStore;
}

/** The complete present run, including its checkpoint. Training may continue. */
export async function presentRun({
  labStore,
  trainer,
  snapshots,
}: Parts): Promise<Omit<RunContent, 'name' | 'created' | 'results' | 'attachments'>> {
  const { network, settings, run } = labStore.getState();
  const { position, state, log } = await trainer.call('checkpoint', undefined);
  await untilStep(labStore, position.step);
  const { data, history, snapshots: infos, run: now } = labStore.getState();
  if (now !== run) throw new CallError('presentRun', 'the run was reset in the meantime. Try again.');
  const kept = snapshots.list().filter(({ step }) => step <= position.step);
  const bestStep = infos.find(({ best }) => best)?.step;
  return {
    ...dataOfRun(data),
    images: data && !isShippedId(data.id) && bytesOfData(data) <= MOST_IMAGE_BYTES ? data : undefined,
    network,
    settings: settingsOfRun({ settings, network, data }, position.seed),
    log,
    losses: history.losses.slice(0, position.step),
    accuracies: history.accuracies.slice(0, position.step),
    epochs: history.epochs.filter(({ step }) => step <= position.step),
    snapshots: [...kept],
    bestStep: kept.some(({ step }) => step === bestStep) ? bestStep : undefined,
    checkpoint: { position, state },
  };
}

/** Resolves when the page has received everything up to a step. */
function untilStep(labStore: StoreApi<LabState>, step: number): Promise<void> {
  const isThere = ({ history }: LabState) => history.length >= step;
  if (isThere(labStore.getState())) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(
        new CallError(
          'presentRun',
          'the page is behind the run. Bring it to the front, or pause, and try again.',
        ),
      );
    }, LONGEST_WAIT);
    const stop = labStore.subscribe((state) => {
      if (!isThere(state)) return;
      clearTimeout(timer);
      stop();
      resolve();
    });
  });
}
