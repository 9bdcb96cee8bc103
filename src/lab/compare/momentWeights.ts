import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import { createFollow } from '../ask/follow.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { Comparison } from './comparison.ts';

/** All parameters of the network at a moment. */
export interface MomentWeights {
  step: number;
  network: NetworkDescription;
  parameters: Parameters;
}

export interface MomentWeightsState {
  /** Those of the moment shown. */
  weights?: MomentWeights;
  /** While `compares`: the newest, and the earlier ones to compare with them: of the moment shown, or of the start while live. */
  pair?: { earlier: MomentWeights; now: MomentWeights };
  /** Those of the compared run's snapshot nearest to the step shown. */
  theirs?: MomentWeights & { name: string };
  compares: boolean;
  problem?: string;
}

export interface MomentWeightsFollow {
  store: StoreApi<MomentWeightsState>;
  /** Keeps the parameters current until the returned function is called. */
  watch(): () => void;
  /** Whether to read the weights of two moments. */
  compare(compares: boolean): void;
}

/** Milliseconds between reads during training. A read copies every parameter, up to 16 MB. */
const LIVE_PACE = 1000;

interface MomentWeightsOptions {
  labStore: StoreApi<LabState>;
  momentAt: (at: Moment) => Promise<LabMoment>;
  comparison: Pick<Comparison, 'store' | 'networkNear'>;
}

/** Follows the page's moment with all parameters, for panels that show the weights of any layer. */
export function createMomentWeights({
  labStore,
  momentAt,
  comparison,
}: MomentWeightsOptions): MomentWeightsFollow {
  const store = createStore<MomentWeightsState>(() => ({ compares: false }));
  const read = async (at: Moment): Promise<MomentWeights> => weightsOf(await momentAt(at));

  async function pairWith(weights: MomentWeights, moment: Moment): Promise<MomentWeightsState['pair']> {
    if (!store.getState().compares) return undefined;
    if (moment !== 'live') return { earlier: weights, now: await read('live') };
    const start = labStore.getState().snapshots[0];
    return { earlier: start ? await read(start.step) : weights, now: weights };
  }

  async function theirsNear(step: number): Promise<MomentWeightsState['theirs']> {
    const { compared } = comparison.store.getState();
    return compared && { ...weightsOf(await comparison.networkNear(step)), name: compared.name };
  }

  const { watch, want } = createFollow({
    labStore,
    livePace: LIVE_PACE,
    async ask() {
      const { moment, run } = labStore.getState();
      const weights = await read(moment);
      const pair = await pairWith(weights, moment);
      // Two moments are shown without the compared run.
      const theirs = pair ? undefined : await theirsNear(weights.step);
      // A reset may have changed the network in the meantime.
      if (labStore.getState().run !== run) return;
      store.setState({ weights, pair, theirs, problem: undefined });
    },
    failed: (error) => store.setState({ problem: sentenceOf(error) }),
    listen: (want) => comparison.store.subscribe(want),
  });
  return {
    store,
    watch,
    compare(compares) {
      store.setState({ compares });
      want();
    },
  };
}

const weightsOf = ({ step, network, parameters }: LabMoment): MomentWeights => ({
  step,
  network,
  parameters,
});
