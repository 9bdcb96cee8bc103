import { beforeAll, describe, expect, it } from 'vitest';
import { attack, robustnessCurve, roundTowardOriginal } from '../../../src/ml/adversarial/attack.ts';
import type { Engine } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { goldenArray, goldenJson, goldenModel, mnist } from '../engines/golden.ts';

interface GoldenAttacks {
  clean_correct: number;
  fgsm: Record<string, { correct_f64: number }>;
  'fgsm_0.1_pred_first20': number[];
}

const golden = goldenJson<GoldenAttacks>('adversarial');
const { images, labels } = mnist('t10k', 1000);
const original = Float32Array.from(images, (byte) => byte / 255);
const first = (count: number) => [images.subarray(0, 784 * count), labels.subarray(0, count)] as const;
const largestChange = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

let engine: Engine;
beforeAll(async () => {
  engine = await createWasmEngine({ network: notebookNetwork() });
  await engine.load({ parameters: goldenModel('model_trained') });
});

describe('attack', () => {
  it('has the golden counts of FGSM at 0.1', async () => {
    const result = await attack(engine, images, labels, { method: 'fgsm', epsilon: 0.1 });
    expect(result.correctBefore).toBe(golden.clean_correct);
    expect(Math.abs(result.correct - golden.fgsm['0.1'].correct_f64)).toBeLessThanOrEqual(5);
    expect([...result.predictions.subarray(0, 20)]).toEqual(golden['fgsm_0.1_pred_first20']);
    expect(largestChange(result.images, original)).toBeLessThanOrEqual(0.1);
    // FGSM's change is epsilon times the gradient's sign, unless clipped to [0, 1].
    const signs = goldenArray('adversarial', 'fgsm_sign_first4');
    const agreeing = signs.filter((sign, i) => {
      const expected = Math.min(1, Math.max(0, original[i] + 0.1 * sign));
      return Math.abs(result.images[i] - expected) < 1e-6;
    }).length;
    expect(agreeing / signs.length).toBeGreaterThanOrEqual(0.999);
  });

  it('makes the golden images of PGD-40 at 0.1', async () => {
    const result = await attack(engine, ...first(4), { method: 'pgd', epsilon: 0.1 });
    const expected = goldenArray('adversarial', 'pgd_eps0.1_first4');
    const near = expected.filter((value, i) => Math.abs(value - result.images[i]) < 1e-3).length;
    expect(near / expected.length).toBeGreaterThan(0.97);
  });

  it('gives the same result for any chunk size', async () => {
    const settings = { method: 'pgd', epsilon: 0.2, steps: 3, randomStart: true, seed: 4 } as const;
    const many = await attack(engine, ...first(150), settings);
    const few = await attack(engine, ...first(20), settings);
    expect([...few.images]).toEqual([...many.images.subarray(0, 20 * 784)]);
    expect([...few.predictions]).toEqual([...many.predictions.subarray(0, 20)]);
  });

  it('reaches a target', async () => {
    const settings = { method: 'pgd', epsilon: 0.3, target: 8, steps: 20, stepSize: 0.03 } as const;
    const result = await attack(engine, ...first(50), settings);
    expect(result.reachedTarget).toBe(result.predictions.filter((prediction) => prediction === 8).length);
    expect(result.reachedTarget).toBeGreaterThan(40);
    const each = await attack(engine, ...first(3), { ...settings, target: Uint8Array.of(3, 8, 7) });
    expect(each.reachedTarget).toBeGreaterThanOrEqual(2);
  });

  it('attacks within an l2 ball', async () => {
    const result = await attack(engine, ...first(50), { method: 'pgd', norm: 'l2', epsilon: 2 });
    for (let i = 0; i < 50; i++) {
      const change = result.images
        .subarray(784 * i, 784 * (i + 1))
        .map((value, k) => value - original[784 * i + k]);
      expect(Math.hypot(...change)).toBeLessThanOrEqual(2);
    }
    expect(result.correctBefore).toBeGreaterThan(45);
    expect(result.correct).toBeLessThan(10);
    const fgsm = await attack(engine, ...first(50), { method: 'fgsm', norm: 'l2', epsilon: 2 });
    expect(fgsm.correct).toBeGreaterThanOrEqual(result.correct);
    expect(fgsm.correct).toBeLessThan(fgsm.correctBefore);
  });

  it('changes nothing at epsilon 0', async () => {
    const result = await attack(engine, ...first(20), { method: 'pgd', epsilon: 0, randomStart: true });
    expect([...result.images]).toEqual([...original.subarray(0, 20 * 784)]);
    expect([...result.predictions]).toEqual([...result.predictionsBefore]);
  });

  it('reports its progress and stops on request', async () => {
    const seen: number[] = [];
    await attack(
      engine,
      ...first(300),
      { method: 'fgsm', epsilon: 0.1 },
      { onProgress: (done) => void seen.push(done) },
    );
    expect(seen).toEqual([128, 256, 300]);
    const controller = new AbortController();
    const stopped = attack(
      engine,
      ...first(300),
      { method: 'pgd', epsilon: 0.1, steps: 2 },
      {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
      },
    );
    await expect(stopped).rejects.toThrow('enough');
  });

  it.each([
    [{ method: 'fgsm', epsilon: -0.1 }, 'expected epsilon from 0 to 1 for linf, found -0.1'],
    [{ method: 'fgsm', epsilon: 1.1 }, 'expected epsilon from 0 to 1 for linf, found 1.1'],
    [{ method: 'fgsm', epsilon: Number.NaN }, 'expected epsilon from 0 to 1 for linf, found NaN'],
    [{ method: 'pgd', norm: 'l2', epsilon: 29 }, 'expected epsilon from 0 to 28 for l2, found 29'],
    [{ method: 'pgd', epsilon: 0.1, steps: 0 }, 'expected a whole number of steps from 1 to 10000, found 0'],
    [{ method: 'pgd', epsilon: 0.1, stepSize: -1 }, 'expected a step size of 0 or more, found -1'],
    [{ method: 'fgsm', epsilon: 0.1, target: 10 }, 'each from 0 to 9, found 10'],
    [{ method: 'fgsm', epsilon: 0.1, target: Uint8Array.of(1) }, 'found 1 targets'],
  ] as const)('refuses %o', async (settings, message) => {
    await expect(attack(engine, ...first(2), settings)).rejects.toThrow(message);
  });

  it('reports a diverged network', async () => {
    const broken = await createWasmEngine({ network: notebookNetwork() });
    const parameters = goldenModel('model_trained');
    parameters['fc.weight'].fill(3e38);
    await broken.load({ parameters });
    await expect(attack(broken, ...first(2), { method: 'fgsm', epsilon: 0.1 })).rejects.toThrow(
      'expected a finite loss',
    );
    await broken.dispose();
  });
});

