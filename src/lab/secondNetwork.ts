import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Judgement } from '../ml/metamers/judge.ts';
import type { Parameters } from '../ml/model/parameters.ts';
import type { JudgeJob, NetworkMoment, SecondRunJob } from '../workers/protocol.ts';
import { batchAttackOf } from './attackSettings.ts';
import { sentenceOf } from './errorText.ts';
import { type MetamerRow, type MetamersState, nullImages } from './metamers.ts';
import type { LabState, Moment } from './state.ts';

export interface SecondNetworkState {
  /** "the network of seed 111 at step 937", or a file's name. */
  name?: string;
  judging: boolean;
  /** Steps made of the network that is being trained to be the second one. */
  training?: { done: number; count: number };
  problem?: string;
  /** By layer: what it makes of the metamer of that row. */
  judgements: Readonly<Record<string, Judgement>>;
}

/** Another network, and what it makes of the metamers that were made with the first. */
export interface SecondNetwork {
  store: StoreApi<SecondNetworkState>;
  /** Takes the network at the moment that the page shows, perhaps of a later run. */
  takeShown(): Promise<void>;
  /** Takes parameters from a safetensors file, also of another number or size of filters. */
  takeFile(file: { name: string; bytes: Uint8Array }): Promise<void>;
  /** Trains one from another seed or on attacked images, beside the run, with the Train panel's other settings. */
  train(options: { seed: number; epochs: number; attacked: boolean }): Promise<void>;
  cancelTraining(): void;
  dismiss(): void;
}

interface Parts {
  lab: StoreApi<LabState>;
  metamers: StoreApi<MetamersState>;
  judgeMetamers(job: JudgeJob): Promise<Judgement[]>;
  trainNetwork(
    run: Omit<SecondRunJob, 'size' | 'port'>,
    options: { signal: AbortSignal; onProgress(progress: { done: number; count: number }): void },
  ): Promise<Parameters>;
  momentAt(at: Moment): Promise<NetworkMoment & { step: number }>;
}

export function createSecondNetwork({
  lab,
  metamers,
  judgeMetamers,
  trainNetwork,
  momentAt,
}: Parts): SecondNetwork {
  const store = createStore<SecondNetworkState>(() => ({ judging: false, judgements: {} }));
  const { setState } = store;
  let moment: NetworkMoment | undefined;
  let others = 0;
  let training: AbortController | undefined;
  let judged: unknown;

  // New metamers are shown to a network that is there already.
  metamers.subscribe(({ running, rows }) => {
    if (moment && !running && rows !== judged) void judge();
  });

  async function judge(): Promise<void> {
    const { made, rows } = metamers.getState();
    judged = rows;
    const second = moment;
    if (!second) return;
    setState({ judging: true, judgements: {} });
    try {
      const judgements: Record<string, Judgement> = {};
      for (const { layer, answer } of rows.filter(isAnswered)) {
        [judgements[layer]] = await judgeMetamers({
          moment: second,
          references: made?.reference.pixels ?? new Float32Array(),
          metamers: answer.last.images,
          layer,
          nullImages: nullImages(lab.getState()),
        });
      }
      if (moment === second && judged === rows) setState({ judgements });
    } catch (error) {
      if (moment === second) setState({ problem: sentenceOf(error) });
    } finally {
      if (moment === second && judged === rows) setState({ judging: false });
    }
  }

  async function take(find: () => Promise<{ name: string; moment: NetworkMoment }>): Promise<void> {
    setState({ problem: undefined });
    try {
      const found = await find();
      moment = found.moment;
      setState({ name: found.name });
      await judge();
    } catch (error) {
      setState({ problem: sentenceOf(error) });
    }
  }

  return {
    store,
    takeShown: () =>
      take(async () => {
        const { step, ...moment } = await momentAt(lab.getState().moment);
        return { name: `the network of ${originOf(lab.getState())} at step ${step}`, moment };
      }),
    takeFile: ({ name, bytes }) =>
      take(async () => {
        const { networkOfSafetensors, parametersFromSafetensors } = await import(
          '../ml/formats/safetensors.ts'
        );
        const network = networkOfSafetensors(lab.getState().network, bytes);
        const parameters = parametersFromSafetensors(network, bytes);
        return { name, moment: { key: `second ${++others}`, network, parameters } };
      }),
    async train({ seed, epochs, attacked }) {
      training?.abort();
      const own = new AbortController();
      training = own;
      try {
        await take(async () => {
          const { network, settings } = lab.getState();
          const { batchSize, learningRate } = settings;
          const attack = attacked ? batchAttackOf({ epsilon: 0.1 }) : undefined;
          const parameters = await trainNetwork(
            {
              network,
              seed,
              epochs,
              settings: { batchSize, learningRate, ...(attack !== 'none' && { attack }) },
            },
            {
              signal: own.signal,
              onProgress: (progress) => training === own && setState({ training: progress }),
            },
          );
          const remark = attacked ? ', on attacked images' : '';
          return {
            name: `one of seed ${seed} after ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}${remark}`,
            moment: { key: `second ${++others}`, network, parameters },
          };
        });
      } finally {
        if (training === own) setState({ training: undefined });
        if (own.signal.aborted) setState({ problem: undefined });
      }
    },
    cancelTraining: () => training?.abort(),
    dismiss() {
      moment = undefined;
      setState({ name: undefined, judging: false, problem: undefined, judgements: {} });
    },
  };
}

function isAnswered(row: MetamerRow): row is MetamerRow & Required<Pick<MetamerRow, 'answer'>> {
  return row.answer !== undefined;
}

/** Where the page's network comes from. */
function originOf({ log, settings }: LabState): string {
  const source = log.findLast(({ kind }) => kind === 'reset' || kind === 'parametersLoaded');
  if (source?.kind === 'parametersLoaded') return `parameters from ${source.source}`;
  return `seed ${source?.kind === 'reset' ? source.seed : settings.seed}`;
}
