import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LossProfile } from '../../../src/components/timeline/lossProfile.ts';
import { placeOf, stepAt } from '../../../src/components/timeline/timelineScale.ts';

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

describe('the loss over the timeline', () => {
  const rounded = (means: Float32Array) => [...means].map((value) => Math.round(value * 1e4) / 1e4);

  it('is the mean logarithm in each column, and NaN where there is no step', () => {
    const losses = Float32Array.of(1, Math.E, Math.E ** 3, 99);
    // Positions of steps 0, 1 and 2 of 4: 0, 0.5 and 0.71.
    expect(rounded(new LossProfile().read({ losses, length: 3 }, 4, 4))).toEqual([
      0,
      Number.NaN,
      2,
      Number.NaN,
    ]);
  });

  it('of a growing run is that of the whole run, also after another run or another axis', () => {
    const losses = Float32Array.from({ length: 300 }, (_, i) => 3 / (1 + i) + 0.1 * (i % 7));
    const whole = new LossProfile().read({ losses, length: 300 }, 337, 50).slice();
    const growing = new LossProfile();
    for (const length of [1, 10, 11, 200, 300]) growing.read({ losses, length }, 337, 50);
    expect(growing.read({ losses, length: 300 }, 337, 50)).toEqual(whole);
    growing.read({ losses: losses.map((value) => 2 * value), length: 300 }, 337, 50);
    growing.read({ losses, length: 300 }, 500, 40);
    growing.read({ losses, length: 20 }, 337, 50);
    expect(growing.read({ losses, length: 300 }, 337, 50)).toEqual(whole);
  });
});
