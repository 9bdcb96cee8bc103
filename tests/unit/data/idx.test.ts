import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataErrorKind } from '../../../src/ml/data/dataError.ts';
import { pixelsOf } from '../../../src/ml/data/dataset.ts';
import { parseIdx } from '../../../src/ml/data/idx.ts';
import { labeledImages } from '../../../src/ml/data/labeledImages.ts';
import { sha256Hex } from '../../../src/ml/data/sha256.ts';

const idx = (shape: number[], values: ArrayLike<number>, type = 8): Uint8Array<ArrayBuffer> => {
  const file = new Uint8Array(4 + 4 * shape.length + values.length);
  file.set([0, 0, type, shape.length]);
  shape.forEach((length, i) => {
    new DataView(file.buffer).setUint32(4 + 4 * i, length);
  });
  file.set(values, 4 + 4 * shape.length);
  return file;
};

describe('parseIdx', () => {
  it('gives back any shape and values', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }), (shape) => {
        const size = shape.reduce((product, length) => product * length, 1);
        const values = Uint8Array.from({ length: size }, (_, i) => i);
        expect(parseIdx(idx(shape, values), 'file')).toEqual({ shape, values });
      }),
    );
  });

  it.each<[string, Uint8Array<ArrayBuffer>, DataErrorKind, string]>([
    ['nothing', new Uint8Array(0), 'notData', 'found nothing'],
    ['a page', new TextEncoder().encode('\n<!DOCTYPE html>'), 'notData', 'found a web page'],
    ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13), 'notData', 'found other bytes'],
    ['floats', idx([1], [1, 2, 3, 4], 13), 'notData', 'found type 13 in 1'],
    ['no dimension', idx([], []), 'notData', 'found type 8 in 0'],
    [
      'a cut header',
      idx([1, 1, 1], []).subarray(0, 9),
      'truncated',
      'expected 16 bytes of header in f, found 9',
    ],
    ['too few values', idx([2, 2], [1, 2, 3]), 'truncated', 'expected [2,2] = 4 values in f, found 3'],
    ['too many values', idx([2], [1, 2, 3]), 'corrupt', 'the file is too long'],
    ['a huge shape', idx([4294967295, 4294967295], []), 'corrupt', 'expected at most'],
  ])('refuses %s', (_, file, kind, message) => {
    expect(() => parseIdx(file, 'f')).toThrow(expect.objectContaining({ kind, file: 'f' }));
    expect(() => parseIdx(file, 'f')).toThrow(message);
  });
});

describe('labeledImages', () => {
  const files = { images: 'i', labels: 'l', width: 2, height: 2, classes: 3 };
  const images = { shape: [2, 2, 2], values: Uint8Array.of(0, 51, 102, 255, 1, 2, 3, 4) };
  const labels = { shape: [2], values: Uint8Array.of(2, 0) };

  it('puts images and labels together', () => {
    const split = labeledImages(images, labels, files);
    expect(split).toEqual({
      images: images.values,
      labels: labels.values,
      count: 2,
      channels: 1,
      width: 2,
      height: 2,
    });
    expect(pixelsOf(split, 0)).toEqual(Float32Array.of(0, 0.2, 0.4, 1));
    expect(() => pixelsOf(split, 2)).toThrow('index from 0 to 1, found 2');
  });

  it('refuses sizes, counts and labels that do not fit', () => {
    expect(() => labeledImages({ ...images, shape: [2, 4] }, labels, files)).toThrow('images of 2 x 2 in i');
    expect(() => labeledImages(images, { ...labels, shape: [1] }, files)).toThrow('expected 2 labels in l');
    expect(() => labeledImages(images, { ...labels, values: Uint8Array.of(2, 3) }, files)).toThrow(
      'labels from 0 to 2 in l, found 3 at 1',
    );
  });
});

describe('sha256Hex', () => {
  it.each([
    ['the platform’s', globalThis.crypto.subtle],
    ['the library’s', null],
  ])('is right with %s', async (_, subtle) => {
    const bytes = Uint8Array.from({ length: 100_000 }, (__, i) => i * 7);
    expect(await sha256Hex(bytes, subtle)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});
