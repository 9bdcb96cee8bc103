import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attackBatch,
  attackStep,
  pixelBounds,
  randomStart,
  uniformAt,
} from '../../../src/ml/perturbations/step.ts';

const pixel = fc.float({ min: 0, max: 1, noNaN: true });
const image = (length: number) =>
  fc.array(pixel, { minLength: length, maxLength: length }).map((values) => Float32Array.from(values));

const epsilons = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1, noNaN: true }));

/** The Euclidean length, computed in float64. */
const changes = (a: Float32Array, b: Float32Array) => Array.from(a, (value, i) => value - b[i]);
const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...changes(a, b));

describe('uniformAt', () => {
  it('is uniform and depends on seed and index', () => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      counts[Math.floor(uniformAt(3, i) * 10)] += 1;
    }
    // Chi squared with 9 degrees of freedom exceeds 27.9 once in a thousand.
    expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(27.9);
    expect(uniformAt(3, 5)).toBe(uniformAt(3, 5));
    expect(uniformAt(3, 5)).not.toBe(uniformAt(4, 5));
  });
});

describe('pixelBounds', () => {
  it('never leaves epsilon or [0, 1], not even by rounding', () => {
    fc.assert(
      fc.property(image(4), epsilons, (original, epsilon) => {
        const { lower, upper } = pixelBounds(original, { norm: 'linf', epsilon });
        original.forEach((value, i) => {
          expect(lower[i]).toBeGreaterThanOrEqual(0);
          expect(upper[i]).toBeLessThanOrEqual(1);
          expect(value - lower[i]).toBeLessThanOrEqual(epsilon);
          expect(upper[i] - value).toBeLessThanOrEqual(epsilon);
          expect(upper[i] - Math.min(1, value + epsilon)).toBeGreaterThan(-1e-7);
          expect(lower[i] - Math.max(0, value - epsilon)).toBeLessThan(1e-7);
        });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('attackStep', () => {
  it('moves by the gradient sign, then clips (linf)', () => {
    const original = Float32Array.of(0.5, 0.5, 0.5, 0.98);
    const images = original.slice();
    const ball = { norm: 'linf', epsilon: 0.25 } as const;
    const step = () =>
      attackStep(
        images,
        original,
        Float32Array.of(3, -1e-9, 0, 1),
        4,
        { ...ball, stepSize: 0.125 },
        pixelBounds(original, ball),
      );
    step();
    expect([...images]).toEqual([0.625, 0.375, 0.5, 1]);
    step();
    step();
    expect([...images]).toEqual([0.75, 0.25, 0.5, 1]);
  });

  it('moves along the gradient and stays in the ball, image by image (l2)', () => {
    const original = Float32Array.of(0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
    const images = original.slice();
    const ball = { norm: 'l2', epsilon: 0.2 } as const;
    // The second image's gradient is zero, so that image does not change.
    const gradient = Float32Array.of(3, 4, 0, 0, 0, 0);
    attackStep(images, original, gradient, 3, { ...ball, stepSize: 0.1 }, pixelBounds(original, ball));
    expect(images[0]).toBeCloseTo(0.56, 6);
    expect(images[1]).toBeCloseTo(0.58, 6);
    expect([...images.subarray(2)]).toEqual([0.5, 0.5, 0.5, 0.5]);
    for (let i = 0; i < 3; i++) {
      attackStep(images, original, gradient, 3, { ...ball, stepSize: 0.1 }, pixelBounds(original, ball));
    }
    expect(images[0]).toBeCloseTo(0.62, 5);
    expect(distance(images, original)).toBeLessThanOrEqual(0.2);
  });
});

describe('attackBatch', () => {
  it.each(['linf', 'l2'] as const)(
    'stays within epsilon and [0, 1] whatever the gradient (%s)',
    async (norm) => {
      await fc.assert(
        fc.asyncProperty(
          image(12),
          fc.array(fc.float({ noDefaultInfinity: true, noNaN: true }), { minLength: 12, maxLength: 12 }),
          epsilons,
          fc.integer(),
          async (original, gradient, epsilon, seed) => {
            const images = await attackBatch({
              norm,
              epsilon,
              original,
              pixels: 6,
              steps: 3,
              stepSize: 0.3,
              randomStart: true,
              seed,
              gradient: async () => Float32Array.from(gradient),
            });
            expect(Math.min(...images)).toBeGreaterThanOrEqual(0);
            expect(Math.max(...images)).toBeLessThanOrEqual(1);
            for (const start of [0, 6]) {
              const [a, b] = [images.subarray(start, start + 6), original.subarray(start, start + 6)];
              const size = norm === 'linf' ? Math.max(...changes(a, b).map(Math.abs)) : distance(a, b);
              expect(size).toBeLessThanOrEqual(epsilon);
            }
          },
        ),
        { numRuns: 500 },
      );
    },
  );
});

describe('randomStart', () => {
  it.each(['linf', 'l2'] as const)(
    'draws the same for chunks as for one run, other for another seed (%s)',
    (norm) => {
      const original = new Float32Array(40).fill(0.5);
      const draw = (seed: number, part = original, first = 0) => {
        const images = part.slice();
        randomStart(images, part, 10, { norm, epsilon: 0.3 }, seed, first);
        return images;
      };
      const whole = draw(8);
      expect([...draw(8, original.subarray(20), 2)]).toEqual([...whole.subarray(20)]);
      expect([...draw(9)]).not.toEqual([...whole]);
      expect([...whole]).not.toEqual([...original]);
    },
  );

  it('fills the ball evenly (l2): the radius of half the draws is below epsilon / 2^(1/3) in 3 dimensions', () => {
    const original = new Float32Array(3 * 4000).fill(0.5);
    const images = original.slice();
    randomStart(images, original, 3, { norm: 'l2', epsilon: 0.4 }, 1);
    let inner = 0;
    for (let i = 0; i < 4000; i++) {
      const part = [images, original].map((values) => values.subarray(3 * i, 3 * i + 3));
      inner += distance(part[0], part[1]) < 0.4 / 2 ** (1 / 3) ? 1 : 0;
    }
    expect(inner / 4000).toBeCloseTo(0.5, 1);
  });
});
