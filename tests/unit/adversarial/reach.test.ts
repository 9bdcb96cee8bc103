import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortReach } from '../../../src/ml/adversarial/reach.ts';

test('steps that reach epsilon cause no warning', () => {
  expect(shortReach({ steps: 40, stepSize: 0.01, epsilon: 0.3 })).toBeUndefined();
  // 10 x 0.03 differs from 0.3 only in the last digit.
  expect(shortReach({ steps: 10, stepSize: 0.03, epsilon: 0.3 })).toBeUndefined();
  expect(shortReach({ steps: 1, stepSize: 0, epsilon: 0 })).toBeUndefined();
});

test('for steps that fall short, the step size of Madry et al. is offered', () => {
  expect(shortReach({ steps: 20, stepSize: 0.01, epsilon: 0.3 })).toEqual({ reach: 0.2, stepSize: 0.038 });
  expect(shortReach({ steps: 1, stepSize: 0.01, epsilon: 0.3 })?.stepSize).toBe(0.3);
});

test('the offered step size always reaches epsilon', () => {
  const size = fc.double({ min: 1e-3, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      size,
      (steps, stepSize, epsilon) => {
        const short = shortReach({ steps, stepSize, epsilon });
        if (!short) return;
        expect(short.reach).toBeLessThan(epsilon);
        expect(shortReach({ steps, stepSize: short.stepSize, epsilon })).toBeUndefined();
        expect(short.stepSize).toBeLessThanOrEqual(1);
      },
    ),
  );
});
