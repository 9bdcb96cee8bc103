import { CallError, messageOf } from '../callError.ts';
import { layerShapes, type NetworkDescription, parameterShapes, sizeOf } from './network.ts';

/** Limits of a network, set by the engines' memory and speed. */
export const LIMITS = {
  /** Convolutions and linear layers together. */
  weightedLayers: 12,
  layers: 60,
  filters: 128,
  kernelSize: 11,
  outputs: 512,
  /** Smallest dropout rate above 0, so that rates are written without an exponent. */
  leastRate: 0.001,
  parameters: 4_000_000,
  /** Activations of one image over all layers. */
  activations: 2_000_000,
  /** Pixels per side. */
  sides: { least: 8, most: 64 },
  channels: [1, 3],
};

/** A problem with a network, at a layer, or with the whole network if `layer` is missing. */
export interface NetworkFault {
  /** Index among the description's layers. */
  layer?: number;
  message: string;
}

/** A network that cannot be built; `layer` is the index of the invalid layer, if any. */
export class NetworkError extends CallError {
  override name = 'NetworkError';
  readonly layer?: number;

  constructor(caller: string, message: string, layer?: number) {
    super(caller, message);
    this.layer = layer;
  }
}

/**
 * Checks a description against the limits and its layers against each other.
 * @param classes number of classes in the data, if known, which the last linear layer must match.
 * @returns the first fault of each layer, in the layers' order, then those of the whole network.
 */
export function networkFaults(network: NetworkDescription, classes?: number): NetworkFault[] {
  const faults = inputFaults(network);
  const { layers } = network;
  let fits = true;
  layers.forEach((_, index) => {
    const wrong = layerFault(network, index) ?? orderFault(network, index, classes);
    if (wrong !== undefined) {
      faults.push({ layer: index, message: wrong });
    } else if (fits) {
      // After the first layer that does not fit, later layers have no shape to check.
      const misfit = shapeFault({ ...network, layers: layers.slice(0, index + 1) });
      if (misfit !== undefined) {
        fits = false;
        faults.push({ layer: index, message: misfit });
      }
    }
  });
  if (layers.at(-2)?.kind !== 'linear' || layers.at(-1)?.kind !== 'logSoftmax') {
    faults.push({
      message: 'expected the network to end with a linear layer (fc) and logSoftmax, found another end',
    });
  }
  return faults.length > 0 ? faults : sizeFaults(network);
}

/** @throws NetworkError for the first fault, with a message that begins with the layer. */
export function assertNetwork(network: NetworkDescription, caller: string, classes?: number): void {
  const [fault] = networkFaults(network, classes);
  if (fault) {
    const at =
      fault.layer === undefined ? '' : `layer ${fault.layer + 1} (${network.layers[fault.layer].name}): `;
    throw new NetworkError(caller, `${at}${fault.message}`, fault.layer);
  }
}

function inputFaults({ input, layers }: NetworkDescription): NetworkFault[] {
  const { least, most } = LIMITS.sides;
  const faults: NetworkFault[] = [];
  if (!LIMITS.channels.includes(input.channels)) {
    faults.push({
      message: `expected images of ${LIMITS.channels.join(' or ')} channels, found ${input.channels}`,
    });
  }
  if (![input.height, input.width].every((side) => isWhole(side, least, most))) {
    faults.push({
      message: `expected images of ${least} to ${most} pixels a side, found ${input.height} x ${input.width}`,
    });
  }
  const weighted = layers.filter(({ kind }) => kind === 'conv' || kind === 'linear').length;
  if (weighted > LIMITS.weightedLayers) {
    faults.push({
      message: `expected at most ${LIMITS.weightedLayers} layers with weights, found ${weighted}`,
    });
  }
  if (layers.length > LIMITS.layers) {
    faults.push({ message: `expected at most ${LIMITS.layers} layers, found ${layers.length}` });
  }
  return faults;
}

