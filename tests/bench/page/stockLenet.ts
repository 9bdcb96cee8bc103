import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { presetNetwork } from '../../../src/ml/model/presets.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import type { Contender } from './contender.ts';
import { chooseBackend, type StockBackend, stockContender } from './stockTraining.ts';

/** LeNet as TensorFlow.js's own examples train: its layers, autodiff and `train.adam` on a backend as it comes. */
export async function startStockLenet(backend: StockBackend, batch: number): Promise<Contender> {
  await chooseBackend(backend);
  const initial = initialParameters(presetNetwork('lenet'), new Mt19937(111));
  const filters = (name: string, shape: [number, number, number, number]) =>
    tf.variable<tf.Rank.R4>(
      tf.tidy(() => tf.tensor4d(initial[`${name}.weight`], shape).transpose<tf.Tensor4D>([2, 3, 1, 0])),
    );
  const dense = (name: string, inputs: number, outputs: number) =>
    tf.variable<tf.Rank.R2>(
      tf.tidy(() => tf.tensor2d(initial[`${name}.weight`], [outputs, inputs]).transpose<tf.Tensor2D>()),
    );
  const biasOf = (name: string) => tf.variable(tf.tensor1d(initial[`${name}.bias`]));
  const weights = {
    conv1: filters('conv1', [6, 1, 5, 5]),
    conv2: filters('conv2', [16, 6, 5, 5]),
    fc1: dense('fc1', 400, 120),
    fc2: dense('fc2', 120, 84),
    fc3: dense('fc3', 84, 10),
  };
  const biases = {
    conv1: biasOf('conv1'),
    conv2: biasOf('conv2'),
    fc1: biasOf('fc1'),
    fc2: biasOf('fc2'),
    fc3: biasOf('fc3'),
  };

  const convolution = (x: tf.Tensor4D, name: 'conv1' | 'conv2', padding: 'same' | 'valid') =>
    tf.maxPool(
      tf.relu(tf.conv2d(x, weights[name], 1, padding).add<tf.Tensor4D>(biases[name])),
      2,
      2,
      'valid',
    );
  const linear = (x: tf.Tensor2D, name: 'fc1' | 'fc2' | 'fc3') =>
    tf.matMul(x, weights[name]).add<tf.Tensor2D>(biases[name]);

  const network = {
    variables: [...Object.values(weights), ...Object.values(biases)],
    logits(images: tf.Tensor4D) {
      const maps = convolution(convolution(images, 'conv1', 'same'), 'conv2', 'valid');
      const hidden = tf.relu(linear(maps.reshape<tf.Tensor2D>([batch, 400]), 'fc1'));
      return linear(tf.relu(linear(hidden, 'fc2')), 'fc3');
    },
  };
  return stockContender(network, batch);
}
