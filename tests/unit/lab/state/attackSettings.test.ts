import { expect, test } from 'vitest';
import { batchAttackOf } from '../../../../src/lab/state/adversarialTraining.ts';
import { checkEpsilon } from '../../../../src/lab/state/attackSettings.ts';

test('FGSM is one step of size epsilon from the image itself', () => {
  expect(batchAttackOf({ method: 'fgsm', epsilon: 0.1, steps: 9, stepSize: 1, randomStart: true })).toEqual({
    norm: 'linf',
    epsilon: 0.1,
    steps: 1,
    stepSize: 0.1,
    randomStart: false,
    seed: 0,
  });
});

test('PGD fills in seven steps of a quarter of epsilon from a random start', () => {
  expect(batchAttackOf({ epsilon: 0.1 })).toEqual({
    norm: 'linf',
    epsilon: 0.1,
    steps: 7,
    stepSize: 0.025,
    randomStart: true,
    seed: 0,
  });
  expect(batchAttackOf('none')).toBe('none');
});

test.each([
  [{ epsilon: 1.1 }, /epsilon from 0 to 1 for linf, found 1.1/],
  [{ epsilon: Number.NaN }, /found NaN/],
  [{ epsilon: 0.1, steps: 0 }, /steps from 1 to 100, found 0/],
  [{ epsilon: 0.1, stepSize: -1 }, /step size from 0/],
  [{ epsilon: 0.1, seed: 1.5 }, /seed/],
])('refuses %o', (asked, message) => {
  expect(() => batchAttackOf(asked)).toThrow(message);
});

test('L2 radii extend to the length of the largest change', () => {
  const digit = { channels: 1, height: 28, width: 28 };
  expect(checkEpsilon(28, 'l2', digit)).toBe(28);
  expect(() => checkEpsilon(28.1, 'l2', digit)).toThrow(/0 to 28 for l2/);
  const color = { channels: 3, height: 32, width: 32 };
  expect(checkEpsilon(55.4, 'l2', color)).toBe(55.4);
  expect(() => checkEpsilon(55.5, 'l2', color)).toThrow(/0 to 55.42 for l2/);
  expect(() => batchAttackOf({ norm: 'l2', epsilon: 30 }, digit)).toThrow(/0 to 28 for l2/);
  expect(batchAttackOf({ norm: 'l2', epsilon: 30 }, color)).toMatchObject({ epsilon: 30 });
});
