import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { parametersFromSafetensors } from '../../../src/ml/formats/safetensors.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';

interface Snapshot {
  norm: number;
  sample: number[];
}

const network = notebookNetwork();
const golden = (name: string) => readFileSync(new URL(`../../golden/${name}`, import.meta.url));
const json = (name: string) => JSON.parse(golden(name).toString());
const mnist = (name: string) =>
  new Uint8Array(gunzipSync(readFileSync(new URL(`../../../public/mnist/${name}`, import.meta.url))));
const model = (name: string): Parameters =>
  parametersFromSafetensors(network, new Uint8Array(golden(`${name}.safetensors`)));

let images: Uint8Array;
let labels: Uint8Array;
beforeAll(() => {
  images = mnist('train-images-idx3-ubyte.gz').subarray(16);
  labels = mnist('train-labels-idx1-ubyte.gz').subarray(8);
});

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const fileOrder = (step: number) => Int32Array.from({ length: 64 }, (_, i) => 64 * step + i);

describe('the golden trajectory', () => {
  it('is followed for 100 steps', async () => {
    const { float64, sample_idx } = json('trajectory.json');
    const engine = await createWasmEngine({ network });
    await engine.load({ parameters: model('model_init') });
    await engine.setData(images, labels);
    const tolerances: Record<number, { norm: number; sample: (name: string) => number }> = {
      1: { norm: 1e-6, sample: () => 1e-7 },
      10: { norm: 1e-6, sample: () => 1e-6 },
      100: {
        norm: 2e-5,
        sample: (name) => (name === 'fc.bias' ? 1e-6 : name === 'fc.weight' ? 1e-3 : 2e-4),
      },
    };
    let done = 0;
    for (const updates of [1, 10, 100]) {
      const steps = Array.from({ length: updates - done }, (_, i) => ({
        indices: fileOrder(done + i),
        learningRate: 1e-3,
      }));
      const { losses, correct } = await engine.train(steps);
      losses.forEach((loss, i) => {
        const step = done + i;
        const expected = float64.loss[step];
        const limit = step === 0 ? 1e-6 : step < 10 ? 5e-6 : Math.min(5e-5, 2e-4 * expected);
        expect(Math.abs(loss - expected), `loss of step ${step + 1}`).toBeLessThanOrEqual(limit);
      });
      expect([...correct]).toEqual(float64.acc.slice(done, updates));
      done = updates;
      const parameters = await engine.parameters();
      const snapshots: [string, Snapshot][] = Object.entries(float64.snap[updates]);
      for (const [name, snapshot] of snapshots) {
        const values = parameters[name];
        const { norm: normLimit, sample } = tolerances[updates];
        expect(Math.abs(norm(values) / snapshot.norm - 1), `norm of ${name}`).toBeLessThanOrEqual(normLimit);
        snapshot.sample.forEach((expected, i) => {
          const found = values[sample_idx[name][i]];
          expect(Math.abs(found - expected), `${name} sample ${i} after ${updates}`).toBeLessThanOrEqual(
            sample(name),
          );
        });
      }
    }
    await engine.dispose();
  });
});

it('gives the golden logits of the trained model', async () => {
  const { fc_activations_f64: expected } = json('svd_pca.json');
  const engine = await createWasmEngine({ network });
  await engine.load({ parameters: model('model_trained') });
  const logits = await engine.forward(images.subarray(0, 100 * 784), 'fc');
  expect(logits.length).toBe(1000);
  expected.flat().forEach((value: number, i: number) => {
    expect(Math.abs(logits[i] - value)).toBeLessThan(2e-5);
  });
  await engine.dispose();
});

it('is fooled by the golden attacks', async () => {
  const { manifest } = json('adversarial.json');
  const binary = golden('adversarial.bin');
  const part = (name: string) => {
    const { offset, nbytes } = manifest[name];
    return binary.buffer.slice(binary.byteOffset + offset, binary.byteOffset + offset + nbytes);
  };
  const test = mnist('t10k-images-idx3-ubyte.gz').subarray(16, 16 + 4 * 784);
  const engine = await createWasmEngine({ network });
  await engine.load({ parameters: model('model_trained') });
  const { gradient } = await engine.inputGradient(test, 'fc', {
    kind: 'crossEntropy',
    labels: mnist('t10k-labels-idx1-ubyte.gz').slice(8, 12),
  });
  const expected = new Float64Array(part('grad_first4_f64'));
  const signs = new Int8Array(part('fgsm_sign_first4'));
  const agreeing = signs.filter((sign, i) => Math.sign(gradient[i]) === sign).length;
  expect(agreeing / signs.length).toBeGreaterThan(0.999);
  for (let image = 0; image < 4; image++) {
    const range: [number, number] = [image * 784, (image + 1) * 784];
    const size = Math.max(...expected.slice(...range).map(Math.abs));
    const error = Math.max(
      ...expected.slice(...range).map((value, i) => Math.abs(value - gradient[range[0] + i])),
    );
    expect(error / size).toBeLessThan(2e-4);
  }
  await engine.dispose();
});
