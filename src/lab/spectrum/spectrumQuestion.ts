import { CallError } from '../../ml/callError.ts';
import type { Split } from '../../ml/data/dataset.ts';
import type { Spectrum } from '../../ml/spectrum/analyzeSpectrum.ts';
import type { Workers } from '../../workers/client.ts';
import { checkLayer } from '../ask/layers.ts';
import { checkSplit, checkWhole, selectIndices } from '../ask/selection.ts';
import type { Watched } from '../ask/watched.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';

export interface SpectrumOptions extends Watched {
  layer: string;
  split?: Split;
  /** Use the first `count` images of the split, 2 to 2,000, at most all. Default 100, as in the notebook. */
  count?: number;
  /** Use these images instead. */
  indices?: ArrayLike<number>;
  /** Number of principal components; at most 3 can be drawn. */
  components?: number;
  at?: Moment | 'best';
}

export interface SpectrumAnswer extends Spectrum {
  step: number;
  layer: string;
  split: Split;
  indices: Int32Array;
  labels: Uint8Array;
  /** Variances of the principal components, divided by n - 1. */
  explainedVariance: Float64Array;
  explainedVarianceRatio: Float64Array;
}

/** The spectrum of a layer at a moment, for scripts and the panel. */
export interface SpectrumQuestion {
  spectrum(options: SpectrumOptions): Promise<SpectrumAnswer>;
}

interface Parts {
  longJobs: Workers['longJobs'];
  getState(): LabState;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
}

export const MOST_SPECTRUM_IMAGES = 2000;
const caller = 'spectrum';

export function createSpectrumQuestion({ longJobs, getState, momentAt }: Parts): SpectrumQuestion {
  return {
    async spectrum({ layer, split = 'train', count = 100, indices, components, at = 'live', ...watched }) {
      const { data, network } = getState();
      if (!data) throw new CallError(caller, `expected the data set first; await lab.ready`);
      checkLayer(network, layer, caller);
      checkSplit(split, caller);
      const wanted = indices ?? firstIndices(count, data[split].count);
      checkWhole(wanted.length, [2, MOST_SPECTRUM_IMAGES], caller, 'a number of images');
      const selection = selectIndices(data, split, wanted, caller);
      const { step, ...moment } = await momentAt(at);
      const { images, labels } = selection;
      const spectrum = await longJobs.call('spectrum', { moment, images, layer, components }, watched);
      const { explainedVariance, explainedVarianceRatio } = spectrum.pca;
      return {
        ...spectrum,
        step,
        layer,
        split,
        indices: selection.indices,
        labels,
        explainedVariance,
        explainedVarianceRatio,
      };
    },
  };
}

function firstIndices(count: number, most: number): Int32Array {
  const length = Math.min(most, checkWhole(count, [2, MOST_SPECTRUM_IMAGES], caller, 'count'));
  return Int32Array.from({ length }, (_, i) => i);
}
