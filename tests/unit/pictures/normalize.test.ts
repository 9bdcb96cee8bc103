import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Raster } from '../../../src/ml/pictures/gray.ts';
import type { PictureErrorKind } from '../../../src/ml/pictures/pictureError.ts';
import { type ReadOptions, readDigits } from '../../../src/ml/pictures/read.ts';

/** The digit that stands out. */
function normalizePicture(raster: Raster, options?: ReadOptions) {
  const { digits, chosen, inverted } = readDigits(raster, options);
  return { ...digits[chosen], inverted };
}

const images = gunzipSync(readFileSync('public/mnist/t10k-images-idx3-ubyte.gz')).subarray(16);
const digit = (index: number) => images.subarray(index * 784, (index + 1) * 784);

type Pixel = (x: number, y: number) => [red: number, green: number, blue: number, alpha: number];
const raster = (width: number, height: number, pixel: Pixel): Raster => {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(pixel(x, y), 4 * (y * width + x));
  }
  return { data, width, height };
};
const gray = (value: number): [number, number, number, number] => [value, value, value, 255];

/** A test digit enlarged by an integer factor, somewhere in a larger picture. */
const embedded = (
  index: number,
  { scale = 1, left = 0, top = 0, width = 28, height = 28, paint = gray } = {},
): Raster =>
  raster(width, height, (x, y) => {
    const column = Math.floor((x - left) / scale);
    const row = Math.floor((y - top) / scale);
    const inside = column >= 0 && column < 28 && row >= 0 && row < 28;
    return paint(inside ? digit(index)[row * 28 + column] : 0);
  });

/** Mean absolute difference from the test digit, in gray levels of 255. */
const difference = (pixels: Float32Array, index: number) =>
  pixels.reduce((sum, value, i) => sum + Math.abs(value * 255 - digit(index)[i]), 0) / 784;

/** MNIST itself cut these off at the field's edge, so they are only 19 pixels long. */
const CUT_OFF = [4530, 9300, 9302];
/** These have specks beside the digit, or two pieces far apart. */
const DUSTY = [
  3552, 5136, 5608, 5642, 5676, 6554, 6572, 6574, 6712, 6861, 7068, 7242, 7507, 7921, 8020, 8120, 8259, 8439,
  8532, 8759, 9244, 9471, 9612,
];

const picture = fc.record({
  index: fc.nat(9999).filter((index) => ![...CUT_OFF, ...DUSTY].includes(index)),
  scale: fc.integer({ min: 1, max: 6 }),
  left: fc.nat(60),
  top: fc.nat(60),
});
const sized = (scale: number) => ({ width: 28 * scale + 60, height: 28 * scale + 60 });

