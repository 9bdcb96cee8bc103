import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Inspection } from '../../ml/model/inspect.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { Questions } from '../ask/questions.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState } from '../state/state.ts';
import type { Images, LabImage } from './images.ts';

/** What the network makes of the images that are looked into, all of one moment. */
export interface Look {
  step: number;
  network: NetworkDescription;
  /** The parameters that the activations were computed with. */
  parameters: Parameters;
  images: readonly LabImage[];
  inspection: Inspection;
}

export interface LookState {
  look?: Look;
  problem?: string;
}

export interface Looking {
  store: StoreApi<LookState>;
  /** Keeps the answer up to date until the returned function is called. */
  watch(): () => void;
}

/** While training runs by itself, a look this often (ms) is enough; what a person does is answered at once. */
const LIVE_PACE = 100;

/**
 * Follows the images and the page's moment with their activations. At most one question is under way, and the next
 * one is always about the newest state: what came between is skipped.
 */
export function createLooking(
  lab: StoreApi<LabState>,
  images: Images,
  questions: Pick<Questions, 'inspect'>,
): Looking {
  const store = createStore<LookState>(() => ({}));
  let watchers = 0;
  let underway = false;
  let wanted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;

  function want(wait = 0): void {
    wanted = true;
    if (wait === 0) {
      clearTimeout(timer);
      timer = undefined;
      void ask();
    } else {
      timer ??= setTimeout(() => {
        timer = undefined;
        void ask();
      }, wait);
    }
  }

  async function ask(): Promise<void> {
    if (underway || !wanted || watchers === 0) return;
    const { moment, network, status } = lab.getState();
    const { focus, pinned } = images.store.getState();
    const asked = [
      ...new Map([...(focus ? [focus] : []), ...pinned].map((image) => [image.id, image])).values(),
    ];
    if (asked.length === 0 || status === 'starting') return;
    underway = true;
    wanted = false;
    last = performance.now();
    try {
      const pixels = new Float32Array(asked.length * asked[0].pixels.length);
      asked.forEach((image, i) => {
        pixels.set(image.pixels, i * image.pixels.length);
      });
      const { step, parameters, ...inspection } = await questions.inspect(pixels, moment);
      // A reset may have changed the network meanwhile.
      if (lab.getState().network === network) {
        store.setState({
          look: { step, network, parameters, images: asked, inspection },
          problem: undefined,
        });
      }
    } catch (error) {
      store.setState({ problem: sentenceOf(error) });
    } finally {
      underway = false;
      void ask();
    }
  }

  let stop = () => {};
  return {
    store,
    watch() {
      if (watchers++ === 0) {
        const stopImages = images.store.subscribe((now, before) => {
          if (now.focus !== before.focus || now.pinned !== before.pinned) want();
        });
        const stopLab = lab.subscribe((now, before) => {
          const restarted = now.run !== before.run;
          if (now.moment !== before.moment || now.status !== before.status || restarted) want();
          else if (now.moment === 'live' && now.liveFilters !== before.liveFilters) {
            want(Math.max(1, last + LIVE_PACE - performance.now()));
          }
        });
        stop = () => {
          stopImages();
          stopLab();
        };
        want();
      }
      return () => {
        if (--watchers > 0) return;
        stop();
        clearTimeout(timer);
        timer = undefined;
      };
    },
  };
}
