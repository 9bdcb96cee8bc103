import { describe, expect, it } from 'vitest';
import { startingImage } from '../../../src/ml/metamers/start.ts';
import { addTotalVariation } from '../../../src/ml/metamers/totalVariation.ts';
import { goldenArray } from '../engines/golden.ts';
import { numbers } from '../engines/referenceNetwork.ts';

describe('startingImage', () => {
  it('draws the noise of the notebook from its seed, bit for bit', () => {
    const start = startingImage({ kind: 'noise', scale: 1, mean: 0, seed: 314 }, 784);
    expect(start).toEqual(Float32Array.from(goldenArray('metamer', 'init')));
  });

  it('scales and moves the noise', () => {
    const noise = startingImage({ kind: 'noise', scale: 0.1, mean: 0.5, seed: 2 }, 10_000);
    const mean = noise.reduce((sum, value) => sum + value / 10_000, 0);
    const deviation = Math.sqrt(noise.reduce((sum, value) => sum + (value - mean) ** 2 / 10_000, 0));
    expect(mean).toBeCloseTo(0.5, 2);
    expect(deviation).toBeCloseTo(0.1, 2);
  });

  it('draws uniform pixels as numpy.random.RandomState(0).rand does', () => {
    const start = startingImage({ kind: 'uniform', seed: 0 }, 3);
    [0.5488135039273248, 0.7151893663724195, 0.6027633760716439].forEach((expected, i) => {
      expect(start[i]).toBe(Math.fround(expected));
    });
  });

  it('starts from a blank image or a copy of an image', () => {
    expect([...startingImage({ kind: 'blank', value: 0.5 }, 3)]).toEqual([0.5, 0.5, 0.5]);
    const image = Float32Array.of(1, 0, 1);
    const start = startingImage({ kind: 'image', image }, 3);
    expect(start).toEqual(image);
    expect(start).not.toBe(image);
    expect(() => startingImage({ kind: 'image', image }, 4)).toThrow(
      'expected an image of 4 pixels, found 3',
    );
    expect(() => startingImage({ kind: 'noise', scale: Number.NaN, mean: 0, seed: 1 }, 4)).toThrow(
      'finite scale',
    );
    expect(() => startingImage({ kind: 'uniform', seed: 1.5 }, 4)).toThrow('whole number as seed, found 1.5');
  });
});

describe('addTotalVariation', () => {
  it('is the mean length of the differences to the right and below', () => {
    const image = Float32Array.of(0, 3, 4, 3);
    // (3, 4); down 0; right -1; nothing.
    expect(addTotalVariation(image, { height: 2, width: 2 }, 2, new Float64Array(4))).toBeCloseTo(
      (2 * (5 + 0 + 1)) / 4,
      3,
    );
  });

  it('has the gradient of finite differences, in every channel', () => {
    const image = numbers(2 * 4 * 5, 1, 3);
    const shape = { height: 4, width: 5 };
    const gradient = new Float64Array(image.length).fill(1);
    addTotalVariation(image, shape, 0.7, gradient);
    const at = (index: number, change: number) => {
      const moved = image.slice();
      moved[index] += change;
      return addTotalVariation(moved, shape, 0.7, new Float64Array(image.length));
    };
    image.forEach((_, i) => {
      expect(gradient[i] - 1).toBeCloseTo((at(i, 2 ** -10) - at(i, -(2 ** -10))) / 2 ** -9, 4);
    });
  });
});
