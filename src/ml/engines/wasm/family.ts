import { CallError } from '../../callError.ts';
import { layerShapes, type NetworkDescription, sizeOf } from '../../model/network.ts';

/** How a layer is computed; `rectified` covers ReLU and flatten. */
export type Stage = 'input' | 'convolution' | 'rectified' | 'logits' | 'logSoftmax';

/**
 * Sizes of the one family of networks that the fused kernels compute: conv - ReLU - flatten - linear - logSoftmax.
 */
export interface Family {
  height: number;
  width: number;
  /** height x width; one input channel. */
  pixels: number;
  filters: number;
  kernelSize: number;
  outHeight: number;
  outWidth: number;
  /** Size of one channel's output. */
  positions: number;
  /** filters x positions. */
  units: number;
  classes: number;
  /** Number of groups of four channels each; the last group may be padded. */
  groups: number;
  /** Padded to an even number. */
  paddedClasses: number;
  /** Positions per tile; a few tiles make up an output row. */
  tileWidth: number;
  /** Names of the parameters. */
  names: { filterWeight: string; filterBias: string; denseWeight: string; denseBias: string };
  /** Number of values by layer name, including `input`. */
  stages: Map<string, Stage>;
}

/** With this size, a tile of 64 images (13 KiB) fits the first-level cache beside the pixels under it. */
const MAX_TILE_WIDTH = 13;

/** Says why the fused kernels cannot run the network; undefined if they can. */
export function supportsNetwork(network: NetworkDescription): string | undefined {
  const kinds = network.layers.map((layer) => layer.kind).join(' - ');
  if (kinds !== 'conv - relu - flatten - linear - logSoftmax') {
    return `the wasm engine runs conv - relu - flatten - linear - logSoftmax, not ${kinds || 'a network without layers'}`;
  }
  if (network.input.channels !== 1) {
    return `the wasm engine takes images of one channel, not ${network.input.channels}`;
  }
  return undefined;
}

/** @throws for a network outside the family, see `supportsNetwork`. */
export function describeFamily(network: NetworkDescription): Family {
  const reason = supportsNetwork(network);
  if (reason !== undefined) {
    throw new CallError('createWasmEngine', `${reason}`);
  }
  const shapes = layerShapes(network);
  const [conv, relu, flatten, linear, logSoftmax] = network.layers;
  if (conv.kind !== 'conv' || linear.kind !== 'linear') {
    throw new CallError('createWasmEngine', 'expected a convolution first and a linear layer fourth');
  }
  const { height, width } = network.input;
  const [, outHeight, outWidth] = shapes[1].shape;
  const positions = outHeight * outWidth;
  return {
    height,
    width,
    pixels: height * width,
    filters: conv.filters,
    kernelSize: conv.kernelSize,
    outHeight,
    outWidth,
    positions,
    units: sizeOf(shapes[1].shape),
    classes: linear.outputs,
    groups: Math.ceil(conv.filters / 4),
    paddedClasses: 2 * Math.ceil(linear.outputs / 2),
    tileWidth: Math.ceil(outWidth / Math.ceil(outWidth / MAX_TILE_WIDTH)),
    names: {
      filterWeight: `${conv.name}.weight`,
      filterBias: `${conv.name}.bias`,
      denseWeight: `${linear.name}.weight`,
      denseBias: `${linear.name}.bias`,
    },
    stages: new Map([
      ['input', 'input'],
      [conv.name, 'convolution'],
      [relu.name, 'rectified'],
      [flatten.name, 'rectified'],
      [linear.name, 'logits'],
      [logSoftmax.name, 'logSoftmax'],
    ]),
  };
}
