import { expect, it } from 'vitest';
import { attackText } from '../../../../src/lab/adversarial/attackText.ts';

it('one step in L2 follows the normalized gradient, not the fast gradient sign', () => {
  const manner = { method: 'fgsm', randomStart: false } as const;
  expect(attackText({ ...manner, norm: 'linf' }, [])).toMatch(/^FGSM L∞/);
  expect(attackText({ ...manner, norm: 'l2' }, [])).toMatch(/^Normalized gradient L2/);
});
