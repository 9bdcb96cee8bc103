import { analyzeSpectrumSteps, type Spectrum } from '../../ml/spectrum/index.ts';
import { inSlices } from '../../workers/inSlices.ts';
import type { Handlers } from '../../workers/rpc.ts';
import type { Layer } from '../inputs/activations.ts';

export type SpectrumCalls = {
  spectrum: { parameters: { layer: Layer; components: number }; result: Spectrum; progress: number };
};

/** The calls of a thread that compute spectra. */
export const spectrumHandlers: Handlers<SpectrumCalls> = {
  spectrum({ layer, components: wanted }, { signal, progress }) {
    const components = Math.min(wanted, layer.rows, layer.columns);
    return inSlices(analyzeSpectrumSteps(layer, { components }), {
      ...{ signal, slice: 100 },
      onSlice: (fraction) => progress(fraction),
    });
  },
};
