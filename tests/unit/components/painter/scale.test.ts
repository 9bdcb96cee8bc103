import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeOf, type Scale, shareOf, valueAt } from '../../../../src/components/painter/scale.ts';

const spreads = ['linear', 'log', 'root'] as const;

describe('a scale', () => {
  test('places its ends at its pixels, also downward', () => {
    for (const spread of spreads) {
      const down: Scale = { spread, low: 0, high: 2, start: 150, end: 10 };
      const [low, high] = spread === 'log' ? [1, 100] : [0, 2];
      expect(placeOf(down, low)).toBe(150);
      expect(placeOf(down, high)).toBe(10);
    }
  });

  test('spreads values evenly, by their logarithm or by their square root', () => {
    expect(shareOf({ spread: 'linear', low: 2, high: 6 }, 3)).toBe(0.25);
    expect(shareOf({ spread: 'log', low: -2, high: 2 }, 1)).toBe(0.5);
    expect(shareOf({ spread: 'root', low: 0, high: 100 }, 4)).toBe(0.2);
  });

  test('finds the value at a position', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const low = fc.double({ min: -3, max: 3, noNaN: true });
    const extent = fc.double({ min: 0.1, max: 4, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...spreads), low, extent, share, (spread, low, extent, share) => {
        const axis = { spread, low, high: low + extent };
        expect(shareOf(axis, valueAt(axis, share))).toBeCloseTo(share, 6);
      }),
    );
  });

  test('has no place for a value without a logarithm or a root', () => {
    const scale: Scale = { spread: 'log', low: -2, high: 2, start: 0, end: 100 };
    expect(placeOf(scale, 0)).toBe(Number.NEGATIVE_INFINITY);
    expect(placeOf(scale, -1)).toBeNaN();
    expect(placeOf({ ...scale, spread: 'root' }, -3)).toBeNaN();
  });
});
