import { type NetworkDescription, parameterShapes, shapeAt, sizeOf } from '../../../src/ml/model/network.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';

/** conv - relu - flatten - linear - logSoftmax written out in float64: the plainest code that could be right. */
export interface Activations {
  input: Float64Array;
  conv: Float64Array;
  relu: Float64Array;
  flatten: Float64Array;
  fc: Float64Array;
  logSoftmax: Float64Array;
}
export type LayerName = keyof Activations;

/** Numbers like those of a network, the same for the same seed. */
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

export class Reference {
  private readonly parameters: Record<string, ArrayLike<number>>;
  private readonly height: number;
  private readonly width: number;
  private readonly filters: number;
  private readonly kernel: number;
  private readonly classes: number;

  constructor(network: NetworkDescription, parameters: Record<string, ArrayLike<number>>) {
    this.parameters = parameters;
    this.height = network.input.height;
    this.width = network.input.width;
    const [conv, , , linear] = network.layers;
    if (conv.kind !== 'conv' || linear.kind !== 'linear') {
      throw new Error('Reference: expected conv and linear layers');
    }
    this.filters = conv.filters;
    this.kernel = conv.kernelSize;
    this.classes = linear.outputs;
  }

  /** Calls back for every product of the convolution: indices of the unit, the pixel and the filter weight. */
  private eachTap(visit: (unit: number, pixel: number, weight: number) => void): void {
    const { kernel, width, height } = this;
    const outWidth = width - kernel + 1;
    const outHeight = height - kernel + 1;
    for (let f = 0; f < this.filters; f++) {
      for (let y = 0; y < outHeight; y++) {
        for (let x = 0; x < outWidth; x++) {
          const unit = (f * outHeight + y) * outWidth + x;
          for (let t = 0; t < kernel * kernel; t++) {
            visit(unit, (y + Math.floor(t / kernel)) * width + x + (t % kernel), f * kernel * kernel + t);
          }
        }
      }
    }
  }

  /** All activations of one image. */
  forward(image: ArrayLike<number>): Activations {
    const positions = (this.height - this.kernel + 1) * (this.width - this.kernel + 1);
    const units = this.filters * positions;
    const conv = Float64Array.from({ length: units }, (_, unit) =>
      Number(this.parameters['conv.bias'][Math.floor(unit / positions)]),
    );
    this.eachTap((unit, pixel, weight) => {
      conv[unit] += image[pixel] * this.parameters['conv.weight'][weight];
    });
    const relu = conv.map((value) => Math.max(0, value));
    const fc = Float64Array.from({ length: this.classes }, (_, k) => {
      let sum = Number(this.parameters['fc.bias'][k]);
      for (let unit = 0; unit < units; unit++) {
        sum += this.parameters['fc.weight'][k * units + unit] * relu[unit];
      }
      return sum;
    });
    const largest = Math.max(...fc);
    const total = fc.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    const logSoftmax = fc.map((value) => value - largest - Math.log(total));
    return { input: Float64Array.from(image), conv, relu, flatten: relu, fc, logSoftmax };
  }

  /** From d / d(activations of `layer`) of one image to d / d(pixels) and d / d(parameters). */
  backward(
    image: ArrayLike<number>,
    layer: LayerName,
    given: ArrayLike<number>,
  ): { pixels: Float64Array; parameters: Record<string, Float64Array> } {
    const { conv, relu, logSoftmax } = this.forward(image);
    const parameters = Object.fromEntries(
      Object.entries(this.parameters).map(([name, { length }]) => [name, new Float64Array(length)]),
    );
    const pixels = new Float64Array(image.length);
    if (layer === 'input') {
      pixels.set(given);
      return { pixels, parameters };
    }
    let hidden = Float64Array.from(given);
    if (layer === 'fc' || layer === 'logSoftmax') {
      const logits = Float64Array.from(given);
      if (layer === 'logSoftmax') {
        const total = logits.reduce((sum, value) => sum + value, 0);
        logits.forEach((value, k) => {
          logits[k] = value - Math.exp(logSoftmax[k]) * total;
        });
      }
      hidden = new Float64Array(relu.length);
      for (let k = 0; k < this.classes; k++) {
        parameters['fc.bias'][k] = logits[k];
        for (let unit = 0; unit < relu.length; unit++) {
          hidden[unit] += this.parameters['fc.weight'][k * relu.length + unit] * logits[k];
          parameters['fc.weight'][k * relu.length + unit] = logits[k] * relu[unit];
        }
      }
    }
    if (layer !== 'conv') {
      hidden = hidden.map((value, unit) => (conv[unit] > 0 ? value : 0));
    }
    const positions = relu.length / this.filters;
    hidden.forEach((value, unit) => {
      parameters['conv.bias'][Math.floor(unit / positions)] += value;
    });
    this.eachTap((unit, pixel, weight) => {
      pixels[pixel] += hidden[unit] * this.parameters['conv.weight'][weight];
      parameters['conv.weight'][weight] += hidden[unit] * image[pixel];
    });
    return { pixels, parameters };
  }

  /** Mean negative log-likelihood of a batch. */
  loss(images: ArrayLike<number>[], labels: ArrayLike<number>): number {
    return images.reduce(
      (sum, image, i) => sum - this.forward(image).logSoftmax[labels[i]] / images.length,
      0,
    );
  }

  /** The gradient of `loss` with respect to every parameter. */
  lossGradient(images: ArrayLike<number>[], labels: ArrayLike<number>): Record<string, Float64Array> {
    const total: Record<string, Float64Array> = {};
    images.forEach((image, i) => {
      const given = new Float64Array(this.classes);
      given[labels[i]] = -1 / images.length;
      for (const [name, values] of Object.entries(this.backward(image, 'logSoftmax', given).parameters)) {
        total[name] = total[name]?.map((value, j) => value + values[j]) ?? values;
      }
    });
    return total;
  }
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
