import { shapeOf } from '../../lab/state/networkShape.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import { presetOf } from '../../ml/model/presets.ts';
import type { LabCore } from '../context/LabContext.tsx';
import { formatCount } from '../shared/format.ts';

/** A way back to the run that a new network replaced. */
export interface Undo {
  /** "Notebook at step 937" */
  run: string;
  take(): Promise<void>;
}

/** Starts a run of another network with the present settings. The replaced run stays in the list of runs if it was trained. */
export async function applyNetwork(lab: LabCore, network: NetworkDescription): Promise<Undo> {
  const { settings, step, recorded, network: before } = lab.store.getState();
  const { present } = lab.keep.store.getState();
  const { filters, kernelSize, network: text } = settings;
  const restart = async (changes: Parameters<typeof lab.actions.set>[0]) => {
    lab.actions.set(changes);
    await lab.actions.reset();
  };
  await restart(shapeOf(network));
  const title = presetOf(before)?.title ?? 'the network before';
  return {
    run: recorded ? 'the recorded run' : `${title} at step ${formatCount(step)}`,
    async take() {
      if (!recorded && step > 0 && present !== undefined) await lab.openKept(present);
      else {
        await restart({ filters, kernelSize, network: text });
        if (recorded) await lab.files.openRecorded({ id: recorded });
      }
    },
  };
}
