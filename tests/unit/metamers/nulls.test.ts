import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { clippedToUnit, judgeMetamers } from '../../../src/ml/metamers/judge.ts';
import { type NullDistribution, nullDistribution } from '../../../src/ml/metamers/nulls.ts';
import { match, prepareVector, quantile } from '../../../src/ml/metamers/statistics.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { goldenArray, goldenModel, mnist } from '../engines/golden.ts';

const COUNT = 60;
const images = Float32Array.from(mnist('t10k', COUNT).images, (byte) => byte / 205);
const imageAt = (i: number) => images.subarray(784 * i, 784 * (i + 1));

describe('nullDistribution of more than 41 images', () => {
  let engine: Engine;
  let nulls: NullDistribution;
  beforeAll(async () => {
    engine = await createWasmEngine({ network: notebookNetwork() });
    await engine.load({ parameters: goldenModel('model_trained') });
    nulls = await nullDistribution(engine, images);
  });

  it('compares each image with the 20 that follow it', () => {
    expect([nulls.images, nulls.pairs]).toEqual([COUNT, 20 * COUNT]);
    const wanted: number[] = [];
    for (let i = 0; i < COUNT; i++) {
      for (let k = 1; k <= 20; k++) {
        wanted.push(match(prepareVector(imageAt(i)), prepareVector(imageAt((i + k) % COUNT))).pearson);
      }
    }
    expect([...nulls.layers.input.pearson]).toEqual(wanted.sort((a, b) => a - b));
  });

  it('has errors of its thresholds, and the number of natural pairs that pass', () => {
    for (const layer of ['conv', 'relu', 'fc']) {
      const { spearman, pearson, snr } = nulls.errors[layer];
      expect(nulls.thresholds[layer].pearson).toBe(quantile(nulls.layers[layer].pearson, 0.999));
      for (const error of [spearman, pearson, snr]) expect(error).toBeGreaterThan(0);
      expect(pearson).toBeLessThan(0.1);
      const { passingPairs, passingImages } = nulls.natural[layer];
      // At most one pair in a thousand exceeds each threshold.
      expect(passingPairs).toBeLessThanOrEqual(0.001 * nulls.pairs);
      expect(passingImages).toBeLessThanOrEqual(2 * passingPairs);
    }
  });

  it('counts the pairs that match at least as well for each verdict, and also judges the clipped image', async () => {
    const reference = Float32Array.from(goldenArray('metamer', 'reference'));
    const metamer = Float32Array.from(goldenArray('metamer', 'conv/image_1000'));
    const clipped = clippedToUnit(metamer) ?? metamer;
    expect(clipped).not.toEqual(metamer);
    expect(clippedToUnit(clipped)).toBeUndefined();
    const [judged] = await judgeMetamers(engine, reference, metamer, { layer: 'conv', nulls });
    const [again] = await judgeMetamers(engine, reference, clipped, { layer: 'conv', nulls });
    const conv = judged.layers.find(({ layer }) => layer === 'conv');
    expect(conv?.reachedBy).toEqual({ spearman: 0, pearson: 0, snr: 0 });
    expect(judged.nulls).toEqual({ images: COUNT, pairs: 20 * COUNT, ...nulls.natural.conv });
    expect(again.similarity).toBeCloseTo(judged.similarity, 12);
  });
});
