import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { Spectrum } from '../../ml/spectrum/analyzeSpectrum.ts';
import type { Workers } from '../../workers/client.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import type { SimilarityMatrix } from '../ask/similarityMatrix.ts';
import type { Watched } from '../ask/watched.ts';
import type { GeometryPool } from '../geometry/geometryPool.ts';
import type { GeometryAnswer } from '../geometry/geometryQuestion.ts';
import { sentenceOf } from '../state/errorText.ts';
import { checkLayerOf, chosenAt } from './activationChoice.ts';
import {
  type ActivationGeometryOptions,
  geometryOfActivations,
  type OpenedActivations,
} from './activationGeometry.ts';
import { type ActivationSimilarityOptions, similarityOfActivations } from './activationSimilarity.ts';
import type { PathFile } from './ownImages.ts';

/** Activations of another network, opened from files, as a source beside the page's network. */
export interface Activations {
  store: StoreApi<ActivationsState>;
  /** Opens files; @throws an Error that says what is wrong. */
  open(files: readonly PathFile[]): Promise<ActivationInfo>;
  /** Opens dropped files and shows any problem in the state. */
  offer(files: readonly PathFile[]): Promise<void>;
  /** Shows the activations, or the page's network again. */
  show(shown: boolean): void;
  close(): void;
  spectrum(options: ActivationSpectrumOptions): Promise<ActivationSpectrum>;
  geometry(options?: ActivationGeometryOptions): Promise<Record<string, GeometryAnswer>>;
  similarity(options?: ActivationSimilarityOptions): Promise<SimilarityMatrix>;
}

interface ActivationsState {
  info?: ActivationInfo;
  /** Whether Spectrum and Geometry show them. */
  shown: boolean;
  problem?: string;
}

export interface ActivationSpectrumOptions extends Watched {
  layer: string;
  /** The first `count` images. Default 100. */
  count?: number;
  indices?: ArrayLike<number>;
  components?: number;
}

export interface ActivationSpectrum extends Spectrum {
  layer: string;
  indices: Int32Array;
  labels: Uint16Array;
}

interface Parts {
  workers: Pick<Workers, 'startActivations'>;
  pool: GeometryPool;
}

export function createActivations({ workers, pool }: Parts): Activations {
  const store = createStore<ActivationsState>(() => ({ shown: false }));
  let worker: ReturnType<Workers['startActivations']> | undefined;

  function opened(caller: string): OpenedActivations {
    const { info } = store.getState();
    if (!worker || !info) {
      throw new CallError(
        caller,
        'expected open activations, found none. Call lab.openActivations(file) first',
      );
    }
    return { worker, info };
  }

  /** The panels drop their questions at the new state, before the earlier worker cancels them. */
  function replace(next: typeof worker, state: ActivationsState): void {
    const before = worker;
    worker = next;
    store.setState(state, true);
    before?.end();
  }

  async function open(files: readonly PathFile[]): Promise<ActivationInfo> {
    const next = workers.startActivations();
    try {
      const info = await next.call('open', { files: [...files] });
      replace(next, { info, shown: true });
      return info;
    } catch (error) {
      next.end();
      throw error;
    }
  }

  return {
    store,
    open,
    async offer(files) {
      try {
        await open(files);
      } catch (error) {
        store.setState({ problem: sentenceOf(error) });
      }
    },
    show: (shown) => store.setState({ shown }),
    close: () => replace(undefined, { shown: false }),
    async spectrum({ layer, count = 100, indices, components, ...watched }) {
      const { worker, info } = opened('spectrum');
      checkLayerOf(info, layer, 'spectrum');
      const own = indices ?? Int32Array.from({ length: Math.min(count, info.count) }, (_, i) => i);
      const chosen = chosenAt(info, own, 'spectrum');
      const question = { layer, indices: chosen.indices, components };
      const spectrum = await worker.call('spectrum', question, watched);
      return { ...spectrum, layer, ...chosen };
    },
    similarity: async (options = {}) => similarityOfActivations(opened('similarity'), options),
    geometry: async (options = {}) => geometryOfActivations({ ...opened('geometry'), pool }, options),
  };
}
