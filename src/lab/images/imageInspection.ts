import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import { createFollow } from '../ask/follow.ts';
import type { Questions } from '../ask/questions.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState } from '../state/state.ts';
import type { Images } from './images.ts';
import type { ImagesState } from './imagesState.ts';
import type { LabImage } from './labImage.ts';

/** The activations and predictions of the open images, all at the same moment. */
export interface InspectedImages {
  step: number;
  network: NetworkDescription;
  /** The parameters behind the activations. */
  parameters: Parameters;
  images: readonly LabImage[];
  inspection: Inspection;
}

interface InspectionState {
  inspected?: InspectedImages;
  problem?: string;
}

export interface ImageInspection {
  store: StoreApi<InspectionState>;
  /** Keeps the answer current until the returned function is called. */
  watch(): () => void;
}

const LIVE_PACE = 500;

/** Follows the open images and the page's moment with the images' activations. */
export function createImageInspection(
  labStore: StoreApi<LabState>,
  images: Images,
  questions: Pick<Questions, 'inspect'>,
): ImageInspection {
  const store = createStore<InspectionState>(() => ({}));

  async function ask(): Promise<void> {
    const { moment, network } = labStore.getState();
    const asked = openImages(images.store.getState());
    if (asked.length === 0) return;
    const pixels = new Float32Array(asked.length * asked[0].pixels.length);
    asked.forEach((image, i) => {
      pixels.set(image.pixels, i * image.pixels.length);
    });
    const { step, parameters, ...inspection } = await questions.inspect(pixels, moment);
    // A reset may have changed the network in the meantime.
    if (labStore.getState().network !== network) return;
    store.setState({
      inspected: { step, network, parameters, images: asked, inspection },
      problem: undefined,
    });
  }

  const { watch } = createFollow({
    labStore,
    livePace: LIVE_PACE,
    ask,
    failed: (error) => store.setState({ problem: sentenceOf(error) }),
    listen: (want) =>
      images.store.subscribe((now, before) => {
        if (now.focus !== before.focus || now.pinned !== before.pinned) want();
      }),
  });
  return { store, watch };
}

/** The image in focus and the pinned images. A pinned image in focus is listed once. */
function openImages({ focus, pinned }: ImagesState): LabImage[] {
  return focus ? [focus, ...pinned.filter(({ id }) => id !== focus.id)] : [...pinned];
}
