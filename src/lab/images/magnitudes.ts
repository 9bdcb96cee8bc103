import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NetworkDescription } from '../../ml/model/network.ts';
import { createFollow } from '../ask/follow.ts';
import type { Questions } from '../ask/questions.ts';
import type { LabState } from '../state/state.ts';
import type { Images } from './images.ts';
import type { LabImage } from './labImage.ts';

/** Mean magnitudes of every layer's weights and activations at a moment. */
export interface Magnitudes {
  step: number;
  network: NetworkDescription;
  /** The image behind the activations. */
  image: LabImage;
  /** Mean absolute weight, without biases, by layer. */
  weights: ReadonlyMap<string, number>;
  /** Mean absolute activation for the image, by layer, the input included. */
  activations: ReadonlyMap<string, number>;
}

export interface MagnitudesFollow {
  store: StoreApi<{ magnitudes?: Magnitudes }>;
  /** Keeps the magnitudes current until the returned function is called. */
  watch(): () => void;
}

/** Milliseconds between questions during training. The magnitudes change slowly, and each question costs a forward pass. */
const LIVE_PACE = 2000;
/** Milliseconds between questions while a person drags the timeline, so that panels that show every moment stay fluid. */
const MOVE_PACE = 120;

/** Follows the image in focus and the page's moment. */
export function createMagnitudes(
  labStore: StoreApi<LabState>,
  images: Images,
  questions: Pick<Questions, 'inspect'>,
): MagnitudesFollow {
  const store = createStore<{ magnitudes?: Magnitudes }>(() => ({}));

  async function ask(): Promise<void> {
    const { moment, network } = labStore.getState();
    const { focus: image } = images.store.getState();
    if (!image) return;
    const { step, parameters, layers } = await questions.inspect(image.pixels.slice(), moment);
    // A reset may have changed the network in the meantime.
    if (labStore.getState().network !== network) return;
    const weights = new Map<string, number>();
    const activations = new Map<string, number>();
    let activation = meanMagnitude(layers.input.data);
    activations.set('input', activation);
    for (const { name } of network.layers) {
      const values = parameters[`${name}.weight`];
      if (values) weights.set(name, meanMagnitude(values));
      // Flattening keeps the values, and the inspection leaves it out.
      if (layers[name]) activation = meanMagnitude(layers[name].data);
      activations.set(name, activation);
    }
    store.setState({ magnitudes: { step, network, image, weights, activations } });
  }

  const { watch } = createFollow({
    labStore,
    livePace: LIVE_PACE,
    movePace: MOVE_PACE,
    ask,
    // The panels that ask the same questions show their errors.
    failed: () => undefined,
    listen: (want) =>
      images.store.subscribe((now, before) => {
        if (now.focus !== before.focus) want();
      }),
  });
  return { store, watch };
}

/** Mean of absolute values; 0 for none. */
function meanMagnitude(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return values.length > 0 ? sum / values.length : 0;
}
