import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import { createFollow } from '../ask/follow.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';

/** All parameters of the network at a moment. */
export interface MomentWeights {
  step: number;
  network: NetworkDescription;
  parameters: Parameters;
}

export interface MomentWeightsFollow {
  store: StoreApi<{ weights?: MomentWeights; problem?: string }>;
  /** Keeps the parameters current until the returned function is called. */
  watch(): () => void;
}

/** Milliseconds between reads during training. A read copies every parameter, up to 16 MB. */
const LIVE_PACE = 1000;

/** Follows the page's moment with all parameters, for panels that show the weights of any layer. */
export function createMomentWeights(
  labStore: StoreApi<LabState>,
  momentAt: (at: Moment) => Promise<LabMoment>,
): MomentWeightsFollow {
  const store = createStore<{ weights?: MomentWeights; problem?: string }>(() => ({}));
  const { watch } = createFollow({
    labStore,
    livePace: LIVE_PACE,
    async ask() {
      const { moment, run } = labStore.getState();
      const { step, network, parameters } = await momentAt(moment);
      // A reset may have changed the network in the meantime.
      if (labStore.getState().run !== run) return;
      store.setState({ weights: { step, network, parameters }, problem: undefined });
    },
    failed: (error) => store.setState({ problem: sentenceOf(error) }),
  });
  return { store, watch };
}
