/**
 * The layout of parameters on the GPU. `filters` holds three sections (parameter, first moment, second moment), each
 * filters x filterStride floats (weights, bias, padding), then the outputs' biases. `dense` holds three sections of
 * [unit][output]: the weights of one hidden unit are contiguous, because one thread owns them.
 */
import type { NetworkState, Parameters } from '../../../model/parameters.ts';
import type { NetworkSizes } from './sizes.ts';

/** Floats from one filter to the next: weights and bias, padded to a multiple of four. */
export function filterStride({ taps }: NetworkSizes): number {
  return Math.ceil((taps + 1) / 4) * 4;
}

/** Where the outputs' biases begin in a section of `filters`. */
export function biasOffset(sizes: NetworkSizes): number {
  return sizes.filters * filterStride(sizes);
}

/** Floats of one section of `filters`. */
export function filtersSection(sizes: NetworkSizes): number {
  return biasOffset(sizes) + Math.ceil(sizes.outputs / 4) * 4;
}

/** Floats of one section of `dense`. */
export function denseSection({ units, outputs }: NetworkSizes): number {
  return units * outputs;
}

export interface ParameterNames {
  filterWeight: string;
  filterBias: string;
  denseWeight: string;
  denseBias: string;
}

export function parameterNames({ names }: NetworkSizes): ParameterNames {
  return {
    filterWeight: `${names.conv}.weight`,
    filterBias: `${names.conv}.bias`,
    denseWeight: `${names.linear}.weight`,
    denseBias: `${names.linear}.bias`,
  };
}

/**
 * Creates the sections of both buffers from a state in PyTorch's layout; without an optimizer the moments are zero.
 */
export function packState(
  sizes: NetworkSizes,
  { parameters, optimizer }: NetworkState,
): { filters: Float32Array<ArrayBuffer>; dense: Float32Array<ArrayBuffer> } {
  const filters = new Float32Array(3 * filtersSection(sizes));
  const dense = new Float32Array(3 * denseSection(sizes));
  [parameters, optimizer?.slots.exp_avg, optimizer?.slots.exp_avg_sq].forEach((record, section) => {
    if (record) {
      packFilters(sizes, record, filters.subarray(section * filtersSection(sizes)));
      packDense(sizes, record, dense.subarray(section * denseSection(sizes)));
    }
  });
  return { filters, dense };
}

function packFilters(sizes: NetworkSizes, parameters: Parameters, section: Float32Array): void {
  const { filters, taps } = sizes;
  const { filterWeight, filterBias, denseBias } = parameterNames(sizes);
  for (let f = 0; f < filters; f++) {
    const at = f * filterStride(sizes);
    section.set(parameters[filterWeight].subarray(f * taps, (f + 1) * taps), at);
    section[at + taps] = parameters[filterBias][f];
  }
  section.set(parameters[denseBias], biasOffset(sizes));
}

function packDense(sizes: NetworkSizes, parameters: Parameters, section: Float32Array): void {
  const { units, outputs } = sizes;
  const weight = parameters[parameterNames(sizes).denseWeight];
  for (let output = 0; output < outputs; output++) {
    for (let unit = 0; unit < units; unit++) {
      section[unit * outputs + output] = weight[output * units + unit];
    }
  }
}

/** Reads conv.weight, conv.bias and fc.bias from one section of `filters`. */
export function unpackFilters(sizes: NetworkSizes, section: Float32Array): Parameters {
  const { filters, taps, outputs } = sizes;
  const { filterWeight, filterBias, denseBias } = parameterNames(sizes);
  const weight = new Float32Array(filters * taps);
  const bias = new Float32Array(filters);
  for (let f = 0; f < filters; f++) {
    const at = f * filterStride(sizes);
    weight.set(section.subarray(at, at + taps), f * taps);
    bias[f] = section[at + taps];
  }
  const outputBias = section.slice(biasOffset(sizes), biasOffset(sizes) + outputs);
  return { [filterWeight]: weight, [filterBias]: bias, [denseBias]: outputBias };
}

/** Reads fc.weight from one section of `dense`. */
export function unpackDense(sizes: NetworkSizes, section: Float32Array): Parameters {
  const { units, outputs } = sizes;
  const weight = new Float32Array(outputs * units);
  for (let output = 0; output < outputs; output++) {
    for (let unit = 0; unit < units; unit++) {
      weight[output * units + unit] = section[unit * outputs + output];
    }
  }
  return { [parameterNames(sizes).denseWeight]: weight };
}
