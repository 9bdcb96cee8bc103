import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import wasmUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import '@tensorflow/tfjs-backend-webgpu';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { batchOf, benchData, type Contender, networkOf, type Size } from './contender.ts';

export type StockBackend = 'webgpu' | 'webgl' | 'wasm' | 'cpu';

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
  if (!(await tf.setBackend(backend)))
    throw new Error(`startStock: the ${backend} backend does not start here`);
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
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  const data = benchData();
  let step = 0;

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

  function trainStep(): tf.Scalar | null {
    const { x, y } = batchOf(data, step++, batch);
    const images = tf.tensor4d(x, [batch, 28, 28, 1]);
    const labels = tf.tensor2d(y, [batch, 10]);
    const loss = optimizer.minimize(() => {
      const hidden = tf.relu(convolve(images).add(convBias)).reshape<tf.Tensor2D>([batch, -1]);
      const logits = tf.matMul(hidden, fcWeight).add(fcBias);
      return tf.losses.softmaxCrossEntropy(labels, logits).asScalar();
    }, true);
    tf.dispose([images, labels]);
    return loss;
  }

  return {
    async run(steps) {
      for (let i = 0; i < steps; i++) {
        const loss = trainStep();
        if (i === steps - 1) await loss?.data();
        loss?.dispose();
      }
    },
    stop() {
      for (const variable of [convWeight, convBias, fcWeight, fcBias]) variable.dispose();
      optimizer.dispose();
    },
  };
}
