import { expect, test } from 'vitest';
import { attackText } from '../../../../src/lab/adversarial/attackText.ts';

const names = ['zero', 'one', 'two', 'three'];

test('a legend names method, norm, steps, step size, start and target', () => {
  expect(
    attackText(
      { method: 'pgd', norm: 'linf', steps: 20, stepSize: 0.02, randomStart: true, target: 3 },
      names,
    ),
  ).toBe('PGD L∞, 20 steps of 0.02 from random points toward three');
  expect(attackText({ method: 'pgd', norm: 'l2', steps: 1, randomStart: false }, names)).toBe(
    'PGD L2, 1 step of 2.5 ε / 1 from the image toward any wrong class',
  );
  expect(attackText({ method: 'fgsm', norm: 'linf', randomStart: false, target: 7 }, names)).toBe(
    'FGSM L∞, one step of ε from the image toward class 7',
  );
});

test('an older saved curve says that these settings were not recorded', () => {
  expect(attackText({ method: 'pgd', norm: 'linf' }, names)).toBe(
    'PGD L∞, steps, start and target not recorded',
  );
  expect(attackText({ method: 'fgsm', norm: 'l2' }, names)).toBe(
    'Normalized gradient L2, start and target not recorded',
  );
});
