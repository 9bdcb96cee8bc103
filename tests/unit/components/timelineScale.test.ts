import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lossProfile, placeOf, stepAt } from '../../../src/components/timeline/timelineScale.ts';

describe('the scale of the timeline', () => {
  it('maps steps from the first to the last and back', () => {
    expect([placeOf(0, 9370), placeOf(9370, 9370), placeOf(20_000, 9370)]).toEqual([0, 1, 1]);
    expect([stepAt(-1, 9370), stepAt(2, 9370)]).toEqual([0, 9370]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (end, place) => {
          expect(placeOf(stepAt(place, end), end)).toBeCloseTo(place, 9);
        },
      ),
    );
  });

  it('gives early steps more room', () => {
    expect(placeOf(94, 9370)).toBeCloseTo(0.1, 2);
  });
});

describe('lossProfile', () => {
  it('is the mean logarithm in each column, and NaN where there is no step', () => {
    const profile = lossProfile(Float32Array.of(1, Math.E, Math.E ** 3, 99), 3, 4, 4);
    // Positions of steps 0, 1 and 2 of 4: 0, 0.5 and 0.71.
    expect([...profile].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([
      0,
      Number.NaN,
      2,
      Number.NaN,
    ]);
  });
});
