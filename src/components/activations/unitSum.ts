import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import { activationsOf } from './activationMaps.ts';

/** A unit of a layer of maps, for one of the inspected images. */
export interface Unit {
  /** The image's id. */
  image: string;
  layer: string;
  map: number;
  row: number;
  column: number;
}

/** The computation of a unit of the first convolution or the layer after it. Sums are in float64. */
export interface UnitSum {
  side: number;
  /** [side, side], row-major. */
  window: Float32Array;
  weights: Float32Array;
  products: Float64Array;
  bias: number;
  /** Sum of the products and the bias. */
  sum: number;
  /** The unit's value as the network computed it, at each layer up to the unit's own. */
  activations: { layer: string; value: number }[];
}

/** Undefined unless the unit's layer is reached from a one-channel image through a single convolution. */
export function unitSum(
  inspected: InspectedImages,
  { image, layer, map, row, column }: Unit,
): UnitSum | undefined {
  const { network, parameters } = inspected;
  const place = inspected.images.findIndex(({ id }) => id === image);
  const [conv] = network.layers;
  if (place < 0 || conv?.kind !== 'conv' || network.input.channels !== 1 || map >= conv.filters)
    return undefined;
  const end = network.layers.findIndex(({ name }) => name === layer);
  const chain = network.layers.slice(0, end + 1);
  if (end < 0 || chain.slice(1).some(({ kind }) => kind !== 'relu')) return undefined;

  const side = conv.kernelSize;
  const { width, height } = network.input;
  const [rows, columns] = [height - side + 1, width - side + 1];
  if (row >= rows || column >= columns) return undefined;
  const pixels = inspected.images[place].pixels;
  const weights = parameters[`${conv.name}.weight`].slice(map * side ** 2, (map + 1) * side ** 2);
  const bias = parameters[`${conv.name}.bias`][map];
  const window = Float32Array.from(
    { length: side ** 2 },
    (_, i) => pixels[(row + Math.floor(i / side)) * width + column + (i % side)],
  );
  const products = Float64Array.from(weights, (weight, i) => weight * window[i]);
  const unit = (map * rows + row) * columns + column;
  return {
    side,
    window,
    weights,
    products,
    bias,
    sum: products.reduce((total, product) => total + product, bias),
    activations: chain.map(({ name }) => ({
      layer: name,
      value: activationsOf(inspected, place, name)?.[unit] ?? Number.NaN,
    })),
  };
}
