import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import wasmUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import '@tensorflow/tfjs-backend-webgpu';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { type Contender, networkOf, type Size } from './contender.ts';
import { chooseBackend, type StockBackend, stockContender } from './stockTraining.ts';

/**
 * Unmodified TensorFlow.js, used as in its own examples: `conv2d`, autodiff and `train.adam` on one of its backends.
 * Its wasm backend has no filter gradient, so there the convolution is a product of patches and filters.
 */
export async function startStock(backend: StockBackend, size: Size): Promise<Contender> {
  setWasmPaths({
    'tfjs-backend-wasm.wasm': wasmUrl,
    'tfjs-backend-wasm-simd.wasm': wasmSimdUrl,
    'tfjs-backend-wasm-threaded-simd.wasm': wasmThreadedUrl,
  });
  await chooseBackend(backend);
  const { batch, filters, kernel } = size;
  const initial = initialParameters(networkOf(size), new Mt19937(111));
  const side = 29 - kernel;
  const convWeight = tf.variable<tf.Rank.R4>(
    tf.tidy(() =>
      tf.tensor4d(initial['conv.weight'], [filters, 1, kernel, kernel]).transpose<tf.Tensor4D>([2, 3, 1, 0]),
    ),
  );
  const convBias = tf.variable(tf.tensor1d(initial['conv.bias']));
  const fcWeight = tf.variable<tf.Rank.R2>(
    tf.tidy(() =>
      tf
        .tensor4d(initial['fc.weight'], [10, filters, side, side])
        .transpose([2, 3, 1, 0])
        .reshape<tf.Tensor2D>([-1, 10]),
    ),
  );
  const fcBias = tf.variable(tf.tensor1d(initial['fc.bias']));

  const convolve = (x: tf.Tensor4D): tf.Tensor => {
    if (backend !== 'wasm') return tf.conv2d(x, convWeight, 1, 'valid');
    const shifts: tf.Tensor[] = [];
    for (let row = 0; row < kernel; row++) {
      for (let column = 0; column < kernel; column++) {
        shifts.push(tf.slice(x, [0, row, column, 0], [batch, side, side, 1]));
      }
    }
    return tf
      .matMul(tf.concat(shifts, 3).reshape([-1, kernel * kernel]), convWeight.reshape([-1, filters]))
      .reshape([batch, side, side, filters]);
  };

  const network = {
    variables: [convWeight, convBias, fcWeight, fcBias],
    logits(images: tf.Tensor4D) {
      const hidden = tf.relu(convolve(images).add(convBias)).reshape<tf.Tensor2D>([batch, -1]);
      return tf.matMul(hidden, fcWeight).add<tf.Tensor2D>(fcBias);
    },
  };
  return stockContender(network, batch);
}
