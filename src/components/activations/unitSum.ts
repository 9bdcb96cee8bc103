import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import {
  type Layer,
  type LayerShape,
  layerShapes,
  type NetworkDescription,
  paddingBefore,
} from '../../ml/model/network.ts';
import { activationsOf } from './activationMaps.ts';

/** A unit of a layer, for one of the inspected images. A layer of units has maps of one row and one column. */
export interface Unit {
  /** The image's id. */
  image: string;
  layer: string;
  map: number;
  row: number;
  column: number;
}

/** A value that the network computed, at one of the layers up to the unit's own. */
interface Passed {
  layer: string;
  kind: Layer['kind'];
  value: number;
}

/** A convolution's unit: a window over all channels. Sums are in float64. */
export interface WindowSum {
  kind: 'conv';
  /** The layer that the window lies on. */
  source: string;
  side: number;
  /** Each channel's sum of products. */
  channels: Float64Array;
  /** The channel whose window is shown: the one with the largest magnitude, unless another was asked for. */
  channel: number;
  /** [side, side], row-major: the channel's window, zero beyond the border. */
  window: Float32Array;
  weights: Float32Array;
  products: Float64Array;
  bias: number;
  /** Sum of all channels and the bias. */
  sum: number;
}

/** A pool's unit: the largest value of a window. */
export interface PoolMaximum {
  kind: 'maxPool';
  source: string;
  side: number;
  window: Float32Array;
  /** Index of the winner in the window, the first in a tie. */
  winner: number;
}

/** A linear layer's unit: all inputs times their weights. */
export interface LinearSum {
  kind: 'linear';
  source: string;
  /** The largest contributions, in order of magnitude. */
  largest: { input: string; value: number; weight: number; product: number }[];
  /** Number of the other inputs, and the sum of their products. */
  rest: { count: number; sum: number };
  bias: number;
  sum: number;
}

/** A log-probability: the logit less the logarithm of the sum of all classes' exponentials. */
export interface LogProbability {
  kind: 'logSoftmax';
  source: string;
  logit: number;
  logSum: number;
}

export type UnitSum = (WindowSum | PoolMaximum | LinearSum | LogProbability) & {
  /** The value at the layer that computes the sum, then at each layer that passes it on, up to the unit's own. */
  activations: Passed[];
};

/** Number of contributions of a linear unit to name. */
const MOST_NAMED = 8;

/**
 * How a unit's value is computed. ReLU and dropout pass on the value of the layer before them.
 * @param channel the channel of a convolution's window to show.
 * @returns undefined for a unit that the network does not have, or that passes on a pixel.
 */
export function unitSum(inspected: InspectedImages, unit: Unit, channel?: number): UnitSum | undefined {
  const { network } = inspected;
  const place = inspected.images.findIndex(({ id }) => id === unit.image);
  const end = network.layers.findIndex(({ name }) => name === unit.layer);
  const start = network.layers.slice(0, end + 1).findLastIndex(({ kind }) => !passesOn(kind));
  const layer = network.layers[start];
  const shape = layerShapes(network)[end + 1]?.shape;
  if (place < 0 || !layer || !shape || !isWithin(shape, unit)) return undefined;
  const before = sourceOf(inspected, place, start);
  if (!before) return undefined;
  const sum = sumAt(inspected, layer, before, unit, channel);
  if (!sum) return undefined;
  const index = indexOf(shape, unit);
  const activations = network.layers.slice(start, end + 1).map(
    ({ name, kind }): Passed => ({
      layer: name,
      kind,
      value: activationsOf(inspected, place, name)?.[index] ?? Number.NaN,
    }),
  );
  return { ...sum, activations };
}

function passesOn(kind: Layer['kind']): boolean {
  return kind === 'relu' || kind === 'dropout' || kind === 'flatten';
}

function isWithin([maps, rows = 1, columns = 1]: LayerShape, { map, row, column }: Unit): boolean {
  return map < maps && row < rows && column < columns;
}

function indexOf([, rows = 1, columns = 1]: LayerShape, { map, row, column }: Unit): number {
  return (map * rows + row) * columns + column;
}

/** The input of a layer. */
interface Source {
  name: string;
  shape: LayerShape;
  values: Float32Array;
}

/** The inputs of the layer at the index; flattened maps keep their shape. */
function sourceOf(inspected: InspectedImages, place: number, index: number): Source | undefined {
  const { layers } = inspected.network;
  const from = layers[index - 1]?.kind === 'flatten' ? index - 2 : index - 1;
  const name = layers[from]?.name ?? 'input';
  const values = activationsOf(inspected, place, name);
  return values && { name, shape: layerShapes(inspected.network)[from + 1].shape, values };
}

function sumAt(
  { parameters }: Pick<InspectedImages, 'parameters'>,
  layer: NetworkDescription['layers'][number],
  source: Source,
  unit: Unit,
  channel: number | undefined,
): UnitSumOfKind | undefined {
  const weights = parameters[`${layer.name}.weight`];
  const bias = parameters[`${layer.name}.bias`]?.[unit.map] ?? 0;
  switch (layer.kind) {
    case 'conv':
      return windowSum(layer, source, { weights, bias }, unit, channel);
    case 'maxPool':
      return poolMaximum(layer.size, source, unit);
    case 'linear':
      return linearSum(source, { weights, bias }, unit);
    case 'logSoftmax':
      return logProbability(source, unit);
    case 'relu':
    case 'dropout':
    case 'flatten':
      return undefined;
    default:
      return layer satisfies never;
  }
}

