import { expect, test } from 'vitest';
import { rasterizeStrokes } from '../../../src/ml/pictures/strokes.ts';

const grayAt = (raster: ReturnType<typeof rasterizeStrokes>, x: number, y: number) =>
  raster.data[4 * (y * raster.width + x)];

test('a line has the area of its length and its round ends', () => {
  const raster = rasterizeStrokes([[0.2, 0.5, 0.8, 0.5]], { side: 200, pen: 0.1 });
  let ink = 0;
  for (let i = 0; i < raster.data.length; i += 4) ink += raster.data[i] / 255;
  expect(ink / (120 * 20 + Math.PI * 100)).toBeCloseTo(1, 2);
  expect(grayAt(raster, 100, 100)).toBe(255);
  expect(grayAt(raster, 100, 111)).toBe(0);
  expect(grayAt(raster, 31, 100)).toBe(255);
  expect(grayAt(raster, 28, 100)).toBe(0);
});

test('a touch without a movement is a dot, and nothing is black', () => {
  const dot = rasterizeStrokes([[0.5, 0.5]], { side: 100, pen: 0.2 });
  expect(grayAt(dot, 50, 50)).toBe(255);
  expect(grayAt(dot, 50, 61)).toBe(0);
  expect(rasterizeStrokes([]).data.every((value, i) => value === (i % 4 === 3 ? 255 : 0))).toBe(true);
});

test('strokes beyond the pad are cut off', () => {
  const raster = rasterizeStrokes([[-1, 0.5, 2, 0.5]], { side: 50, pen: 0.1 });
  expect(grayAt(raster, 0, 25)).toBe(255);
  expect(grayAt(raster, 49, 25)).toBe(255);
});