function layerFault({ layers }: NetworkDescription, index: number): string | undefined {
  const layer = layers[index];
  if (layers.findIndex(({ name }) => name === layer.name) !== index || layer.name === 'input') {
    return `expected a unique name, found "${layer.name}" again`;
  }
  switch (layer.kind) {
    case 'conv':
      return (
        wholeFault('filters', layer.filters, LIMITS.filters) ??
        wholeFault('kernel size', layer.kernelSize, LIMITS.kernelSize)
      );
    case 'maxPool':
      return wholeFault('pool size', layer.size, LIMITS.sides.most);
    case 'dropout':
      return layer.rate === 0 || (layer.rate >= LIMITS.leastRate && layer.rate < 1)
        ? undefined
        : `expected a dropout rate of 0, or from ${LIMITS.leastRate} to below 1, found ${layer.rate}`;
    case 'linear':
      return wholeFault('outputs', layer.outputs, LIMITS.outputs);
    case 'relu':
    case 'flatten':
    case 'logSoftmax':
      return undefined;
    default:
      return layer satisfies never;
  }
}

function orderFault({ layers }: NetworkDescription, index: number, classes?: number): string | undefined {
  const layer = layers[index];
  if (layer.kind === 'logSoftmax' && index !== layers.length - 1) {
    return 'expected logSoftmax at the end only, found a layer after it';
  }
  const first = layers.findIndex(({ kind }) => kind === 'linear');
  if (layer.kind === 'flatten' && index !== first - 1) {
    return 'expected flatten directly before the first linear layer, found it elsewhere';
  }
  const last = layers.findLastIndex(({ kind }) => kind === 'linear');
  if (classes !== undefined && layer.kind === 'linear' && index === last && layer.outputs !== classes) {
    return `expected ${classes} outputs in the last linear layer, one for each class of the data, found ${layer.outputs}`;
  }
  return undefined;
}

function shapeFault(network: NetworkDescription): string | undefined {
  try {
    layerShapes(network);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function sizeFaults(network: NetworkDescription): NetworkFault[] {
  const parameters = parameterCount(network);
  if (parameters > LIMITS.parameters) {
    const largest = largestLayer(network);
    return [
      {
        layer: largest,
        message: `expected at most ${LIMITS.parameters.toLocaleString('en-US')} parameters in all, found ${parameters.toLocaleString('en-US')}, most of them here. ${remedy(network, largest)}`,
      },
    ];
  }
  const shapes = layerShapes(network);
  const activations = shapes.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (activations > LIMITS.activations) {
    const sizes = shapes.slice(1).map(({ shape }) => sizeOf(shape));
    return [
      {
        layer: sizes.indexOf(Math.max(...sizes)),
        message: `expected at most ${LIMITS.activations.toLocaleString('en-US')} activations of an image in all, found ${activations.toLocaleString('en-US')}`,
      },
    ];
  }
  return [];
}

/** Advice that makes a layer with too many parameters smaller. */
function remedy({ layers }: NetworkDescription, index: number): string {
  if (layers[index]?.kind === 'conv') return 'Take fewer filters or a smaller kernel';
  const isFirst = layers.findIndex(({ kind }) => kind === 'linear') === index;
  return isFirst
    ? 'Put a pool before it, or take fewer outputs here or fewer filters before it'
    : 'Take fewer outputs here or in the linear layer before it';
}

/** Total number of values in all parameters. */
export function parameterCount(network: NetworkDescription): number {
  return parameterShapes(network).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function largestLayer(network: NetworkDescription): number {
  const largest = parameterShapes(network).reduce((most, each) =>
    sizeOf(each.shape) > sizeOf(most.shape) ? each : most,
  );
  return network.layers.findIndex(({ name }) => largest.name.startsWith(`${name}.`));
}

function wholeFault(what: string, value: number, most: number): string | undefined {
  return isWhole(value, 1, most)
    ? undefined
    : `expected ${what} to be a whole number from 1 to ${most}, found ${value}`;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