type UnitSumOfKind = WindowSum | PoolMaximum | LinearSum | LogProbability;

interface Weighted {
  weights: Float32Array;
  bias: number;
}

function windowSum(
  conv: Extract<Layer, { kind: 'conv' }>,
  { name, shape, values }: Source,
  { weights, bias }: Weighted,
  { map, row, column }: Unit,
  wanted: number | undefined,
): WindowSum {
  const [count, rows, columns] = shape;
  const side = conv.kernelSize;
  const size = side ** 2;
  const before = paddingBefore(conv);
  const windowOf = (channel: number) =>
    Float32Array.from({ length: size }, (_, i) => {
      const y = row - before + Math.floor(i / side);
      const x = column - before + (i % side);
      const isInside = y >= 0 && y < rows && x >= 0 && x < columns;
      return isInside ? values[(channel * rows + y) * columns + x] : 0;
    });
  const weightsOf = (channel: number) => {
    const start = (map * count + channel) * size;
    return weights.slice(start, start + size);
  };
  const productsOf = (channel: number) => {
    const window = windowOf(channel);
    return Float64Array.from(weightsOf(channel), (weight, i) => weight * window[i]);
  };
  const channels = Float64Array.from({ length: count }, (_, channel) =>
    productsOf(channel).reduce((total, product) => total + product, 0),
  );
  const largest = channels.reduce(
    (best, sum, channel) => (Math.abs(sum) > Math.abs(channels[best]) ? channel : best),
    0,
  );
  const channel = wanted !== undefined && wanted < count ? wanted : largest;
  return {
    kind: 'conv',
    source: name,
    side,
    channels,
    channel,
    window: windowOf(channel),
    weights: weightsOf(channel),
    products: productsOf(channel),
    bias,
    sum: channels.reduce((total, sum) => total + sum, bias),
  };
}

function poolMaximum(side: number, { name, shape, values }: Source, { map, row, column }: Unit): PoolMaximum {
  const [, rows, columns] = shape;
  const window = Float32Array.from({ length: side ** 2 }, (_, i) => {
    const y = row * side + Math.floor(i / side);
    return values[(map * rows + y) * columns + column * side + (i % side)];
  });
  const winner = window.reduce((best, value, i) => (value > window[best] ? i : best), 0);
  return { kind: 'maxPool', source: name, side, window, winner };
}

function linearSum({ name, shape, values }: Source, { weights, bias }: Weighted, { map }: Unit): LinearSum {
  const own = weights.subarray(map * values.length, (map + 1) * values.length);
  const products = Float64Array.from(own, (weight, i) => weight * values[i]);
  const order = Array.from(products.keys()).sort((a, b) => Math.abs(products[b]) - Math.abs(products[a]));
  const total = products.reduce((sum, product) => sum + product, 0);
  const largest = order.slice(0, MOST_NAMED).map((i) => ({
    input: inputName(shape, i),
    value: values[i],
    weight: own[i],
    product: products[i],
  }));
  const named = largest.reduce((sum, { product }) => sum + product, 0);
  return {
    kind: 'linear',
    source: name,
    largest,
    rest: { count: values.length - largest.length, sum: total - named },
    bias,
    sum: total + bias,
  };
}

/** "unit 17", or "map 3, row 2, column 4" */
function inputName(shape: LayerShape, index: number): string {
  if (shape.length === 1) return `unit ${index}`;
  const [maps, rows, columns] = shape;
  const map = Math.floor(index / (rows * columns));
  const cell = index % (rows * columns);
  const place = `row ${Math.floor(cell / columns)}, column ${cell % columns}`;
  return maps > 1 ? `map ${map}, ${place}` : place;
}

function logProbability({ name, values }: Source, { map }: Unit): LogProbability {
  const most = Math.max(...values);
  const sum = values.reduce((total, logit) => total + Math.exp(logit - most), 0);
  return { kind: 'logSoftmax', source: name, logit: values[map], logSum: most + Math.log(sum) };
}

/** The window of a unit in the network's image, for layers that read the image through one convolution. */
export function imageWindow(
  { network }: Pick<InspectedImages, 'network'>,
  { layer, row, column }: Unit,
): { row: number; column: number; rows: number; columns: number } | undefined {
  const [conv] = network.layers;
  const end = network.layers.findIndex(({ name }) => name === layer);
  const others = network.layers.slice(1, end + 1);
  if (conv?.kind !== 'conv' || end < 0 || !others.every(({ kind }) => passesOn(kind))) return undefined;
  const before = paddingBefore(conv);
  const from = (place: number) => Math.max(0, place - before);
  const size = (place: number, side: number) =>
    Math.min(side, place - before + conv.kernelSize) - from(place);
  const { height, width } = network.input;
  return { row: from(row), column: from(column), rows: size(row, height), columns: size(column, width) };
}
