import { expect, it } from 'vitest';
import { beyondNote, cellText } from '../../../src/components/geometry/similarityText.ts';

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
  expect(beyondNote([0.2, Number.NaN])).toMatch(/^– No structure/);
});
