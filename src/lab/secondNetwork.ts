import { createStore, type StoreApi } from 'zustand/vanilla';
import { networkOfSafetensors, parametersFromSafetensors } from '../ml/formats/safetensors.ts';
import type { Judgement } from '../ml/metamers/judge.ts';
import type { JudgeJob, NetworkMoment } from '../workers/protocol.ts';
import { sentenceOf } from './images.ts';
import { type MetamerRow, type MetamersState, nullImages } from './metamers.ts';
import type { LabState, Moment } from './state.ts';

export interface SecondNetworkState {
  /** "the network of seed 111 at step 937", or a file's name. */
  name?: string;
  judging: boolean;
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
  dismiss(): void;
}

interface Parts {
  lab: StoreApi<LabState>;
  metamers: StoreApi<MetamersState>;
  judgeMetamers(job: JudgeJob): Promise<Judgement[]>;
  momentAt(at: Moment): Promise<NetworkMoment & { step: number }>;
}

export function createSecondNetwork({ lab, metamers, judgeMetamers, momentAt }: Parts): SecondNetwork {
  const store = createStore<SecondNetworkState>(() => ({ judging: false, judgements: {} }));
  const { setState } = store;
  let moment: NetworkMoment | undefined;
  let files = 0;
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
        const network = networkOfSafetensors(lab.getState().network, bytes);
        const parameters = parametersFromSafetensors(network, bytes);
        return { name, moment: { key: `file ${++files}`, network, parameters } };
      }),
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
