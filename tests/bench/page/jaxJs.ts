import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { batchOf, benchData, type Contender, networkOf, type Size } from './contender.ts';

type Weights = { convWeight: np.Array; convBias: np.Array; fcWeight: np.Array; fcBias: np.Array };

/** jax-js, used as in its own MNIST example: one jitted function for loss, gradient and Adam. */
export async function startJax(device: 'webgpu' | 'wasm', size: Size): Promise<Contender> {
  const ready = await init(device);
  if (!ready.includes(device)) throw new Error(`startJax: the ${device} device does not start here`);
  defaultDevice(device);
  const { batch, filters, kernel } = size;
  const initial = initialParameters(networkOf(size), new Mt19937(111));
  const tensor = (name: string, shape: number[]) => np.array(new Float32Array(initial[name])).reshape(shape);
  let weights: Weights = {
    convWeight: tensor('conv.weight', [filters, 1, kernel, kernel]),
    convBias: tensor('conv.bias', [1, filters, 1, 1]),
    fcWeight: tensor('fc.weight', [10, filters * (29 - kernel) ** 2]),
    fcBias: tensor('fc.bias', [10]),
  };
  const zeros = (): Weights => ({
    convWeight: np.zeros(weights.convWeight.shape),
    convBias: np.zeros(weights.convBias.shape),
    fcWeight: np.zeros(weights.fcWeight.shape),
    fcBias: np.zeros(weights.fcBias.shape),
  });
  let first = zeros();
  let second = zeros();
  const data = benchData();
  let step = 0;

  const loss = ({ convWeight, convBias, fcWeight, fcBias }: Weights, x: np.Array, y: np.Array) => {
    const hidden = nn.relu(lax.conv(x, convWeight, [1, 1], 'VALID').add(convBias)).reshape([batch, -1]);
    const logits = np.dot(hidden, fcWeight.transpose()).add(fcBias);
    return nn
      .logSoftmax(logits)
      .mul(y)
      .sum()
      .mul(-1 / batch);
  };
  const update = jit(
    (weights: Weights, first: Weights, second: Weights, rates: np.Array, x: np.Array, y: np.Array) => {
      const [value, gradient] = valueAndGrad(loss)(tree.ref(weights), x, y);
      const newFirst = tree.map(
        (m: np.Array, g: np.Array) => m.mul(0.9).add(g.mul(0.1)),
        first,
        tree.ref(gradient),
      );
      const newSecond = tree.map(
        (v: np.Array, g: np.Array) => v.mul(0.999).add(np.square(g).mul(0.001)),
        second,
        gradient,
      );
      // rates: the learning rate over 1 - beta1^t, and 1 over 1 - beta2^t.
      const [rate, correction] = [rates.ref.slice(0), rates.slice(1)];
      const newWeights = tree.map(
        (w: np.Array, m: np.Array, v: np.Array) =>
          w.sub(m.mul(rate.ref).div(np.sqrt(v.mul(correction.ref)).add(1e-8))),
        weights,
        tree.ref(newFirst),
        tree.ref(newSecond),
      );
      rate.dispose();
      correction.dispose();
      return { value, weights: newWeights, first: newFirst, second: newSecond };
    },
  );

  return {
    async run(steps) {
      for (let i = 0; i < steps; i++) {
        const { x, y } = batchOf(data, step++, batch);
        const rates = new Float32Array([1e-3 / (1 - 0.9 ** step), 1 / (1 - 0.999 ** step)]);
        const result = update(
          weights,
          first,
          second,
          np.array(rates),
          np.array(x).reshape([batch, 1, 28, 28]),
          np.array(y).reshape([batch, 10]),
        );
        ({ weights, first, second } = result);
        if (i === steps - 1) await result.value.data();
        else result.value.dispose();
      }
      await blockUntilReady(weights);
    },
    stop() {
      for (const part of [weights, first, second]) tree.dispose(part);
    },
  };
}
