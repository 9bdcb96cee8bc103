import { expect, it } from 'vitest';
import {
  beyondNote,
  cellText,
  intervalText,
  matrixNote,
} from '../../../src/components/geometry/similarityText.ts';

it('marks similarities beyond 0 and 1 and explains them', () => {
  expect([0.5, 1, 1.004, 1.02, -0.004, -0.03, Number.NaN].map(cellText)).toEqual([
    '0.50',
    '1.00',
    '1.00',
    '1.02 *',
    '0.00',
    '−0.03 *',
    '–',
  ]);
  expect(beyondNote([0.2, 1])).toBeUndefined();
  expect(beyondNote([0.2, 1.02])).toMatch(/^\* Beyond 0 or 1: /);
  expect(beyondNote([0.2, Number.NaN])).toMatch(/^– The method cannot tell: /);
});

it('gives a similarity half of its 95 % interval over the images, except where none is known or needed', () => {
  // Student's quantile of four degrees of freedom is 2.776, of 199 1.972.
  expect(intervalText(0.1, 5)).toBe('±0.28');
  expect(intervalText(0.1, 200)).toBe('±0.20');
  expect(intervalText(0.001, 200)).toBe('±<0.01');
  expect([0, Number.NaN].map((error) => intervalText(error, 200))).toEqual([undefined, undefined]);
  expect(matrixNote('ten images')).toMatch(
    /of ten images: .* 95 % interval over the choice of images.* does not cover/,
  );
});
