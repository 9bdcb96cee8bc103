import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filterImages, type GalleryState, parseIndices } from '../../../../src/lab/images/gallery.ts';

const images = {
  images: new Uint8Array(0),
  labels: Uint8Array.from([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]),
  count: 10,
  channels: 1,
  width: 0,
  height: 0,
};
const predictions = Uint8Array.from([7, 2, 1, 0, 4, 1, 9, 9, 6, 4]);
const all: GalleryState = { split: 'test', wrong: false, indices: '' };
const filtered = (changes: Partial<GalleryState>, given: Uint8Array | undefined = predictions) => [
  ...filterImages(images, { ...all, ...changes }, given),
];

test('filters combine', () => {
  expect(filtered({})).toHaveLength(10);
  expect(filtered({ digit: 9 })).toEqual([7, 9]);
  expect(filtered({ wrong: true })).toEqual([6, 8, 9]);
  expect(filtered({ wrong: true, digit: 9 })).toEqual([9]);
  expect(filtered({ digit: 4, prediction: 9 })).toEqual([6]);
  expect(filtered({ indices: '0-6, 8', wrong: true })).toEqual([6, 8]);
});

test('filters that need predictions match nothing without them', () => {
  expect([...filterImages(images, { ...all, wrong: true })]).toEqual([]);
  expect(filtered({ prediction: 9 }, new Uint8Array(3))).toEqual([]);
});

test('indices and ranges are read in any order, each once', () => {
  expect([...parseIndices('5, 1-3;2  7 – 8', 10)]).toEqual([1, 2, 3, 5, 7, 8]);
  expect([...parseIndices('１，3−5', 10)]).toEqual([1, 3, 4, 5]);
  for (const text of ['10', '1,000', '3-1', '-1', '1.5', 'a', '2-', '0-10', '1--2', '1-2-3']) {
    expect(() => parseIndices(text, 10), text).toThrow(/^expected .* from 0 to 9.*found/);
  }
});

test('any list of indices is returned sorted', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(9999), { minLength: 1, maxLength: 50 }), (indices) => {
      expect([...parseIndices(indices.join(', '), 10_000)]).toEqual(indices.toSorted((a, b) => a - b));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        for (const index of parseIndices(text, 100)) expect(index).toBeLessThan(100);
      } catch (error) {
        expect(String(error)).toMatch(/parseIndices: expected/);
      }
    }),
  );
});
