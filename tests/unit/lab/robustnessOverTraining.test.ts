import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coarseFirst } from '../../../src/lab/robustnessOverTraining.ts';

it('takes the ends first, then the middle, and every step once', () => {
  expect(coarseFirst([0, 1, 2, 3, 4])).toEqual([0, 4, 2, 1, 3]);
  expect(coarseFirst([7])).toEqual([7]);
});

it('loses and repeats no step', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 200 }), (steps) => {
      expect(coarseFirst(steps).sort((a, b) => a - b)).toEqual([...steps].sort((a, b) => a - b));
    }),
  );
});
