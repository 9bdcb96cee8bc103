import {
  type Layer,
  type LayerShape,
  layerShapes,
  type NetworkDescription,
  paddingBefore,
  parameterShapes,
  shapeAt,
  sizeOf,
} from '../../../src/ml/model/network.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';
import { dropoutFactors } from '../../../src/ml/random/philox.ts';

/** Random parameters of a plausible size, the same for the same seed. */
export function numbers(length: number, scale: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

export function randomParameters(network: NetworkDescription, seed = 1): Parameters {
  return Object.fromEntries(
    parameterShapes(network).map(({ name, shape, fanIn }, i) => [
      name,
      numbers(sizeOf(shape), 1 / Math.sqrt(fanIn), seed + 1000 * i),
    ]),
  );
}

export function randomImages(network: NetworkDescription, count: number, seed = 7): Float32Array {
  return numbers(count * sizeOf(shapeAt(network, 'input')), 0.5, seed).map((value) => value + 0.5);
}

/** By dropout layer: the factors of one image's units. Without factors, dropout does nothing. */
export type ImageMasks = Map<string, ArrayLike<number>>;

/** Each image's masks, from the factors [n, units] of each dropout layer. */
function masksOfImages(masks: Map<string, Float32Array>, count: number): ImageMasks[] {
  return Array.from({ length: count }, (_, image) => {
    const rows = [...masks].map(([name, factors]): [string, Float32Array] => {
      const units = factors.length / count;
      return [name, factors.subarray(image * units, (image + 1) * units)];
    });
    return new Map(rows);
  });
}

/** The dropout masks of a batch, computed from the specification alone. */
export function batchMasks(
  network: NetworkDescription,
  { seed, step, count }: { seed: number; step: number; count: number },
): ImageMasks[] {
  const shapes = layerShapes(network);
  const masks = new Map<string, Float32Array>();
  network.layers.forEach((layer, index) => {
    if (layer.kind !== 'dropout') return;
    const units = sizeOf(shapes[index].shape);
    masks.set(layer.name, dropoutFactors({ seed, step, layer: index }, layer.rate, units, count));
  });
  return masksOfImages(masks, count);
}

export type Gradients = { pixels: Float64Array; parameters: Record<string, Float64Array> };

/** Any description, computed one image at a time in float64 with the simplest possible code. */
export class ReferenceNetwork {
  private readonly network: NetworkDescription;
  private readonly parameters: Record<string, ArrayLike<number>>;
  private readonly shapes: { name: string; shape: LayerShape }[];

  constructor(network: NetworkDescription, parameters: Record<string, ArrayLike<number>>) {
    this.network = network;
    this.parameters = parameters;
    this.shapes = layerShapes(network);
  }

  /** Activations of one image at every layer, starting with the input. */
  activations(image: ArrayLike<number>, masks?: ImageMasks): Float64Array[] {
    const values: Float64Array[] = [Float64Array.from(image)];
    this.network.layers.forEach((layer, i) => {
      const [from, to] = [this.shapes[i].shape, this.shapes[i + 1].shape];
      values.push(this.apply(layer, values[i], from, to, masks?.get(layer.name)));
    });
    return values;
  }

  activationsAt(image: ArrayLike<number>, layer: string): Float64Array {
    return this.activations(image)[this.indexOf(layer)];
  }

  /** Converts d / d(activations at `layer`) of one image to d / d(pixels) and d / d(parameters). */
  backward(image: ArrayLike<number>, layer: string, given: ArrayLike<number>, masks?: ImageMasks): Gradients {
    const values = this.activations(image, masks);
    const parameters = Object.fromEntries(
      Object.entries(this.parameters).map(([name, { length }]) => [name, new Float64Array(length)]),
    );
    let gradient: Float64Array = Float64Array.from(given);
    for (let i = this.indexOf(layer) - 1; i >= 0; i--) {
      const below = new Float64Array(values[i].length);
      this.pullBack(this.network.layers[i], i, values, gradient, below, parameters, masks);
      gradient = below;
    }
    return { pixels: gradient, parameters };
  }

  /** Mean negative log-likelihood of a batch [n, pixels], for a network that ends in logSoftmax. */
  loss(images: ArrayLike<number>, labels: ArrayLike<number>, masks?: ImageMasks[]): number {
    const rows = splitRows(images, labels.length);
    return rows.reduce((sum, image, i) => {
      const output = this.activations(image, masks?.[i]).at(-1);
      return sum - (output?.[labels[i]] ?? Number.NaN) / labels.length;
    }, 0);
  }

  /** The gradient of `loss` by every parameter. */
  lossGradient(
    images: ArrayLike<number>,
    labels: ArrayLike<number>,
    masks?: ImageMasks[],
  ): Record<string, Float64Array> {
    const last = this.shapes[this.shapes.length - 1];
    const total: Record<string, Float64Array> = {};
    splitRows(images, labels.length).forEach((image, i) => {
      const given = new Float64Array(sizeOf(last.shape));
      given[labels[i]] = -1 / labels.length;
      const { parameters } = this.backward(image, last.name, given, masks?.[i]);
      for (const [name, values] of Object.entries(parameters)) {
        total[name] = total[name]?.map((value, j) => value + values[j]) ?? values;
      }
    });
    return total;
  }

  private indexOf(layer: string): number {
    return this.shapes.findIndex(({ name }) => name === layer);
  }

  private apply(
    layer: Layer,
    input: Float64Array,
    from: LayerShape,
    to: LayerShape,
    mask?: ArrayLike<number>,
  ): Float64Array {
    switch (layer.kind) {
      case 'conv': {
        const output = new Float64Array(sizeOf(to));
        const bias = this.parameters[`${layer.name}.bias`];
        output.forEach((_, unit) => {
          output[unit] = bias[Math.floor(unit / (to[1] * to[2]))];
        });
        const weight = this.parameters[`${layer.name}.weight`];
        eachTap(layer, from, to, (unit, pixel, tap) => {
          output[unit] += weight[tap] * input[pixel];
        });
        return output;
      }
      case 'relu':
        return input.map((value) => Math.max(0, value));
      case 'maxPool':
        return Float64Array.from(winners(layer.size, from, to, input), (pixel) => input[pixel]);
      case 'dropout':
        return mask ? input.map((value, i) => value * mask[i]) : input;
      case 'flatten':
        return input;
      case 'linear': {
        const weight = this.parameters[`${layer.name}.weight`];
        return Float64Array.from({ length: layer.outputs }, (_, output) =>
          input.reduce(
            (sum, value, i) => sum + weight[output * input.length + i] * value,
            this.parameters[`${layer.name}.bias`][output],
          ),
        );
      }
      case 'logSoftmax': {
        const largest = Math.max(...input);
        const total = input.reduce((sum, value) => sum + Math.exp(value - largest), 0);
        return input.map((value) => value - largest - Math.log(total));
      }
      default:
        return layer satisfies never;
    }
  }

  /** Adds d / d(input) of layer `index` to `below` and d / d(its parameters) to `parameters`. */
  private pullBack(
    layer: Layer,
    index: number,
    values: Float64Array[],
    above: Float64Array,
    below: Float64Array,
    parameters: Record<string, Float64Array>,
    masks?: ImageMasks,
  ): void {
    const [input, output] = [values[index], values[index + 1]];
    const [weight, bias] = [`${layer.name}.weight`, `${layer.name}.bias`];
    switch (layer.kind) {
      case 'conv': {
        const to = this.shapes[index + 1].shape;
        above.forEach((value, unit) => {
          parameters[bias][Math.floor(unit / (to[1] * to[2]))] += value;
        });
        eachTap(layer, this.shapes[index].shape, to, (unit, pixel, tap) => {
          below[pixel] += above[unit] * this.parameters[weight][tap];
          parameters[weight][tap] += above[unit] * input[pixel];
        });
        return;
      }
      case 'relu':
        above.forEach((value, i) => {
          below[i] = input[i] > 0 ? value : 0;
        });
        return;
      case 'maxPool': {
        const [from, to] = [this.shapes[index].shape, this.shapes[index + 1].shape];
        winners(layer.size, from, to, input).forEach((pixel, unit) => {
          below[pixel] += above[unit];
        });
        return;
      }
      case 'dropout': {
        const mask = masks?.get(layer.name);
        below.set(mask ? above.map((value, i) => value * mask[i]) : above);
        return;
      }
      case 'flatten':
        below.set(above);
        return;
      case 'linear':
        above.forEach((value, unit) => {
          parameters[bias][unit] += value;
          input.forEach((x, i) => {
            below[i] += value * this.parameters[weight][unit * input.length + i];
            parameters[weight][unit * input.length + i] += value * x;
          });
        });
        return;
      case 'logSoftmax': {
        const total = above.reduce((sum, value) => sum + value, 0);
        above.forEach((value, i) => {
          below[i] = value - Math.exp(output[i]) * total;
        });
        return;
      }
      default:
        layer satisfies never;
    }
  }
}

/** The input pixel of each unit of a pool: the first largest of the unit's window, in row-major order. */
function winners(
  size: number,
  [, height, width]: LayerShape,
  [channels, rows, columns]: LayerShape,
  input: ArrayLike<number>,
): number[] {
  return Array.from({ length: channels * rows * columns }, (_, unit) => {
    const channel = Math.floor(unit / (rows * columns));
    const row = Math.floor(unit / columns) % rows;
    const column = unit % columns;
    let best = -1;
    for (let i = 0; i < size * size; i++) {
      const y = row * size + Math.floor(i / size);
      const pixel = (channel * height + y) * width + column * size + (i % size);
      if (best < 0 || input[pixel] > input[best]) best = pixel;
    }
    return best;
  });
}

/** Calls back for every product of a convolution: indices of output unit, input pixel and weight. */
function eachTap(
  layer: Extract<Layer, { kind: 'conv' }>,
  [channels, height, width]: LayerShape,
  [filters, rows, columns]: LayerShape,
  visit: (unit: number, pixel: number, tap: number) => void,
): void {
  const size = layer.kernelSize;
  const before = paddingBefore(layer);
  for (let unit = 0; unit < filters * rows * columns; unit++) {
    const filter = Math.floor(unit / (rows * columns));
    const row = Math.floor(unit / columns) % rows;
    const column = unit % columns;
    for (let tap = 0; tap < channels * size * size; tap++) {
      const channel = Math.floor(tap / (size * size));
      const y = row + (Math.floor(tap / size) % size) - before;
      const x = column + (tap % size) - before;
      if (y >= 0 && y < height && x >= 0 && x < width) {
        visit(unit, (channel * height + y) * width + x, filter * channels * size * size + tap);
      }
    }
  }
}

export function splitRows<T extends ArrayLike<number>>(values: T, rows: number): number[][] {
  const columns = values.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => values[row * columns + column]),
  );
}

/** Largest |found - expected| relative to the largest |expected|. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = found.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i] - expected[i]);
    error = Math.max(error, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    size = Math.max(size, Math.abs(expected[i]));
  }
  return error / (size || 1);
}
