import type { StoreApi } from 'zustand/vanilla';
import type { OpenedWeights } from '../../ml/formats/weights/openWeights.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { NetworkMoment, SecondRunJob } from '../../workers/protocol.ts';
import type { MetamersState } from '../metamers/metamerRows.ts';
import { batchAttackOf } from '../state/adversarialTraining.ts';
import { remarkOn } from '../state/openedText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { Comparison } from './comparison.ts';
import type { OwnMetamers } from './ownMetamers.ts';

/** A candidate for the second network. */
export interface Candidate {
  name: string;
  moment: NetworkMoment;
  /** Its step, if the network is the compared run's. */
  comparedStep?: number;
  /** A remark about how names in its file were matched. */
  remark?: string;
}

export interface SecondTraining {
  seed: number;
  epochs: number;
  attacked: boolean;
}

interface Progressing {
  signal: AbortSignal;
  onProgress(progress: { done: number; count: number }): void;
}

export interface CandidateParts {
  labStore: StoreApi<LabState>;
  metamers: StoreApi<MetamersState>;
  comparison: Comparison;
  trainNetwork(run: Omit<SecondRunJob, 'size' | 'port'>, options: Progressing): Promise<Parameters>;
  momentAt(at: Moment): Promise<LabMoment>;
  openParameters(file: File, like: NetworkDescription): Promise<OpenedWeights>;
}

/** Finds, reads or trains networks that can be the second. */
export interface Candidates {
  shown(): Promise<Candidate>;
  compared(): Promise<Candidate>;
  inFile(file: File): Promise<Candidate>;
  trained(training: SecondTraining, options: Progressing): Promise<Candidate>;
}

/** Epsilon of the attacks for training a second network. */
const ATTACK_EPSILON = 0.1;

export function createCandidates(
  { labStore, metamers, comparison, trainNetwork, momentAt, openParameters }: CandidateParts,
  own: Pick<OwnMetamers, 'kept'>,
): Candidates {
  let others = 0;

  function given(name: string, network: NetworkDescription, parameters: Parameters): Candidate {
    return { name, moment: { key: `second ${++others}`, network, parameters } };
  }

  return {
    async shown() {
      const { step, ...moment } = await momentAt(labStore.getState().moment);
      return { name: `the network of ${originOf(labStore.getState())} at step ${step}`, moment };
    },
    async compared() {
      const { made } = metamers.getState();
      const { compared } = comparison.store.getState();
      const kept = own.kept()?.step;
      const isThere = compared?.moments.some((each) => each.step === kept);
      const wanted = (isThere ? kept : made?.step) ?? labStore.getState().step;
      const { step, ...moment } = await comparison.networkNear(wanted);
      return { name: `“${compared?.name}” at step ${step}`, moment, comparedStep: step };
    },
    async inFile(file) {
      const opened = await openParameters(file, labStore.getState().network);
      const { network, parameters } = opened;
      return { ...given(file.name, network, parameters), remark: remarkOn(opened) };
    },
    async trained({ seed, epochs, attacked }, options) {
      const { network, settings } = labStore.getState();
      const { batchSize, learningRate, optimizer } = settings;
      const attack = attacked ? batchAttackOf({ epsilon: ATTACK_EPSILON }) : 'none';
      const how = { batchSize, learningRate, ...(attack !== 'none' && { attack }) };
      const parameters = await trainNetwork({ network, optimizer, seed, epochs, settings: how }, options);
      const remark = attacked ? ', on attacked images' : '';
      const name = `seed ${seed} after ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}${remark}`;
      return given(name, network, parameters);
    },
  };
}

/** Where the page's network comes from. */
function originOf({ log, settings }: LabState): string {
  const source = log.findLast(({ kind }) => kind === 'reset' || kind === 'parametersLoaded');
  if (source?.kind === 'parametersLoaded') return `parameters from ${source.source}`;
  return `seed ${source?.kind === 'reset' ? source.seed : settings.seed}`;
}
