import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataSetImage } from '../../../../src/lab/images/dataSetImage.ts';
import { imageFromText, imageToText } from '../../../../src/lab/images/imageText.ts';
import type { DataSet } from '../../../../src/ml/data/dataset.ts';

const split = {
  images: Uint8Array.from({ length: 3 * 784 }, (_, i) => i % 256),
  labels: Uint8Array.from([3, 1, 4]),
  count: 3,
  channels: 1,
  width: 28,
  height: 28,
};
const data: DataSet = { id: 'three', name: 'three', sha256: '', classNames: [], train: split, test: split };

test('an image of the data set and an image of pixels survive a round trip', () => {
  const image = dataSetImage(data, 'train', 2);
  expect(imageFromText(imageToText(image), data)).toEqual(image);
  const drawn = {
    id: 'made:1',
    name: 'your drawing',
    pixels: Float32Array.from({ length: 784 }, (_, i) => Math.fround(i / 784)),
    origin: { kind: 'drawing' as const, strokes: [] },
  };
  expect(imageFromText(imageToText(drawn), data)).toEqual({
    ...drawn,
    label: undefined,
    origin: { kind: 'pixels' },
  });
});

test('text from another page is checked', () => {
  const hostile = [
    '',
    'null',
    '[]',
    '{"split":"test","index":3}',
    '{"split":"test","index":"0"}',
    '{"name":"x","pixels":[1]}',
    JSON.stringify({ name: 'x', pixels: Array(784).fill(2) }),
    JSON.stringify({ name: 'x', pixels: Array(784).fill('0') }),
  ];
  for (const text of hostile) expect(() => imageFromText(text, data), text).toThrow(/expected/);
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        expect(imageFromText(text, data).pixels).toHaveLength(784);
      } catch (error) {
        expect(String(error)).toMatch(/expected/);
      }
    }),
  );
});