// Within 1, because some digits reach only about 252 and return with 255.
describe('normalizePicture on MNIST itself', () => {
  it('restores the original from any position and size', () => {
    fc.assert(
      fc.property(picture, ({ index, scale, left, top }) => {
        const { pixels, inverted } = normalizePicture(embedded(index, { scale, left, top, ...sized(scale) }));
        expect(inverted).toBe(false);
        expect(difference(pixels, index)).toBeLessThan(1);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('restores the original from dark ink on paper', () => {
    fc.assert(
      fc.property(picture, ({ index, scale, left, top }) => {
        const paint = (ink: number) => gray(255 - ink);
        const { pixels, inverted } = normalizePicture(
          embedded(index, { scale, left, top, ...sized(scale), paint }),
        );
        expect(inverted).toBe(true);
        expect(difference(pixels, index)).toBeLessThan(1);
      }),
      { numRuns: 15, seed: 2 },
    );
  });

  it.each<[string, (ink: number) => [number, number, number, number]]>([
    ['of low contrast', (ink) => gray(200 - ink / 3)],
    ['blue on yellow', (ink) => [250 - ink * 0.9, 240 - ink * 0.8, 190 + ink * 0.1, 255]],
  ])('gives back nearly every original from ink %s', (_, paint) => {
    // Faint ink is rounded away, which moves a few digits by a pixel.
    let close = 0;
    for (let index = 0; index < 200; index++) {
      const { pixels, inverted } = normalizePicture(
        embedded(index, { scale: 2, width: 70, height: 80, paint }),
      );
      expect(inverted).toBe(true);
      if (difference(pixels, index) < 1) close++;
    }
    expect(close).toBeGreaterThanOrEqual(195);
  });

  it('restores the original from black or white ink on a transparent background', () => {
    for (const color of [0, 255]) {
      for (let index = 0; index < 20; index++) {
        const paint = (ink: number): [number, number, number, number] => [color, color, color, ink];
        const { pixels, inverted } = normalizePicture(
          embedded(index, { scale: 3, width: 90, height: 100, paint }),
        );
        expect(inverted).toBe(color === 0);
        expect(difference(pixels, index)).toBeLessThan(1);
      }
    }
  });

  it('is close to the original despite noise or a small size', () => {
    let seed = 1;
    const noise = () => {
      seed = (seed * 16807) % 2147483647;
      return (seed / 2147483647 - 0.5) * 24;
    };
    for (let index = 0; index < 20; index++) {
      const noisy = embedded(index, {
        scale: 5,
        width: 200,
        height: 180,
        paint: (ink) => gray(220 - 0.7 * ink + noise()),
      });
      expect(difference(normalizePicture(noisy).pixels, index)).toBeLessThan(6);
    }
  });

  it('does not change a picture of 28 x 28 without normalization', () => {
    for (let index = 0; index < 20; index++) {
      const { pixels } = normalizePicture(embedded(index), { normalize: false });
      expect(difference(pixels, index)).toBeLessThan(1e-4);
    }
  });
});

describe('normalizePicture', () => {
  const bar = (width: number, height: number) =>
    raster(400, 300, (x, y) => gray(x >= 250 && x < 250 + width && y >= 20 && y < 20 + height ? 255 : 0));

  it('keeps proportions: a tall bar stays tall', () => {
    const { pixels, box } = normalizePicture(bar(20, 200));
    expect(box).toEqual({ left: 250, top: 20, width: 20, height: 200 });
    const columns = new Set<number>();
    const rows = new Set<number>();
    pixels.forEach((value, i) => {
      if (value > 0) columns.add(i % 28) && rows.add(Math.floor(i / 28));
    });
    expect([columns.size, rows.size]).toEqual([2, 20]);
  });

  it('keeps hairlines of a large picture bright', () => {
    const { pixels } = normalizePicture(bar(1, 250));
    expect(Math.max(...pixels)).toBe(1);
  });

  it('only scales to fit without normalization', () => {
    const wide = raster(56, 28, (x) => gray(x < 28 ? 255 : 0));
    const { pixels, inverted, box } = normalizePicture(wide, { normalize: false, invert: false });
    expect(inverted).toBe(false);
    expect(box).toEqual({ left: 0, top: 0, width: 56, height: 28 });
    expect(pixels[6 * 28]).toBe(0);
    expect(pixels[7 * 28]).toBe(1);
    expect(pixels[20 * 28 + 13]).toBe(1);
    expect(pixels[20 * 28 + 14]).toBe(0);
    expect(normalizePicture(wide, { normalize: false, invert: true }).pixels[7 * 28]).toBe(0);
  });

  it('inverts on request', () => {
    const picture = embedded(3, { scale: 2, width: 80, height: 80 });
    const forced = normalizePicture(picture, { normalize: false, invert: true });
    expect(forced.inverted).toBe(true);
    expect(forced.pixels[0]).toBe(1);
    expect(() => normalizePicture(picture, { invert: true })).toThrow('switch inverting');
  });

  it('uses the paper as the background of a cut-out photograph', () => {
    // Rounded corners are transparent; the paper is white, the ink black.
    const photo = raster(100, 100, (x, y) => {
      const corner = Math.min(x, 99 - x) + Math.min(y, 99 - y) < 20;
      const ink = x > 45 && x < 55 && y > 20 && y < 80;
      return [ink ? 0 : 255, ink ? 0 : 255, ink ? 0 : 255, corner ? 0 : 255];
    });
    const { inverted, box } = normalizePicture(photo);
    expect(inverted).toBe(true);
    expect(box).toEqual({ left: 46, top: 21, width: 9, height: 59 });
  });

  it.each<[string, Raster, PictureErrorKind]>([
    ['a blank page', raster(50, 50, () => gray(255)), 'blank'],
    ['a transparent picture', raster(50, 50, () => [10, 20, 30, 0]), 'transparent'],
    ['a tiny picture', raster(3, 5, (x) => gray(x * 100)), 'tooSmall'],
    ['a speck', raster(50, 50, (x, y) => gray(x === 20 && y === 20 ? 255 : 0)), 'tooSmall'],
    ['no pixels', { data: new Uint8ClampedArray(0), width: 0, height: 0 }, 'damaged'],
    ['missing pixels', { data: new Uint8ClampedArray(8), width: 2, height: 2 }, 'damaged'],
  ])('refuses %s', (_, bad, kind) => {
    expect(() => normalizePicture(bad)).toThrow(expect.objectContaining({ name: 'PictureError', kind }));
  });

  it('returns pixels in [0, 1] or a clear error for any picture', () => {
    const side = fc.integer({ min: 1, max: 24 });
    const options = fc.record({
      normalize: fc.boolean(),
      invert: fc.constantFrom('auto' as const, true, false),
    });
    fc.assert(
      fc.property(
        side,
        side,
        fc.infiniteStream(fc.constantFrom(0, 3, 128, 252, 255)),
        options,
        (w, h, stream, o) => {
          const data = Uint8ClampedArray.from({ length: w * h * 4 }, () => stream.next().value);
          try {
            const { pixels } = normalizePicture({ data, width: w, height: h }, o);
            expect(pixels).toHaveLength(784);
            expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
          } catch (error) {
            expect(error).toMatchObject({ name: 'PictureError' });
          }
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });
});
