import { expect, test } from 'vitest';
import { confusionReading } from '../../../src/components/confusion/confusionReading.ts';

const reading = confusionReading([8, 2, 0, 0], ['cat', 'dog']);

test('a cell has its count and its share of the true class', () => {
  expect(reading.read({ label: 0, prediction: 1 })).toEqual({ count: 2, share: 0.2 });
});

test('a class without images has shares of 0', () => {
  expect(reading.read({ label: 1, prediction: 1 })).toEqual({ count: 0, share: 0 });
});

test('a cell is described in words', () => {
  expect(reading.wordsFor({ label: 0, prediction: 0 })).toBe('cat read correctly: 8 images, 80.00 % of 10');
  expect(reading.wordsFor({ label: 0, prediction: 1 })).toBe('cat read as dog: 2 images, 20.00 % of 10');
});
