import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { judgeMetamers } from '../../../src/ml/metamers/judge.ts';
import { type NullDistribution, nullDistribution } from '../../../src/ml/metamers/nulls.ts';
import { match, pearson, prepareVector, quantile } from '../../../src/ml/metamers/statistics.ts';
import { structuralSimilarity } from '../../../src/ml/metamers/structuralSimilarity.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { goldenArray, goldenJson, goldenModel, mnist } from '../engines/golden.ts';
import { numbers } from '../engines/referenceNetwork.ts';

interface GoldenMetrics {
  pearson: number;
  ssim_range1_unclipped: number;
  ssim_range1_clipped: number;
  pred: number;
  prob: number;
}
interface GoldenMetamers {
  init_metrics: GoldenMetrics;
  runs: Record<string, { metrics_at: Record<string, GoldenMetrics> }>;
}

const golden = goldenJson<GoldenMetamers>('metamer');
const part = (name: string) => Float32Array.from(goldenArray('metamer', name));
const reference = part('reference');
const size = { height: 28, width: 28 };

describe('match', () => {
  it('is Spearman, Pearson and SNR, ties sharing their mean rank', () => {
    const a = Float32Array.of(1, 2, 2, 5, -1);
    const b = Float32Array.of(0, 4, 1, 9, -3);
    const found = match(prepareVector(a), prepareVector(b));
    // Values from scipy.stats.spearmanr and scipy.stats.pearsonr.
    expect(found.spearman).toBeCloseTo(0.9746794344808963, 12);
    expect(found.pearson).toBeCloseTo(0.968209344603687, 12);
    expect(found.snr).toBeCloseTo(10 * Math.log10(35 / (1 + 4 + 1 + 16 + 4)), 12);
  });

  it('is perfect for equal vectors, and defined for constant ones', () => {
    const values = numbers(50, 3, 1);
    const same = match(prepareVector(values), prepareVector(values.slice()));
    expect(same.spearman).toBeCloseTo(1, 12);
    expect(same.pearson).toBeCloseTo(1, 12);
    expect(same.snr).toBe(Number.POSITIVE_INFINITY);
    const constant = match(prepareVector(values), prepareVector(new Float32Array(50).fill(0.1)));
    expect([constant.spearman, constant.pearson]).toEqual([0, 0]);
    expect(match(prepareVector(values), prepareVector(values.map((v) => -v))).spearman).toBeCloseTo(-1, 12);
  });

  it('does not change under a monotone function (Spearman) or a linear one (Pearson)', () => {
    const [a, b] = [numbers(200, 2, 5), numbers(200, 2, 6)];
    const plain = match(prepareVector(a), prepareVector(b));
    expect(match(prepareVector(a), prepareVector(b.map(Math.exp))).spearman).toBeCloseTo(plain.spearman, 12);
    expect(match(prepareVector(a), prepareVector(b.map((v) => 4 * v + 1))).pearson).toBeCloseTo(
      plain.pearson,
      6,
    );
    expect(pearson(a, b)).toBeCloseTo(plain.pearson, 12);
  });
});

describe('structuralSimilarity', () => {
  it('equals scikit-image’s', () => {
    const clip = (image: Float32Array) => image.map((pixel) => Math.min(1, Math.max(0, pixel)));
    const cases: [Float32Array, GoldenMetrics][] = [[part('init'), golden.init_metrics]];
    for (const layer of ['conv', 'relu', 'fc']) {
      for (const updates of ['1', '100', '1000']) {
        cases.push([part(`${layer}/image_${updates}`), golden.runs[layer].metrics_at[updates]]);
      }
    }
    for (const [image, metrics] of cases) {
      expect(structuralSimilarity(reference, image, size)).toBeCloseTo(metrics.ssim_range1_unclipped, 7);
      expect(structuralSimilarity(reference, clip(image), size)).toBeCloseTo(metrics.ssim_range1_clipped, 7);
    }
  });

  it('is 1 for the same image, symmetric, and rejects images that do not fit', () => {
    const image = part('init');
    expect(structuralSimilarity(image, image, size)).toBeCloseTo(1, 12);
    expect(structuralSimilarity(reference, image, size)).toBe(structuralSimilarity(image, reference, size));
    expect(() => structuralSimilarity(image, image, { height: 28, width: 27 })).toThrow(
      'expected two images of 1 x 28 x 27',
    );
    // Of color images the mean over the channels, and of small images with edge pixels repeated.
    const other = structuralSimilarity(reference, image, size);
    const colors = [image, reference, image].flatMap((plane) => [...plane]);
    const reds = [reference, reference, image].flatMap((plane) => [...plane]);
    expect(structuralSimilarity(reds, colors, { channels: 3, ...size })).toBeCloseTo((2 + other) / 3, 12);
    const small = { height: 10, width: 10 };
    expect(structuralSimilarity(image.subarray(300, 400), image.subarray(300, 400), small)).toBeCloseTo(
      1,
      12,
    );
  });
});

