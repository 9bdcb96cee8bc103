import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Judgement } from '../../ml/metamers/judge.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { JudgeJob, MetamerAnswer, NetworkMoment, SecondRunJob } from '../../workers/protocol.ts';
import { type MetamerRow, type Metamers, type MetamersState, nullImages } from '../metamers/metamers.ts';
import type { MetamersFinding } from '../metamers/metamersFinding.ts';
import { batchAttackOf } from '../state/attackSettings.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { Comparison } from './comparison.ts';

export interface SecondNetworkState {
  /** "the network of seed 111 at step 937", or a file's name. */
  name?: string;
  judging: boolean;
  /** Steps made of the network that is being trained to be the second one. */
  training?: { done: number; count: number };
  problem?: string;
  /** By layer: what it makes of the metamer of that row. */
  judgements: Readonly<Record<string, Judgement>>;
  /** By layer: its own metamer of the same reference, made with the same settings. */
  own: Readonly<Record<string, OwnMetamer>>;
  /** While its own are being made. */
  making?: { layer: string; iteration: number; iterations: number };
}

export interface OwnMetamer {
  image: Float32Array;
  loss: number;
  iteration: number;
  /** By its own network. */
  judgement: Judgement;
}

/** Another network, and what it makes of the metamers that were made with the first. */
export interface SecondNetwork {
  store: StoreApi<SecondNetworkState>;
  /** Takes the network at the moment that the page shows, perhaps of a later run. */
  takeShown(): Promise<void>;
  /** Takes the compared run's network: where its kept metamers were made in the same way, with them, or near the step of the page's. */
  takeCompared(): Promise<void>;
  /** Makes its own metamers, of the reference and with the settings of the first network's. */
  makeOwn(): Promise<void>;
  cancelOwn(): void;
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
  comparison: Comparison;
  makeMetamer: Metamers['makeWith'];
  judgeMetamers(job: JudgeJob): Promise<Judgement[]>;
  trainNetwork(
    run: Omit<SecondRunJob, 'size' | 'port'>,
    options: { signal: AbortSignal; onProgress(progress: { done: number; count: number }): void },
  ): Promise<Parameters>;
  momentAt(at: Moment): Promise<LabMoment>;
}

export function createSecondNetwork({
  lab,
  metamers,
  comparison,
  makeMetamer,
  judgeMetamers,
  trainNetwork,
  momentAt,
}: Parts): SecondNetwork {
  const store = createStore<SecondNetworkState>(() => ({ judging: false, judgements: {}, own: {} }));
  const { setState } = store;
  let moment: NetworkMoment | undefined;
  let others = 0;
  let training: AbortController | undefined;
  let judged: unknown;
  let making: AbortController | undefined;
  /** Of the compared run's network, which has kept metamers perhaps. */
  let comparedStep: number | undefined;

  // New metamers are shown to a network that is there already.
  metamers.subscribe(({ running, rows }) => {
    if (!moment || running || rows === judged) return;
    forgetOwn();
    void judge();
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

  function forgetOwn(): void {
    making?.abort();
    making = undefined;
    const kept = keptMetamers();
    const rows = kept && kept.step === comparedStep ? kept.rows : [];
    const own = Object.fromEntries(rows.map(({ layer, answer }) => [layer, ownOf(answer)]));
    setState({ own, making: undefined });
  }

  /** The compared run's, if they are of the same reference and made in the same way. */
  function keptMetamers(): MetamersFinding | undefined {
    const { made } = metamers.getState();
    const { compared } = comparison.store.getState();
    const kept = compared?.findings.findLast((finding) => finding.kind === 'metamers');
    return made && kept && isSame(made, kept) ? kept : undefined;
  }

  async function take(
    find: () => Promise<{ name: string; moment: NetworkMoment; comparedStep?: number }>,
  ): Promise<void> {
    setState({ problem: undefined });
    try {
      const found = await find();
      moment = found.moment;
      comparedStep = found.comparedStep;
      setState({ name: found.name });
      forgetOwn();
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
    takeCompared: () =>
      take(async () => {
        const { made } = metamers.getState();
        const { compared } = comparison.store.getState();
        const kept = keptMetamers()?.step;
        const isThere = compared?.moments.some((each) => each.step === kept);
        const wanted = (isThere ? kept : made?.step) ?? lab.getState().step;
        const { step, ...moment } = await comparison.networkNear(wanted);
        return { name: `“${compared?.name}” at step ${step}`, moment, comparedStep: step };
      }),
    async makeOwn() {
      making?.abort();
      const { made, rows } = metamers.getState();
      const second = moment;
      if (!made || !second) return;
      const own = new AbortController();
      making = own;
      setState({ problem: undefined });
      const { reference, recipe } = made;
      try {
        for (const { layer } of rows.filter(isAnswered)) {
          const show = (iteration: number) =>
            making === own && setState({ making: { layer, iteration, iterations: recipe.iterations } });
          show(0);
          const answer = await makeMetamer(
            second,
            { layer, reference: reference.pixels, recipe },
            { signal: own.signal, onProgress: ({ iteration }) => show(iteration) },
          );
          if (making !== own) return;
          setState((state) => ({ own: { ...state.own, [layer]: ownOf(answer) } }));
        }
      } catch (error) {
        if (making === own) setState({ problem: sentenceOf(error) });
      } finally {
        if (making === own) setState({ making: undefined });
      }
    },
    cancelOwn() {
      making?.abort();
      making = undefined;
      setState({ making: undefined });
    },
    takeFile: ({ name, bytes }) =>
      take(async () => {
        const { networkOfSafetensors, parametersFromSafetensors } = await import(
          '../../ml/formats/safetensors.ts'
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
      comparedStep = undefined;
      forgetOwn();
      setState({ name: undefined, judging: false, problem: undefined, judgements: {} });
    },
  };
}

function ownOf({ last, judgements }: MetamerAnswer): OwnMetamer {
  return {
    image: last.images,
    loss: last.losses[0],
    iteration: last.iteration,
    judgement: judgements[0],
  };
}

/** Whether metamers are of the same reference, and made in the same way. */
function isSame(
  one: Pick<MetamersFinding, 'reference' | 'recipe'>,
  other: Pick<MetamersFinding, 'reference' | 'recipe'>,
): boolean {
  const textOf = ({ reference, recipe }: typeof one) => {
    const { start, ...settings } = recipe;
    const image = start.kind === 'image' && [...start.image];
    const names = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([[...reference.pixels], image || start, names]);
  };
  return textOf(one) === textOf(other);
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
