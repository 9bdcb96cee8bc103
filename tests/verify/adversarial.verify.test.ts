import { beforeAll, describe, expect, it } from 'vitest';
import { attack } from '../../src/ml/adversarial/attack.ts';
import type { Engine } from '../../src/ml/engines/engine.ts';
import { createTfjsEngine } from '../../src/ml/engines/tfjs/engine.ts';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { goldenJson, goldenModel, mnist } from '../unit/engines/golden.ts';
import { ReferenceNetwork } from '../unit/engines/referenceNetwork.ts';
import { record } from './record.ts';

type Counts = Record<string, { correct_f64: number }>;

const network = notebookNetwork();
const golden = goldenJson<{ clean_correct: number; fgsm: Counts; pgd: Counts }>('adversarial');
const { images, labels } = mnist('t10k', 1000);
const original = Float32Array.from(images, (byte) => byte / 255);

describe.each([
  { id: 'wasm', create: () => createWasmEngine({ network }), methods: ['fgsm', 'pgd'] as const },
  // PGD-40 takes a quarter of an hour per epsilon on this engine.
  { id: 'tfjs-cpu', create: () => createTfjsEngine({ network, backend: 'cpu' }), methods: ['fgsm'] as const },
])('golden attacks on $id', ({ id, create, methods }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
    await engine.load({ parameters: goldenModel('model_trained') });
  });

  it('has the gradient signs of float64', async () => {
    const reference = new ReferenceNetwork(network, goldenModel('model_trained'));
    const { gradient } = await engine.inputGradient(images, 'fc', { kind: 'crossEntropy', labels });
    let equal = 0;
    for (let n = 0; n < 1000; n++) {
      const cotangent = new Float64Array(10);
      cotangent[labels[n]] = -1;
      const image = original.subarray(784 * n, 784 * (n + 1));
      const { pixels } = reference.backward(image, 'logSoftmax', cotangent);
      equal += pixels.filter((value, i) => Math.sign(value) === Math.sign(gradient[784 * n + i])).length;
    }
    const share = equal / gradient.length;
    expect(share).toBeGreaterThanOrEqual(0.999);
    record(`FGSM signs on ${id}`, 'at least 99.9 % as in float64', `${(100 * share).toFixed(4)} %`);
  });

  const cases = methods.flatMap((method) =>
    Object.entries(golden[method]).map(([epsilon, { correct_f64 }]) => ({
      method,
      epsilon: Number(epsilon),
      expected: correct_f64,
    })),
  );
  it.each(cases)('has the golden count of $method at $epsilon', async ({ method, epsilon, expected }) => {
    const result = await attack(engine, images, labels, { method, epsilon });
    expect(result.correctBefore).toBe(golden.clean_correct);
    expect(Math.abs(result.correct - expected)).toBeLessThanOrEqual(5);
    result.images.forEach((pixel, i) => {
      if (pixel < 0 || pixel > 1 || Math.abs(pixel - original[i]) > epsilon) {
        expect.fail(`pixel ${i} moved from ${original[i]} to ${pixel}`);
      }
    });
    const measured = `${result.correct} (as 8 bits: ${result.correctAs8Bit})`;
    record(`correct of 1000 after ${method} ${epsilon} on ${id}`, `${expected} +- 5`, measured);
  });
});
