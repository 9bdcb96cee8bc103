import { expect, test } from 'vitest';
import { readingOf } from '../../../src/components/shared/gridReading.ts';

const cell = { map: 1, row: 0, column: 1 };
const scale = { low: -1, high: 1 };
const nameOf = (map: number) => `filter ${map}`;

test('a cell of a map colored by sign is read with four decimals', () => {
  const values = Float32Array.of(0, 0, 0, 0, 0, -0.12345, 0, 0);
  const maps = { values, rows: 2, columns: 2, colors: 'sign', scale } as const;
  expect(readingOf(maps, cell, nameOf)).toEqual({
    value: '−0.1235',
    name: 'filter 1',
    place: 'row 0, column 1',
  });
});

test('a cell of a color image is read in each of its colors', () => {
  const values = new Float32Array(24);
  values.set([0.25], 13);
  values.set([0.5], 17);
  values.set([1], 21);
  const maps = { values, rows: 2, columns: 2, colors: 'gray', scale, isColor: true } as const;
  expect(readingOf(maps, cell, nameOf).value).toBe('red 0.2500, green 0.5000, blue 1.000');
});
