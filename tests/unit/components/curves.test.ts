import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingHeights, indicesToDraw, smoothed } from '../../../src/components/train/curves.ts';

const curve = fc.float32Array({ minLength: 1, maxLength: 5000, noNaN: true, noDefaultInfinity: true });

describe('indicesToDraw', () => {
  it('returns every index of a short curve', () => {
    expect([...indicesToDraw(new Float32Array(20), 3, 8)]).toEqual([3, 4, 5, 6, 7]);
    expect(indicesToDraw(new Float32Array(0), 0, 0)).toHaveLength(0);
  });

  it('keeps both extremes and the last value, in order, within the budget', () => {
    fc.assert(
      fc.property(curve, fc.integer({ min: 10, max: 400 }), (values, most) => {
        const indices = [...indicesToDraw(values, 0, values.length, most)];
        const drawn = indices.map((i) => values[i]);
        expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
        expect(indices.at(-1)).toBe(values.length - 1);
        // `+ 0` turns -0 into 0.
        expect(Math.min(...drawn) + 0).toBe(Math.min(...values) + 0);
        expect(Math.max(...drawn) + 0).toBe(Math.max(...values) + 0);
        expect(indices.length).toBeLessThanOrEqual(most + 3);
      }),
    );
  });

  it('does not move settled points as the curve grows', () => {
    const values = Float32Array.from({ length: 6000 }, (_, i) => (Math.sin(i * 12.9898) * 43758.5453) % 1);
    const before = [...indicesToDraw(values, 0, 5000)].filter((i) => i < 4096);
    const after = [...indicesToDraw(values, 0, 5600)].filter((i) => i < 4096);
    expect(after).toEqual(before);
  });
});

describe('smoothed', () => {
  it('leaves a constant unchanged from the first value on', () => {
    const average = smoothed(new Float32Array(500).fill(0.25), 500);
    for (const value of average) expect(value).toBeCloseTo(0.25, 6);
  });

  it('stays within the values seen so far and reads no value beyond the length', () => {
    fc.assert(
      fc.property(curve, (values) => {
        const length = Math.ceil(values.length / 2);
        const average = smoothed(values, length);
        expect(average).toHaveLength(length);
        let least = Infinity;
        let largest = -Infinity;
        for (let i = 0; i < length; i++) {
          least = Math.min(least, values[i]);
          largest = Math.max(largest, values[i]);
          const slack = 1e-5 * Math.max(Math.abs(least), Math.abs(largest));
          expect(average[i]).toBeGreaterThanOrEqual(least - slack);
          expect(average[i]).toBeLessThanOrEqual(largest + slack);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the heights of a growing run', () => {
  const values = Float32Array.from({ length: 200 }, (_, i) => Math.cos(i / 9));
  const height = (value: number) => 2 * value + 1;

  it('are those of the whole run, also after another run', () => {
    const growing = new GrowingHeights(height);
    for (const length of [1, 7, 7, 150, 20]) growing.read(values, length);
    growing.read(
      values.map((value) => value + 1),
      30,
    );
    const { raw, smooth } = growing.read(values, 200);
    expect([...raw]).toEqual([...values.map(height)]);
    for (const [i, average] of smoothed(values, 200).entries())
      expect(smooth[i]).toBeCloseTo(height(average), 5);
  });

  it('are computed once for each value', () => {
    let reads = 0;
    const growing = new GrowingHeights((value) => {
      reads++;
      return value;
    });
    for (const length of [50, 100, 100, 200]) growing.read(values, length);
    expect(reads).toBe(2 * 200);
  });
});
