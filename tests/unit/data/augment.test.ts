import { expect, it } from 'vitest';
import { checkAugmentation, viewsOf } from '../../../src/ml/data/augment.ts';

const shape = { channels: 1, height: 9, width: 9 };
const image = new Uint8Array(81);
// A bright bar from the middle to the right.
for (let x = 4; x < 9; x++) image[4 * 9 + x] = 200;

it('rotates about the middle: the view in the middle is the image, and the ends are turned by the reach', () => {
  const views = viewsOf(image, shape, { kind: 'rotate', reach: 90 }, 3);
  expect([...views.subarray(81, 162)]).toEqual([...image]);
  const [first, last] = [views.subarray(0, 81), views.subarray(162)];
  // Degrees count clockwise on the screen: +90 turns the bar down, -90 up.
  for (let y = 0; y < 9; y++) {
    expect([y, last[y * 9 + 4]]).toEqual([y, y >= 4 ? 200 : 0]);
    expect([y, first[y * 9 + 4]]).toEqual([y, y <= 4 ? 200 : 0]);
  }
});

it('shears rows by their height above the middle, and keeps colors apart', () => {
  const color = new Uint8Array(3 * 81);
  color[81 + 8 * 9 + 4] = 100;
  const views = viewsOf(color, { ...shape, channels: 3 }, { kind: 'shear', reach: 0.5 }, 2);
  // Row 8 is four below the middle: it moves by two.
  expect(views[81 + 8 * 9 + 2]).toBe(100);
  expect(views[3 * 81 + 81 + 8 * 9 + 6]).toBe(100);
  expect(views.reduce((sum, value) => sum + value, 0)).toBe(200);
});

it('refuses a reach outside its range', () => {
  expect(() => checkAugmentation({ kind: 'rotate', reach: 181 })).toThrow(/to 180 for rotate, found 181/);
  expect(() => checkAugmentation({ kind: 'shear', reach: 0 })).toThrow(/above 0/);
});