describe('quantile', () => {
  it('is the value that the given share of the sorted values does not exceed', () => {
    const sorted = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
    expect(quantile(sorted, 0.999)).toBe(999);
    expect(quantile(sorted, 0.5)).toBe(500);
    expect(quantile(sorted, 1)).toBe(1000);
  });
});

describe('judgeMetamers', () => {
  let engine: Engine;
  let nulls: NullDistribution;
  beforeAll(async () => {
    engine = await createWasmEngine({ network: notebookNetwork() });
    await engine.load({ parameters: goldenModel('model_trained') });
    nulls = await nullDistribution(
      engine,
      Float32Array.from(mnist('t10k', 24).images, (byte) => byte / 255),
    );
  });
  const judge = async (layer: string, image: Float32Array) =>
    (await judgeMetamers(engine, reference, image, { layer, nulls }))[0];

  it('compares all pairs of different images at every layer', () => {
    expect(nulls.pairs).toBe(276);
    expect(Object.keys(nulls.layers)).toEqual(['input', 'conv', 'relu', 'fc', 'logSoftmax']);
    for (const measures of Object.values(nulls.layers)) {
      expect(measures.pearson.length).toBe(276);
      expect([...measures.snr]).toEqual([...measures.snr].sort((a, b) => a - b));
      expect(measures.spearman[275]).toBeLessThan(1);
    }
  });

  it.each(['conv', 'relu', 'fc'])('accepts the golden %s metamer after 1000 iterations', async (layer) => {
    const judgement = await judge(layer, part(`${layer}/image_1000`));
    const metrics = golden.runs[layer].metrics_at['1000'];
    expect(judgement.failures).toEqual([]);
    expect(judgement.isMetamer).toBe(true);
    expect(judgement.pixelCorrelation).toBeCloseTo(metrics.pearson, 6);
    expect(judgement.similarity).toBeCloseTo(metrics.ssim_range1_clipped, 7);
    expect(judgement.metamer.prediction).toBe(metrics.pred);
    expect(judgement.metamer.probabilities[metrics.pred]).toBeCloseTo(metrics.prob, 5);
    expect(judgement.layers.map((each) => each.layer)).toEqual(['input', 'conv', 'relu', 'fc', 'logSoftmax']);
  });

  it('finds that a late layer’s metamer fails at an early layer, but an early layer’s passes at all', async () => {
    const late = await judge('conv', part('fc/image_1000'));
    expect(late.isMetamer).toBe(false);
    expect(late.failures[0]).toMatch(
      /^Spearman correlation at conv is 0\.\d+, within what different images reach/,
    );
    const early = await judge('fc', part('conv/image_1000'));
    expect(early.isMetamer).toBe(true);
  });

  it('names another class', async () => {
    const { failures, reference: seen, metamer } = await judge('fc', part('init'));
    expect([seen.prediction, metamer.prediction]).toEqual([5, 2]);
    expect(failures.at(-1)).toBe("the network sees class 2, not the reference's 5");
    expect(failures.length).toBe(4);
  });

  it('judges many at once, and the reference itself', async () => {
    const twice = Float32Array.from([...reference, ...reference]);
    const both = Float32Array.from([...reference, ...part('init')]);
    const [same, other] = await judgeMetamers(engine, twice, both, { layer: 'relu', nulls });
    expect(same.isMetamer).toBe(true);
    expect(same.similarity).toBeCloseTo(1, 12);
    expect(other.isMetamer).toBe(false);
  });

  it('names the classes of other data', async () => {
    const classNames = ['a', 'b', 'bag', 'd', 'e', 'shoe'];
    const image = part('init');
    const [{ failures, metamer }] = await judgeMetamers(engine, reference, image, {
      layer: 'relu',
      nulls,
      classNames,
    });
    const seen = classNames[metamer.prediction] ?? metamer.prediction;
    expect(failures.at(-1)).toBe(`the network sees class ${seen}, not the reference's shoe`);
    // Classes with the same name still differ.
    const alike = { layer: 'relu', nulls, classNames: Array<string>(10).fill('a') };
    const [same] = await judgeMetamers(engine, reference, image, alike);
    expect(same.failures).toHaveLength(failures.length);
  });

  it('rejects images that do not fit', async () => {
    await expect(nullDistribution(engine, reference)).rejects.toThrow('at least 2 whole images, found 1');
    await expect(judge('nowhere', reference)).rejects.toThrow('expected a layer among input, conv');
    await expect(judge('fc', reference.subarray(1))).rejects.toThrow(
      'expected as many metamers as references',
    );
  });
});
