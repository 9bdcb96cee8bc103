import * as tf from '@tensorflow/tfjs';
import { type Layer, type NetworkDescription, paddingBefore } from '../../model/network.ts';

/** Parameters on the device, with PyTorch's names and layout. */
export type DeviceParameters = Record<string, tf.Tensor>;

/**
 * Runs the network in plain operations up to and including the named layer.
 * @param images [n, pixels]
 * @param masks each dropout layer's factors during training, [n, units]; without masks, dropout does nothing.
 * @returns activations in PyTorch's layout, [n, channels, height, width] or [n, units].
 */
export function applyNetwork(
  network: NetworkDescription,
  parameters: DeviceParameters,
  images: tf.Tensor2D,
  upTo: string,
  masks?: Map<string, Float32Array>,
): tf.Tensor {
  const { channels, height, width } = network.input;
  let activations: tf.Tensor = tf.reshape(images, [-1, channels, height, width]);
  for (const layer of upTo === 'input' ? [] : network.layers) {
    activations = applyLayer(layer, parameters, activations, masks?.get(layer.name));
    if (layer.name === upTo) {
      break;
    }
  }
  return activations;
}

function applyLayer(
  layer: Layer,
  parameters: DeviceParameters,
  input: tf.Tensor,
  mask?: Float32Array,
): tf.Tensor {
  switch (layer.kind) {
    case 'conv':
      return convolution(
        padded(input as tf.Tensor4D, layer),
        parameters[`${layer.name}.weight`] as tf.Tensor4D,
        parameters[`${layer.name}.bias`] as tf.Tensor1D,
      );
    case 'relu':
      return tf.relu(input);
    case 'maxPool':
      return maxPool(input as tf.Tensor4D, layer.size);
    case 'dropout':
      return mask ? tf.mul(input, tf.tensor(mask, input.shape)) : input;
    case 'flatten':
      return tf.reshape(input, [input.shape[0], -1]);
    case 'linear':
      return tf.add(
        tf.matMul(input as tf.Tensor2D, parameters[`${layer.name}.weight`] as tf.Tensor2D, false, true),
        parameters[`${layer.name}.bias`],
      );
    case 'logSoftmax':
      return tf.logSoftmax(input);
    default:
      return layer satisfies never;
  }
}

/** Pads the images with the convolution's zeros. */
function padded(images: tf.Tensor4D, layer: { kernelSize: number; padding?: 'valid' | 'same' }): tf.Tensor4D {
  if (layer.padding !== 'same' || layer.kernelSize === 1) {
    return images;
  }
  const before = paddingBefore(layer);
  const after = layer.kernelSize - 1 - before;
  return tf.pad4d(images, [
    [0, 0],
    [0, 0],
    [before, after],
    [before, after],
  ]);
}

/**
 * The largest value of each window. In a tie, `maximum` sends its gradient to its first input, so the first of equal
 * values in row-major order gets the gradient, as in PyTorch.
 * @param images [n, channels, height, width]
 */
function maxPool(images: tf.Tensor4D, size: number): tf.Tensor4D {
  const [count, channels, height, width] = images.shape;
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)];
  const whole = tf.slice(images, [0, 0, 0, 0], [count, channels, rows * size, columns * size]);
  const windows = tf.reshape(whole, [count * channels * rows, size, columns, size]);
  let largest: tf.Tensor | undefined;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const values = tf.slice(windows, [0, row, 0, column], [-1, 1, -1, 1]);
      largest = largest ? tf.maximum(largest, values) : values;
    }
  }
  return tf.reshape(largest ?? windows, [count, channels, rows, columns]);
}

/**
 * A convolution without padding, computed as the product of the filters with the patches of each image. The bias is
 * the weight of a patch entry that is always 1. The filter gradient of TensorFlow.js's own conv2d takes five times as
 * long on its cpu backend, and is missing on its wasm backend.
 * @param images [n, channels, height, width]
 * @param weight [filters, channels, size, size]
 * @returns [n, filters, height - size + 1, width - size + 1]
 */
function convolution(images: tf.Tensor4D, weight: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D {
  const [count, channels, height, width] = images.shape;
  const [filters, , size] = weight.shape;
  const [rows, columns] = [height - size + 1, width - size + 1];
  // Shifted views of the image in the order of PyTorch's weights: channel, row, column.
  const patches: tf.Tensor3D[] = [];
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const view = tf.slice(images, [0, channel, row, column], [count, 1, rows, columns]);
        patches.push(tf.reshape(view, [count, 1, rows * columns]));
      }
    }
  }
  patches.push(tf.ones([count, 1, rows * columns]));
  const filterRows = tf.concat([tf.reshape(weight, [1, filters, -1]), tf.reshape(bias, [1, filters, 1])], 2);
  const product = tf.matMul(tf.tile(filterRows, [count, 1, 1]), tf.concat(patches, 1));
  return tf.reshape(product, [count, filters, rows, columns]);
}

/**
 * Negative log-likelihood of each image's class, from logits. The gradient is written by hand, because autodiff's p -
 * 1 cancels in float32 for a confident image; here the true class's entry is minus the sum of the other
 * probabilities.
 * @param logits [n, classes]
 * @param oneHot [n, classes]
 * @returns [n]
 */
export function crossEntropy(logits: tf.Tensor, oneHot: tf.Tensor): tf.Tensor1D {
  const differentiable = tf.customGrad((...inputs) => {
    const [scores, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
    const logProbabilities = tf.logSoftmax(scores);
    save([tf.exp(logProbabilities)]);
    return {
      value: tf.neg(tf.sum(tf.mul(logProbabilities, oneHot), 1)),
      gradFunc: (upstream: tf.Tensor, [probabilities]: tf.Tensor[]) => {
        const others = tf.mul(probabilities, tf.sub(1, oneHot));
        const own = tf.mul(oneHot, tf.sum(others, 1, true));
        return tf.mul(tf.expandDims(upstream, 1), tf.sub(others, own));
      },
    };
  });
  return differentiable(logits) as tf.Tensor1D;
}

/** Returns [n, classes] with 1 at each label. */
export function oneHotTensor(labels: Uint8Array, classes: number): tf.Tensor2D {
  return tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(labels), 'int32'), classes), 'float32') as tf.Tensor2D;
}
