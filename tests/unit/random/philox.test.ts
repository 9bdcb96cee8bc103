import { describe, expect, it } from 'vitest';
import { dropoutFactors, dropoutThreshold, philox4x32, seedWords } from '../../../src/ml/random/philox.ts';

const ALL = 0xffffffff;

describe('Philox4x32-10', () => {
  // The known answers of Random123, the authors' own library.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [ALL, ALL, ALL, ALL],
      [ALL, ALL],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('gives the known answer of counter %j', (counter, key, expected) => {
    expect(philox4x32([...counter], key)).toEqual([...expected]);
  });
});

describe('dropout factors', () => {
  const place = { seed: 2 ** 35 + 7, step: 3, layer: 5 };

  it('are each one word of a counter', () => {
    const factors = dropoutFactors(place, 0.25, 10, 3, 4);
    for (const [image, unit] of [
      [0, 0],
      [1, 5],
      [2, 9],
    ]) {
      const word = philox4x32([unit >> 2, 4 + image, 5, 3], [7, 8])[unit & 3];
      expect(factors[image * 10 + unit]).toBe(word >= 2 ** 30 ? Math.fround(4 / 3) : 0);
    }
  });

  it('do not depend on how the batch is divided', () => {
    const whole = dropoutFactors(place, 0.5, 37, 8);
    expect([...whole.subarray(3 * 37)]).toEqual([...dropoutFactors(place, 0.5, 37, 5, 3)]);
  });

  it('drop the requested share, and nothing at rate 0', () => {
    const share = dropoutFactors(place, 0.3, 1000, 40).filter((factor) => factor === 0).length / 40_000;
    // Three standard deviations of 40,000 draws.
    expect(Math.abs(share - 0.3)).toBeLessThan(0.0069);
    expect(dropoutFactors(place, 0, 100, 2).every((factor) => factor === 1)).toBe(true);
    expect(dropoutThreshold(0)).toBe(0);
  });

  it('use both words of a seed', () => {
    expect(seedWords(2 ** 35 + 7)).toEqual([7, 8]);
    expect(seedWords(-1)).toEqual([ALL, ALL]);
  });
});
