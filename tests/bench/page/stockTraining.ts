import * as tf from '@tensorflow/tfjs';
import { batchOf, benchData, type Contender } from './contender.ts';

export type StockBackend = 'webgpu' | 'webgl' | 'wasm' | 'cpu';

interface StockNetwork {
  variables: tf.Variable[];
  /** The logits, [batch, 10], of images [batch, 28, 28, 1]. */
  logits(images: tf.Tensor4D): tf.Tensor2D;
}

/** @throws if the backend does not start here. */
export async function chooseBackend(backend: StockBackend): Promise<void> {
  if (!(await tf.setBackend(backend)))
    throw new Error(`startStock: the ${backend} backend does not start here`);
}

/** Training as in TensorFlow.js's own examples: autodiff and `train.adam`. */
export function stockContender({ variables, logits }: StockNetwork, batch: number): Contender {
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  const data = benchData();
  let step = 0;

  function trainStep(): tf.Scalar | null {
    const { x, y } = batchOf(data, step++, batch);
    const images = tf.tensor4d(x, [batch, 28, 28, 1]);
    const labels = tf.tensor2d(y, [batch, 10]);
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(labels, logits(images)).asScalar(),
      true,
    );
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
      tf.dispose(variables);
      optimizer.dispose();
    },
  };
}
