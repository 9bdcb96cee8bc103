import { describe, expect, it } from 'vitest';
import { readDigits } from '../../../src/ml/pictures/read.ts';
import { chanceOf } from './chance.ts';
import { kinds } from './corpus.ts';
import { digitSources } from './digitSources.ts';
import { predict } from './predict.ts';
import { rasterOf, sceneOf } from './scene.ts';

/** Handwritten and drawn digits, which the network recognizes in a faultless picture. */
const digits = [0, 4, 41, 52].map((index) => digitSources()[index]);

describe('a digit is read through', () => {
  it.each(Object.entries(kinds))('%s', (_, make) => {
    // One digit of each kind here; `npm run verify pictures` reads sixty.
    const [, digit] = digits;
    const reading = readDigits(rasterOf(make(digit, chanceOf(7000))));
    expect(predict(reading.digits[reading.chosen].pixels)).toBe(digit.digit);
  });
});

describe('several digits in one picture', () => {
  it.each([2, 3, 4])('%i in a row are found, each by itself, from left to right', (count) => {
    const row = Array.from({ length: count }, (_, i) => digits[i % digits.length]);
    const scene = sceneOf(row, chanceOf(count), { width: 150 * count, height: 160 });
    const reading = readDigits(rasterOf(scene));
    expect(reading.digits.map(({ pixels }) => predict(pixels))).toEqual(row.map(({ digit }) => digit));
    expect(reading.chosen).toBe(0);
  });

  it('one digit far larger than the others is chosen', () => {
    const scene = sceneOf([digits[1], digits[0]], chanceOf(3), { width: 400, height: 200, size: 0.9 });
    // The left digit shrinks to a third.
    const small = sceneOf([digits[1]], chanceOf(4), { width: 60, height: 60, size: 0.95 });
    for (let y = 0; y < 200; y++) {
      for (let x = 0; x < 200; x++) {
        const from =
          x < 60 && y < 60 ? small.pixels.subarray(4 * (60 * y + x), 4 * (60 * y + x) + 4) : [1, 1, 1, 1];
        scene.pixels.set(from, 4 * (400 * y + x));
      }
    }
    const reading = readDigits(rasterOf(scene));
    expect(predict(reading.digits[reading.chosen].pixels)).toBe(digits[0].digit);
  });
});
