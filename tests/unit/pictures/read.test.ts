import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { componentsOf } from '../../../src/ml/pictures/components.ts';
import { boxExtreme, boxMean, dilated } from '../../../src/ml/pictures/filters.ts';
import type { Raster } from '../../../src/ml/pictures/gray.ts';
import { findPage } from '../../../src/ml/pictures/page.ts';
import { estimatePaper } from '../../../src/ml/pictures/paper.ts';
import { PARTS, readDigits } from '../../../src/ml/pictures/read.ts';
import type { Gray } from '../../../src/ml/pictures/resample.ts';
import { withoutRulings } from '../../../src/ml/pictures/rulings.ts';
import { completeSvg } from '../../../src/ml/pictures/svg.ts';
import { mnist } from '../engines/golden.ts';

const grayOf = (width: number, height: number, at: (x: number, y: number) => number): Gray => ({
  width,
  height,
  values: Float32Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))),
});

const rasterOf = ({ width, height, values }: Gray): Raster => {
  const data = new Uint8ClampedArray(4 * values.length).fill(255);
  values.forEach((value, i) => {
    data.fill(Math.round(255 * value), 4 * i, 4 * i + 3);
  });
  return { data, width, height };
};

/** A thick ring: a zero. */
const ring = (x: number, y: number, centerX: number, centerY: number) => {
  const distance = Math.hypot((x - centerX) / 0.7, y - centerY);
  return distance > 26 && distance < 40;
};

const pixelsOf = (gray: Gray) => {
  const { digits, chosen } = readDigits(rasterOf(gray));
  return digits[chosen].pixels;
};
const difference = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

/**
 * The smallest difference over shifts by up to a pixel, because a center halfway between two pixels can go either
 * way.
 */
const differenceMoved = (a: Float32Array, b: Float32Array) =>
  Math.min(
    ...[-29, -28, -27, -1, 0, 1, 27, 28, 29].map((by) =>
      difference(
        a,
        b.map((_, i) => b[i + by] ?? 0),
      ),
    ),
  );

