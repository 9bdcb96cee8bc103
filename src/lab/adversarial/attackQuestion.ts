import type { AttackResult, AttackSettings } from '../../ml/adversarial/attack.ts';
import { CallError } from '../../ml/callError.ts';
import type { Split } from '../../ml/data/dataset.ts';
import type { InputShape } from '../../ml/model/network.ts';
import type { Workers } from '../../workers/client.ts';
import { checkSplit, selectIndices } from '../ask/selection.ts';
import { checkEpsilon } from '../state/attackSettings.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';

/** The images to attack: images of the data set, or pixels with their labels. */
export type Victims =
  | {
      split?: Split;
      /** Default: the whole split. */
      indices?: ArrayLike<number>;
      images?: undefined;
    }
  | { /** [n, pixels] */ images: Float32Array; labels: Uint8Array };

export type AttackOptions = AttackSettings & {
  at?: Moment | 'best';
  signal?: AbortSignal;
  /** Receives the number of images attacked so far. */
  onProgress?(progress: { done: number; count: number }): void;
};

export interface AttackAnswer extends AttackResult {
  step: number;
}

/** Runs an attack for a script. */
export type AttackQuestion = (victims: Victims, options: AttackOptions) => Promise<AttackAnswer>;

interface Parts {
  longJobs: Workers['longJobs'];
  getState(): LabState;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
}

export function createAttackQuestion({ longJobs, getState, momentAt }: Parts): AttackQuestion {
  return async (victims, { at = 'live', signal, onProgress, ...settings }) => {
    checkAttack(settings, getState().network.input);
    const chosen = chooseVictims(getState(), victims);
    const { step, ...moment } = await momentAt(at);
    const result = await longJobs.call('attack', { moment, ...chosen, settings }, { signal, onProgress });
    return { ...result, step };
  };
}

/** The pixels and labels of the chosen images. @throws until the data set has arrived. */
export function chooseVictims({ data }: LabState, victims: Victims) {
  if (victims.images) return { images: victims.images, labels: victims.labels };
  const split = checkSplit(victims.split ?? 'test', 'attack');
  if (!data) throw new CallError('attack', 'expected the data set first; await lab.ready');
  const { images, labels } = victims.indices
    ? selectIndices(data, split, victims.indices, 'attack')
    : data[split];
  return { images, labels };
}

/** @throws for an unknown method or norm, or an epsilon out of range. */
function checkAttack({ method, norm = 'linf', epsilon }: AttackSettings, input: InputShape): void {
  if (method !== 'fgsm' && method !== 'pgd') {
    throw new CallError('attack', `expected method "fgsm" or "pgd", found "${String(method)}"`);
  }
  if (norm !== 'linf' && norm !== 'l2') {
    throw new CallError('attack', `expected norm "linf" or "l2", found "${String(norm)}"`);
  }
  checkEpsilon(epsilon, norm, input);
}
