import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { randomOrder, skipEvaluationDraw, trainingOrder } from '../../../src/ml/random/order.ts';
import { checkInitial, deeperNames } from '../engines/deeperGolden.ts';

interface Golden {
  init: Record<string, { first8: number[]; last4: number[]; sha256_f32le: string }>;
  epochs: { first16: number[]; last8: number[]; sha256_i32le_59968: string }[];
}
const golden: Golden = JSON.parse(readFileSync('tests/golden/rng_seed111.json', 'utf8'));

const sha256 = (values: Float32Array | Int32Array) =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

it.each(deeperNames)('gives PyTorch’s initial parameters of golden %s', (name) => {
  checkInitial(name);
});

describe('the stream of seed 111', () => {
  const generator = new Mt19937(111);
  const parameters = initialParameters(notebookNetwork(), generator);

  it.each(Object.keys(golden.init))('gives PyTorch’s initial %s', (name) => {
    const { first8, last4, sha256_f32le } = golden.init[name];
    expect([...parameters[name].subarray(0, 8)]).toEqual(first8);
    expect([...parameters[name].subarray(-4)]).toEqual(last4);
    expect(sha256(parameters[name])).toBe(sha256_f32le);
  });

  it('gives PyTorch’s ten training orders', () => {
    expect(Object.keys(parameters)).toEqual(Object.keys(golden.init));
    expect(golden.epochs).toHaveLength(10);
    for (const epoch of golden.epochs) {
      const used = trainingOrder(generator, 60_000).subarray(0, 59_968);
      expect([...used.subarray(0, 16)]).toEqual(epoch.first16);
      expect([...used.subarray(-8)]).toEqual(epoch.last8);
      expect(sha256(used)).toBe(epoch.sha256_i32le_59968);
      skipEvaluationDraw(generator);
    }
  });
});

describe('Mt19937', () => {
  it('gives the published outputs of seed 5489', () => {
    const generator = new Mt19937(5489);
    expect([generator.random(), generator.random(), generator.random()]).toEqual([
      3499211612, 581869302, 3890346734,
    ]);
    for (let i = 3; i < 9999; i++) generator.random();
    // C++ requires this 10,000th output of std::mt19937.
    expect(generator.random()).toBe(4123659995);
  });

  it('continues from a state saved at any point', () => {
    for (const drawn of [0, 1, 623, 624, 625, 5000]) {
      const generator = new Mt19937(7);
      for (let i = 0; i < drawn; i++) generator.random();
      const copy = Mt19937.fromState(structuredClone(generator.state()));
      for (let i = 0; i < 1300; i++) expect(copy.random()).toBe(generator.random());
    }
  });

  it('reads two outputs as one word, with the first as its high half', () => {
    const words = new Mt19937(3);
    const { high, low } = new Mt19937(3).random64();
    expect([high, low]).toEqual([words.random(), words.random()]);
  });

  it('draws uniform and normal values with the right moments', () => {
    const generator = new Mt19937(1);
    const count = 100_000;
    let [mean, square, fourth, uniform] = [0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const value = generator.gaussian();
      mean += value / count;
      square += value ** 2 / count;
      fourth += value ** 4 / count;
      uniform += generator.uniform() / count;
    }
    // Five standard errors each.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    expect(Math.abs(fourth - 3)).toBeLessThan(5 * Math.sqrt(96 / count));
    expect(Math.abs(uniform - 0.5)).toBeLessThan(5 / Math.sqrt(12 * count));
  });

  it('rejects an invalid seed and an invalid state', () => {
    expect(() => new Mt19937(0.5)).toThrow('expected a whole number as seed, found 0.5');
    const { key } = new Mt19937(1).state();
    expect(() => Mt19937.fromState({ key: key.slice(1), index: 0 })).toThrow('624 words, found 623');
    expect(() => Mt19937.fromState({ key, index: 625 })).toThrow('index from 0 to 624');
  });
});

describe('randomOrder', () => {
  it('is a permutation, even of no element and of one element', () => {
    for (const count of [0, 1, 2, 1000]) {
      expect([...randomOrder(9, count)].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
    }
  });
});
