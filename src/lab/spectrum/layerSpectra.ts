import { createStore, type StoreApi } from 'zustand/vanilla';
import { type NetworkDescription, shapeAt, sizeOf } from '../../ml/model/network.ts';
import { createLatest } from '../ask/latest.ts';
import { firstLayers } from '../ask/layers.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState } from '../state/state.ts';
import type { SpectrumQuestion } from './spectrumQuestion.ts';

/** One layer's number of directions at a moment. */
export interface LayerSpectrum {
  layer: string;
  units: number;
  participationRatio: number;
  centeredParticipationRatio: number;
  componentsFor95: number;
}

interface LayerSpectraState {
  /** The layers so far, in the network's order, all at one step. */
  found: readonly LayerSpectrum[];
  step: number;
  /** Number of images behind them. */
  count: number;
  progress?: { done: number; count: number };
  problem?: string;
}

export interface LayerSpectra {
  store: StoreApi<LayerSpectraState>;
  /** Computes the spectra of the network's layers at the page's moment. */
  compute(count: number): Promise<void>;
  cancel(): void;
}

/** Multiply-adds per millisecond of the Gram matrix of activations, on the reference machine. */
const SPEED = 500_000;

/** Estimated seconds of `compute`. */
export function expectedSeconds(network: NetworkDescription, count: number): number {
  const units = firstLayers(network).reduce((sum, layer) => sum + sizeOf(shapeAt(network, layer)), 0);
  return (units * count ** 2) / SPEED / 1000;
}

/** The spectra of many layers at one moment, on request. */
export function createLayerSpectra(
  labStore: StoreApi<LabState>,
  { spectrum }: SpectrumQuestion,
): LayerSpectra {
  const store = createStore<LayerSpectraState>(() => ({ found: [], step: 0, count: 0 }));
  const { setState } = store;
  const request = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error) }),
    ended: () => setState({ progress: undefined }),
  });
  labStore.subscribe((now, before) => {
    if (now.run === before.run) return;
    request.cancel();
    setState({ found: [], problem: undefined, progress: undefined });
  });
  return {
    store,
    async compute(count) {
      const { network, moment, step: newest } = labStore.getState();
      const layers = firstLayers(network);
      const at = moment;
      setState({ found: [], problem: undefined, count, step: at === 'live' ? newest : at });
      await request.run(async (signal) => {
        for (const [done, layer] of layers.entries()) {
          setState({ progress: { done, count: layers.length } });
          const answer = await spectrum({ layer, count, at, signal });
          signal.throwIfAborted();
          const { participationRatio, componentsFor95, pca, step } = answer;
          const one: LayerSpectrum = {
            layer,
            units: sizeOf(shapeAt(network, layer)),
            participationRatio,
            centeredParticipationRatio: pca.participationRatio,
            componentsFor95,
          };
          setState(({ found }) => ({ found: [...found, one], step }));
        }
      });
    },
    cancel: request.cancel,
  };
}
