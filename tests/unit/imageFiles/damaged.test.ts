import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesSource } from '../../../src/ml/formats/byteSource.ts';
import {
  type GivenFile,
  MOST_CLASSES,
  MOST_SIDE,
  type ReadContext,
} from '../../../src/ml/imageFiles/given.ts';
import { readImages } from '../../../src/ml/imageFiles/readImages.ts';
import { holdOut } from '../../../src/ml/imageFiles/split.ts';
import { decodePng } from '../../fixtures/png.ts';

const SETS = [
  ['tiny-images-idx3-ubyte', 'tiny-labels-idx1-ubyte.gz'],
  ['channels_first.npz'],
  ['channels_last.npz'],
  ['named.csv'],
  ['bare.csv'],
  ['data_batch_1.bin', 'test_batch.bin', 'batches.meta.txt'],
  ['folders.zip'],
];

const context: ReadContext = {
  signal: new AbortController().signal,
  progress: () => undefined,
  decode: async (bytes) => decodePng(bytes),
};

/** Reads and checks what every data set promises; errors must be sentences for people. */
async function readOrRefuse(files: GivenFile[]): Promise<void> {
  try {
    const { train, test, classNames } = await readImages(files, context);
    expect(classNames.length).toBeLessThanOrEqual(MOST_CLASSES);
    for (const part of test ? [train, test] : [train]) {
      const { images, labels, count, channels, height, width } = part;
      expect(images).toHaveLength(count * channels * height * width);
      expect(labels).toHaveLength(count);
      expect(Math.max(height, width)).toBeLessThanOrEqual(MOST_SIDE);
      expect(labels.every((label) => label < classNames.length)).toBe(true);
    }
  } catch (error) {
    expect(error).toMatchObject({ name: expect.stringMatching(/^(FileError|AxesQuestion)$/) });
  }
}

it.each(SETS)('damaged %s gives images or a clear error', async (...names) => {
  const originals = names.map((name) => new Uint8Array(readFileSync(`tests/fixtures/data/${name}`)));
  const damage = fc.record({
    file: fc.nat(names.length - 1),
    place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    keep: fc.double({ min: 0.5, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
      const files = originals.map((bytes) => bytes.slice());
      for (const { file, place, bytes, keep } of damages) {
        files[file].set(
          bytes.subarray(0, files[file].length),
          Math.max(0, Math.floor(place * (files[file].length - 8))),
        );
        files[file] = files[file].slice(0, Math.ceil(keep * files[file].length));
      }
      await readOrRefuse(files.map((bytes, i) => ({ path: names[i], source: bytesSource(bytes, names[i]) })));
    }),
    { numRuns: 60 },
  );
});

it('anything at all is refused clearly', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.uint8Array({ maxLength: 200 }), async (path, bytes) => {
      const whole = new Uint8Array(bytes);
      await readOrRefuse([{ path, source: bytesSource(whole, path) }]);
    }),
    { numRuns: 200 },
  );
});

it('holds out the stated share of every class, the same for the same seed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(4), { minLength: 2, maxLength: 200 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.nat(1000),
      (classes, heldOut, seed) => {
        const count = classes.length;
        const labels = Uint8Array.from(classes);
        const images = Uint8Array.from({ length: count }, (_, i) => i);
        const all = { images, labels, count, channels: 1, height: 1, width: 1 };
        const { train, test } = holdOut(all, { heldOut, seed });
        expect([...train.images, ...test.images].sort((a, b) => a - b)).toEqual([...images]);
        for (const label of new Set(classes)) {
          const own = classes.filter((each) => each === label).length;
          const held = test.labels.filter((each) => each === label).length;
          expect(Math.abs(held - heldOut * own)).toBeLessThanOrEqual(1);
          expect(held).toBeLessThan(own);
        }
        expect(holdOut(all, { heldOut, seed }).test.images).toEqual(test.images);
      },
    ),
  );
});