describe('filters', () => {
  const picture = fc.record({
    width: fc.integer({ min: 1, max: 12 }),
    height: fc.integer({ min: 1, max: 12 }),
    radius: fc.integer({ min: 0, max: 5 }),
    seed: fc.integer(),
  });

  it('agree with plain loops over every window', () => {
    fc.assert(
      fc.property(picture, ({ width, height, radius, seed }) => {
        const gray = grayOf(width, height, (x, y) => (((seed % 97) + 13 * x + 29 * y + 7 * x * y) % 31) / 31);
        const mean = boxMean(gray, radius);
        const max = boxExtreme(gray, radius, 1).values;
        const min = boxExtreme(gray, radius, -1).values;
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const window: number[] = [];
            for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
              for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++) {
                window.push(gray.values[v * width + u]);
              }
            }
            const i = y * width + x;
            expect(mean[i]).toBeCloseTo(window.reduce((a, b) => a + b, 0) / window.length, 5);
            expect([max[i], min[i]]).toEqual([Math.max(...window), Math.min(...window)]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('dilate by a square, and components touch at corners', () => {
    const mask = Uint8Array.from([1, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect(componentsOf(mask, 3, 3).components).toEqual([
      { label: 1, area: 2, box: { left: 0, top: 0, width: 2, height: 2 } },
    ]);
    expect([...dilated(mask, 3, 3, 1)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1]);
  });
});

describe('estimatePaper', () => {
  it('is exact on paper of one level', () => {
    const { level, flat, noise } = estimatePaper(grayOf(80, 60, (x, y) => (ring(x, y, 40, 30) ? 0.1 : 0.9)));
    expect(flat).toBe(true);
    expect(noise).toBe(0);
    expect(new Set(level)).toEqual(new Set([Math.fround(0.9)]));
  });

  it.each<[string, (x: number, y: number) => number]>([
    ['light that falls off', (x, y) => 0.9 - x / 500 - y / 700],
    ['a dark corner', (x, y) => 0.9 - ((x - 100) ** 2 + (y - 100) ** 2) / 50_000],
    ['the edge of a shadow', (x, y) => (x + 0.3 * y > 110 ? 0.5 : 0.85)],
  ])('follows %s under the ink', (_, light) => {
    const { level, strength } = estimatePaper(
      grayOf(200, 200, (x, y) => light(x, y) * (ring(x, y, 100, 100) ? 0.3 : 1)),
    );
    let [wrong, missed] = [0, 0];
    for (let y = 2; y < 198; y++) {
      for (let x = 2; x < 198; x++) {
        const i = 200 * y + x;
        if (ring(x, y, 100, 100) ? strength[i] < 0.35 : strength[i] > 0.2) {
          if (ring(x, y, 100, 100)) missed++;
          else wrong++;
        }
        expect(Math.abs(level[i] - light(x, y))).toBeLessThan(0.36);
      }
    }
    expect(wrong).toBeLessThan(100);
    expect(missed).toBeLessThan(60);
  });
});

describe('findPage', () => {
  it.each([1, 2, 3, 4, 5])('leaves out a frame of %i pixels, at the edge or a little inside', (thickness) => {
    for (const inset of [0, 4]) {
      const page = findPage(
        grayOf(160, 120, (x, y) => {
          const depth = Math.min(x, y, 159 - x, 119 - y) - inset;
          return (depth >= 0 && depth < thickness) || ring(x, y, 80, 60) ? 0.1 : 0.95;
        }),
      );
      expect(page.left).toBeGreaterThanOrEqual(inset + thickness);
      expect(page.left).toBeLessThanOrEqual(inset + thickness + 2);
      expect(page.width).toBe(160 - 2 * page.left);
    }
  });

  it('finds the sheet on a table, and does not mistake a half in shadow for a sheet', () => {
    const onTable = grayOf(200, 200, (x, y) =>
      x > 30 && x < 170 && y > 25 && y < 180 ? (ring(x, y, 100, 100) ? 0.1 : 0.9) : 0.35,
    );
    const page = findPage(onTable);
    expect(page.left).toBeGreaterThan(30);
    expect(page.left).toBeLessThan(36);
    const shadowed = grayOf(200, 200, (x, y) => (ring(x, y, 100, 100) ? 0.1 : 0.9) * (y > 110 ? 0.5 : 1));
    expect(findPage(shadowed)).toEqual({ left: 0, top: 0, width: 200, height: 200 });
  });
});

describe('withoutRulings', () => {
  const [width, height] = [200, 160];
  it.each([0, 0.03])('takes lines of slope %d away and leaves the stroke that crosses them', (slope) => {
    const line = (x: number, y: number) => (y + Math.round(slope * x)) % 25 < 2;
    const stroke = (x: number) => x > 95 && x < 107;
    const strength = grayOf(width, height, (x, y) => (stroke(x) ? 0.9 : line(x, y) ? 0.3 : 0)).values;
    const { strength: left, lines } = withoutRulings(strength, width, height, 0);
    expect(lines.includes(1)).toBe(true);
    let rest = 0;
    for (let i = 0; i < left.length; i++) {
      const x = i % width;
      if (stroke(x)) expect(left[i]).toBe(Math.fround(0.9));
      else if (x < 90 || x > 112) rest += left[i];
    }
    expect(rest).toBeLessThan(0.02 * strength.reduce((sum, value) => sum + value, 0));
  });

  it('does not mistake a stroke for a line', () => {
    const strength = grayOf(width, height, (x, y) =>
      y > 30 && y < 40 && x > 40 && x < 150 ? 0.9 : 0,
    ).values;
    expect([...withoutRulings(strength, width, height, 0).strength]).toEqual([...strength]);
  });
});

describe('readDigits', () => {
  const zero = (shade: (inked: boolean, x: number, y: number) => number) =>
    grayOf(180, 140, (x, y) => shade(ring(x, y, 95, 66), x, y));
  const plain = pixelsOf(zero((inked) => (inked ? 0 : 1)));

  it('does not depend on brightness, contrast or inversion', () => {
    const gray = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(gray, gray, (paper, ink) => {
        fc.pre(Math.abs(paper - ink) > 0.12);
        expect(difference(pixelsOf(zero((inked) => (inked ? ink : paper))), plain)).toBeLessThan(0.002);
      }),
      { numRuns: 15 },
    );
  });

  it('does not depend on the digit’s position or size', () => {
    const place = fc.record({
      x: fc.integer({ min: 45, max: 150 }),
      y: fc.integer({ min: 45, max: 120 }),
      scale: fc.double({ min: 1, max: 1.6, noNaN: true }),
    });
    fc.assert(
      fc.property(place, ({ x: centerX, y: centerY, scale }) => {
        const gray = grayOf(300, 260, (x, y) =>
          ring((x - centerX) / scale + 100, (y - centerY) / scale + 100, 100 + 20 / scale, 100 + 20 / scale)
            ? 0.1
            : 0.9,
        );
        expect(differenceMoved(pixelsOf(gray), plain)).toBeLessThan(0.06);
      }),
      { numRuns: 15 },
    );
  });

  it('does not change its own output when read again', () => {
    const { images } = mnist('t10k', 60);
    for (let index = 0; index < 60; index++) {
      const gray = (pixels: ArrayLike<number>, scale: number): Gray => ({
        width: 28,
        height: 28,
        values: Float32Array.from(pixels, (value) => value / scale),
      });
      const once = pixelsOf(gray(images.subarray(784 * index, 784 * (index + 1)), 255));
      expect(difference(pixelsOf(gray(once, 1)), once)).toBeLessThan(0.004);
    }
  });

  it('names ignored parts, and keeps them out of the digit', () => {
    const reading = readDigits(
      rasterOf(
        zero((inked, x, y) => {
          const framed = Math.min(x, y, 179 - x, 139 - y) < 2;
          const speck = x > 20 && x < 24 && y > 20 && y < 24;
          return framed || inked || speck ? 0.1 : 0.95;
        }),
      ),
    );
    expect(reading.digits).toHaveLength(1);
    expect(reading.parts[0]).toBe(PARTS.outside);
    expect(reading.parts[22 * 180 + 22]).toBe(PARTS.mark);
    expect(reading.parts[66 * 180 + 95 + 24]).toBe(PARTS.ink);
    expect(reading.parts[66 * 180 + 95]).toBe(PARTS.paper);
    expect(difference(reading.digits[0].pixels, plain)).toBeLessThan(0.01);
  });

  it('reads only the part that was cropped', () => {
    const two = grayOf(300, 140, (x, y) =>
      ring(x, y, 60, 66) || (x > 225 && x < 240 && y > 30 && y < 105) ? 0.1 : 0.9,
    );
    expect(readDigits(rasterOf(two)).digits).toHaveLength(2);
    const { digits } = readDigits(rasterOf(two), { crop: { left: 0, top: 0, width: 150, height: 140 } });
    expect(digits).toHaveLength(1);
    expect(digits[0].box.left).toBeLessThan(60);
    expect(difference(digits[0].pixels, plain)).toBeLessThan(0.01);
  });

  it('returns maps of the picture and pixels in [0, 1], or a clear error, for any picture and crop', () => {
    const side = fc.integer({ min: 1, max: 40 });
    const share = fc.double({ min: -0.5, max: 1.5, noNaN: true });
    const crop = fc.option(fc.tuple(share, share, share, share), { nil: undefined });
    fc.assert(
      fc.property(side, side, fc.infiniteStream(fc.nat(255)), crop, (width, height, stream, shares) => {
        const data = Uint8ClampedArray.from({ length: 4 * width * height }, () => stream.next().value);
        const box = shares && {
          left: shares[0] * width,
          top: shares[1] * height,
          width: shares[2] * width,
          height: shares[3] * height,
        };
        try {
          const { digits, chosen, paper, ink, parts } = readDigits({ data, width, height }, { crop: box });
          expect(digits[chosen].pixels).toHaveLength(784);
          for (const { pixels } of digits)
            expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
          for (const map of [paper, ink, parts]) expect(map).toHaveLength(width * height);
        } catch (error) {
          expect(error).toMatchObject({ name: 'PictureError' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('completeSvg', () => {
  const complete = (text: string) => completeSvg(new TextEncoder().encode(text));

  it('declares the namespaces missing from part of a web page', () => {
    expect(complete('<svg viewBox="0 0 9 9"><use xlink:href="#a"/></svg>')).toEqual({
      text: '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"><use xlink:href="#a"/></svg>',
      missing: ['xmlns', 'xmlns:xlink'],
    });
  });

  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "<?xml version='1.0'?><svg\n  id='a>b' xmlns = 'http://www.w3.org/2000/svg'></svg>",
    '<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>',
  ])('leaves a complete one as it is: %s', (text) => {
    expect(complete(text)).toEqual({ text, missing: [] });
  });
});
