import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { OpenedWeights } from '../../ml/formats/weights/openWeights.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { JudgeJob, NetworkMoment, SecondRunJob } from '../../workers/protocol.ts';
import { createLatest } from '../ask/latest.ts';
import { nullImages } from '../metamers/metamerQuestion.ts';
import type { MetamersState } from '../metamers/metamerRows.ts';
import { batchAttackOf } from '../state/attackSettings.ts';
import { hasLayer } from '../state/chosenLayer.ts';
import { sentenceOf } from '../state/errorText.ts';
import { remarkOn } from '../state/openedText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { Comparison } from './comparison.ts';
import { createOwnMetamers, type MakeMetamer } from './ownMetamers.ts';
import { isAnswered, type SecondNetworkState } from './secondState.ts';

/** A second network, which judges the metamers made with the first. */
export interface SecondNetwork {
  store: StoreApi<SecondNetworkState>;
  /** Takes the network currently shown, which may be from a later run. */
  takeShown(): Promise<void>;
  /**
   * Takes the compared run's network, at the step of its saved metamers if they have the same settings, else near the first
   * network's step.
   */
  takeCompared(): Promise<void>;
  /** Makes the second network's own metamers, with the first network's reference and settings. */
  makeOwn(): Promise<void>;
  cancelOwn(): void;
  /** Takes parameters from a PyTorch, safetensors or NumPy file, which may have another number or size of filters. */
  takeFile(file: File): Promise<void>;
  /**
   * Trains a network from another seed or on attacked images, beside the run, otherwise with the Train panel's settings.
   */
  train(options: { seed: number; epochs: number; attacked: boolean }): Promise<void>;
  cancelTraining(): void;
  dismiss(): void;
}

interface Parts {
  labStore: StoreApi<LabState>;
  metamers: StoreApi<MetamersState>;
  comparison: Comparison;
  makeMetamer: MakeMetamer;
  judgeMetamers(job: JudgeJob): Promise<Judgement[]>;
  trainNetwork(
    run: Omit<SecondRunJob, 'size' | 'port'>,
    options: { signal: AbortSignal; onProgress(progress: { done: number; count: number }): void },
  ): Promise<Parameters>;
  momentAt(at: Moment): Promise<LabMoment>;
  openParameters(file: File, like: NetworkDescription): Promise<OpenedWeights>;
}

/** A candidate for the second network. */
interface Found {
  name: string;
  moment: NetworkMoment;
  /** Its step, if the network is the compared run's. */
  comparedStep?: number;
  /** A remark about how names in its file were matched. */
  remark?: string;
}

/** Epsilon of the attacks for training a second network. */
const ATTACK_EPSILON = 0.1;

export function createSecondNetwork({
  labStore,
  metamers,
  comparison,
  makeMetamer,
  judgeMetamers,
  trainNetwork,
  momentAt,
  openParameters,
}: Parts): SecondNetwork {
  const store = createStore<SecondNetworkState>(() => ({ judging: false, judgements: {}, own: {} }));
  const { setState } = store;
  const own = createOwnMetamers({ store, metamers, comparison, makeMetamer });
  const failed = (error: unknown) => setState({ problem: sentenceOf(error) });
  const taking = createLatest({ failed, ended: () => setState({ training: undefined }) });
  const judging = createLatest({ failed, ended: () => setState({ judging: false }) });
  let second: Found | undefined;
  let others = 0;
  let judged: unknown;

  // An existing second network also judges new metamers.
  metamers.subscribe(({ running, rows }) => {
    if (!second || running || rows === judged) return;
    own.forget(second.comparedStep);
    void judge();
  });

  async function judge(): Promise<void> {
    const { made, rows } = metamers.getState();
    judged = rows;
    const moment = second?.moment;
    if (!moment) return;
    setState({ judging: true, judgements: {} });
    await judging.run(async (signal) => {
      const judgements: Record<string, Judgement> = {};
      const answered = rows.filter(isAnswered);
      const known = answered.filter(({ layer }) => hasLayer(moment.network, layer));
      if (known.length === 0 && answered.length > 0) {
        const layers = answered.map(({ layer }) => layer).join(', ');
        throw new CallError(
          'secondNetwork',
          `expected a second network with a layer among ${layers}, found ${moment.network.layers.map(({ name }) => name).join(', ')}. Make metamers at a layer that both networks have.`,
        );
      }
      for (const { layer, answer } of known) {
        [judgements[layer]] = await judgeMetamers({
          moment,
          references: made?.reference.pixels ?? new Float32Array(),
          metamers: answer.last.images,
          layer,
          nullImages: nullImages(labStore.getState()),
        });
        signal.throwIfAborted();
      }
      setState({ judgements });
    });
  }

  async function take(find: (signal: AbortSignal) => Promise<Found>): Promise<void> {
    setState({ problem: undefined });
    await taking.run(async (signal) => {
      const found = await find(signal);
      signal.throwIfAborted();
      second = found;
      setState({ name: found.name, remark: found.remark });
      own.forget(found.comparedStep);
      await judge();
    });
  }

  function given(name: string, network: NetworkMoment['network'], parameters: Parameters): Found {
    return { name, moment: { key: `second ${++others}`, network, parameters } };
  }

  return {
    store,
    takeShown: () =>
      take(async () => {
        const { step, ...moment } = await momentAt(labStore.getState().moment);
        return { name: `the network of ${originOf(labStore.getState())} at step ${step}`, moment };
      }),
    takeCompared: () =>
      take(async () => {
        const { made } = metamers.getState();
        const { compared } = comparison.store.getState();
        const kept = own.kept()?.step;
        const isThere = compared?.moments.some((each) => each.step === kept);
        const wanted = (isThere ? kept : made?.step) ?? labStore.getState().step;
        const { step, ...moment } = await comparison.networkNear(wanted);
        return { name: `“${compared?.name}” at step ${step}`, moment, comparedStep: step };
      }),
    async makeOwn() {
      if (second) await own.make(second.moment);
    },
    cancelOwn: own.cancel,
    takeFile: (file) =>
      take(async () => {
        const opened = await openParameters(file, labStore.getState().network);
        const { network, parameters } = opened;
        return { ...given(file.name, network, parameters), remark: remarkOn(opened) };
      }),
    train: ({ seed, epochs, attacked }) =>
      take(async (signal) => {
        const { network, settings } = labStore.getState();
        const { batchSize, learningRate, optimizer } = settings;
        const attack = attacked ? batchAttackOf({ epsilon: ATTACK_EPSILON }) : 'none';
        const parameters = await trainNetwork(
          {
            network,
            optimizer,
            seed,
            epochs,
            settings: { batchSize, learningRate, ...(attack !== 'none' && { attack }) },
          },
          {
            signal,
            onProgress: (progress) => {
              if (!signal.aborted) setState({ training: progress });
            },
          },
        );
        const remark = attacked ? ', on attacked images' : '';
        const name = `seed ${seed} after ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}${remark}`;
        return given(name, network, parameters);
      }),
    cancelTraining: taking.cancel,
    dismiss() {
      second = undefined;
      taking.cancel();
      judging.cancel();
      own.forget(undefined);
      setState({ name: undefined, remark: undefined, problem: undefined, judgements: {} });
    },
  };
}

/** Where the page's network comes from. */
function originOf({ log, settings }: LabState): string {
  const source = log.findLast(({ kind }) => kind === 'reset' || kind === 'parametersLoaded');
  if (source?.kind === 'parametersLoaded') return `parameters from ${source.source}`;
  return `seed ${source?.kind === 'reset' ? source.seed : settings.seed}`;
}
