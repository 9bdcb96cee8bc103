import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openActivations } from '../../../src/ml/formats/activationFile.ts';
import { type ByteSource, bytesSource } from '../../../src/ml/formats/byteSource.ts';
import { writeNpy, writeNpz } from '../../../src/ml/formats/npz.ts';
import { float32Tensor, writeSafetensors } from '../../../src/ml/formats/safetensors.ts';

const expected: { layers: Record<string, number[]> } = JSON.parse(
  readFileSync('tests/fixtures/data/expected.json', 'utf8'),
);
const bytesOf = (name: string) => new Uint8Array(readFileSync(`tests/fixtures/data/${name}`));
const open = (bytes: Uint8Array<ArrayBuffer>, name = 'a.npz') => openActivations([bytesSource(bytes, name)]);

describe('openActivations', () => {
  it.each(['activations.npz', 'activations_packed.npz'])(
    'reads only the rows that are wanted of %s',
    async (name) => {
      const file = await open(bytesOf(name), name);
      expect(file).toMatchObject({ count: 20, classNames: ['left', 'right'] });
      expect([...file.labels]).toEqual(Array.from({ length: 20 }, (_, i) => i % 2));
      for (const { name: layer, shape } of file.layers) {
        const columns = shape.reduce((product, length) => product * length, 1);
        const wanted = [7, 8, 9, 3, 19, 3];
        const { data } = await file.rows(layer, wanted);
        const rows = wanted.flatMap((row) =>
          expected.layers[layer].slice(row * columns, (row + 1) * columns),
        );
        expect([...data]).toEqual(rows);
      }
    },
  );

  it('reads safetensors, and .npy files with labels beside them', async () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => i / 4);
    const labels = Int32Array.of(5, 3, 5, 3);
    const tensors = new Map([
      ['labels', { dtype: 'I32' as const, shape: [4], bytes: new Uint8Array(labels.buffer) }],
      ['layer', float32Tensor(values, [4, 3])],
    ]);
    const one = await open(writeSafetensors({ tensors }), 'a.safetensors');
    const several = await openActivations([
      bytesSource(writeNpy({ data: values, shape: [4, 3] }), 'layer.npy'),
      bytesSource(writeNpy({ data: labels, shape: [4] }), 'labels.npy'),
    ]);
    for (const file of [one, several]) {
      expect(file.classNames).toEqual(['3', '5']);
      expect([...file.labels]).toEqual([1, 0, 1, 0]);
      expect([...(await file.rows('layer', [2])).data]).toEqual([1.5, 1.75, 2]);
    }
  });

  it('streams a gigabyte in little memory: each read is of the wanted rows', async () => {
    const columns = 262_144;
    const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (1000, ${columns}), }`;
    const text = `\x93NUMPY\x01\x00\x76\x00${dictionary.padEnd(117)}\n`;
    const head = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    let largest = 0;
    const source: ByteSource = {
      name: 'large.npy',
      size: 128 + 4000 * columns,
      async read(begin, end) {
        largest = Math.max(largest, end - begin);
        const bytes = new Uint8Array(end - begin);
        if (begin < 128) bytes.set(head.subarray(begin, Math.min(end, 128)));
        return bytes;
      },
    };
    const file = await openActivations([source]);
    const { data } = await file.rows(
      'large',
      Int32Array.from({ length: 100 }, (_, i) => 9 * i),
    );
    expect(data).toHaveLength(100 * columns);
    expect(largest).toBeLessThanOrEqual(2 ** 24);
  });

  it.each([
    ['no layers', { labels: [4] }, /an array \[n, \.\.\.\] for each layer, found labels/],
    ['other counts', { a: [4, 2], b: [5, 2], labels: [4] }, /found 4 in “a” and 5 in “b”/],
    ['too few labels', { a: [4, 2], labels: [3] }, /expected 4 labels, \[4\], in “labels”, found \[3\]/],
    ['one image', { a: [1, 2] }, /expected 2 to 1,000,000 images, found 1/],
  ])('refuses %s', async (_, shapes, message) => {
    const arrays = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        { data: new Float32Array(shape.reduce((product, length) => product * length, 1)), shape },
      ]),
    );
    await expect(open(writeNpz(arrays))).rejects.toThrow(message);
  });

  it('names the layer, image and unit of a value that is not finite', async () => {
    const data = Float32Array.of(1, 2, 3, Number.NaN, 5, 6);
    const file = await open(writeNpz({ a: { data, shape: [3, 2] } }));
    await expect(file.rows('a', [0, 1])).rejects.toThrow(
      /“a”, image 1, unit 1: expected a finite number, found NaN/,
    );
  });

  it.each(['activations.npz', 'activations_packed.npz'])(
    'damaged %s gives values or a clear error',
    async (name) => {
      const original = bytesOf(name);
      const damage = fc.record({ at: fc.nat(original.length - 1), byte: fc.nat(255) });
      await fc.assert(
        fc.asyncProperty(
          fc.array(damage, { minLength: 1, maxLength: 4 }),
          fc.nat(original.length),
          async (all, cut) => {
            const bytes = original.slice(0, Math.max(cut, original.length / 2));
            for (const { at, byte } of all) if (at < bytes.length) bytes[at] = byte;
            try {
              const file = await open(bytes, name);
              for (const layer of file.layers) await file.rows(layer.name, [0, 1]);
            } catch (error) {
              expect(error).toMatchObject({ name: 'FileError' });
            }
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});
