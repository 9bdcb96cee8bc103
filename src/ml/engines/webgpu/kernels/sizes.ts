import { CallError } from '../../../callError.ts';
import { layerShapes, type NetworkDescription, sizeOf } from '../../../model/network.ts';

/** The sizes of a network, which the generated programs contain as literals. */
export interface NetworkSizes {
  height: number;
  width: number;
  pixels: number;
  filters: number;
  kernelSize: number;
  /** kernelSize squared: the number of weights of one filter. */
  taps: number;
  /** Height and width of one filter's output. */
  mapHeight: number;
  mapWidth: number;
  positions: number;
  /** Hidden units: filters x positions, in PyTorch's order (filter, row, column). */
  units: number;
  outputs: number;
  /** Names of the layers and of the parameters in the description. */
  names: { conv: string; relu: string; flatten: string; linear: string; logSoftmax: string };
}

const KINDS = ['conv', 'relu', 'flatten', 'linear', 'logSoftmax'] as const;
const FILTERS = { least: 1, most: 128 };
const KERNEL = { least: 3, most: 7 };
/** The head uses 16 threads for each image. */
export const MOST_OUTPUTS = 16;
const OUTPUTS = { least: 2, most: MOST_OUTPUTS };
/** Floats of workgroup memory, 16 KiB: the input gradient stores one filter's map there. */
const WORKGROUP_FLOATS = 4096;

/**
 * Says why the fused WebGPU engine cannot run this network; undefined if it can. The engine supports one convolution
 * of a one-channel image, ReLU, flatten, one linear layer and logSoftmax.
 */
export function supportsNetwork(network: NetworkDescription): string | undefined {
  const kinds = network.layers.map(({ kind }) => kind);
  if (kinds.join() !== KINDS.join()) {
    return `expected the layers ${KINDS.join(', ')}, found ${kinds.join(', ')}; the layered program runs it`;
  }
  if (network.input.channels !== 1) {
    return `expected images of one channel, found ${network.input.channels}; the layered program runs it`;
  }
  const sizes = networkSizes(network);
  const { filters, kernelSize, outputs } = sizes;
  for (const [what, value, { least, most }] of [
    ['filters', filters, FILTERS],
    ['the kernel size', kernelSize, KERNEL],
    ['outputs', outputs, OUTPUTS],
    ['workgroup memory', inputGradientMemory(sizes), { least: 1, most: WORKGROUP_FLOATS }],
  ] as const) {
    if (!Number.isInteger(value) || value < least || value > most) {
      return `expected ${what} from ${least} to ${most}, found ${value}; the layered program runs it`;
    }
  }
  return undefined;
}

/** Threads of a workgroup that handles a whole image. */
export const IMAGE_WORKGROUP = 256;

/** Floats of workgroup memory for the input gradient: a filter's map with its border, and one per thread. */
function inputGradientMemory({ height, width, kernelSize }: NetworkSizes): number {
  return (height + kernelSize - 1) * (width + kernelSize - 1) + IMAGE_WORKGROUP;
}

/** Takes the sizes from a description of the supported family (see `supportsNetwork`). */
export function networkSizes(network: NetworkDescription): NetworkSizes {
  const [conv, relu, flatten, linear, logSoftmax] = network.layers;
  if (conv?.kind !== 'conv' || linear?.kind !== 'linear') {
    throw new CallError('networkSizes', 'expected a convolution first and a linear layer fourth');
  }
  const { height, width } = network.input;
  const [, mapHeight, mapWidth] = layerShapes(network)[1].shape;
  const { filters, kernelSize } = conv;
  return {
    height,
    width,
    pixels: sizeOf([height, width]),
    filters,
    kernelSize,
    taps: kernelSize ** 2,
    mapHeight,
    mapWidth,
    positions: mapHeight * mapWidth,
    units: filters * mapHeight * mapWidth,
    outputs: linear.outputs,
    names: {
      conv: conv.name,
      relu: relu.name,
      flatten: flatten.name,
      linear: linear.name,
      logSoftmax: logSoftmax.name,
    },
  };
}