describe('roundTowardOriginal', () => {
  it('keeps whole bytes and never increases the change', async () => {
    const { images: attacked } = await attack(engine, ...first(30), { method: 'fgsm', epsilon: 0.05 });
    const bytes = roundTowardOriginal(attacked, original);
    bytes.forEach((byte, i) => {
      expect(Math.abs(byte / 255 - original[i])).toBeLessThanOrEqual(0.05 + 1e-7);
      expect(Math.abs(byte / 255 - attacked[i])).toBeLessThan(1 / 255);
    });
    const untouched = original.subarray(0, 784 * 30);
    expect([...roundTowardOriginal(untouched, untouched)]).toEqual([...images.subarray(0, 784 * 30)]);
    // Rounding to nearest would leave the ball: 0.05 is 12.75 / 255.
    expect(roundTowardOriginal(Float32Array.of(0.05), Float32Array.of(0))[0]).toBe(12);
  });
});

describe('robustnessCurve', () => {
  it('falls with epsilon and agrees with single attacks', async () => {
    const points: number[] = [];
    let last = 0;
    const curve = await robustnessCurve(
      engine,
      ...first(200),
      { method: 'fgsm', epsilons: [0, 0.05, 0.1, 0.2] },
      {
        onPoint: ({ epsilon }) => void points.push(epsilon),
        onProgress: (done, count) => {
          expect(count).toBe(800);
          expect(done).toBeGreaterThan(last);
          last = done;
        },
      },
    );
    expect(points).toEqual([0, 0.05, 0.1, 0.2]);
    expect(last).toBe(800);
    const correct = curve.map((point) => point.correct);
    expect(correct).toEqual([...correct].sort((a, b) => b - a));
    const single = await attack(engine, ...first(200), { method: 'fgsm', epsilon: 0.1 });
    expect(curve[2]).toEqual({
      epsilon: 0.1,
      correctBefore: single.correctBefore,
      correct: single.correct,
      correctAs8Bit: single.correctAs8Bit,
      count: 200,
    });
  });

  it('counts how often a targeted attack succeeds, which grows with epsilon', async () => {
    const settings = { method: 'fgsm', epsilons: [0, 0.1, 0.2], target: 3 } as const;
    const curve = await robustnessCurve(engine, ...first(100), settings);
    const reached = curve.map(({ reachedTarget = Number.NaN }) => reachedTarget);
    const single = await attack(engine, ...first(100), { method: 'fgsm', epsilon: 0.1, target: 3 });
    expect(reached[1]).toBe(single.reachedTarget);
    expect(reached[2]).toBeGreaterThan(reached[0]);
  });
});
