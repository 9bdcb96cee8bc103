import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesSource,
  FileError,
  float32Tensor,
  openArrayFile,
  writeNpy,
  writeNpz,
  writeSafetensors,
} from '../../../src/ml/formats/index.ts';

const fixture = (name: string) => new Uint8Array(readFileSync(`tests/fixtures/numpy/${name}`));
const open = async (bytes: Uint8Array<ArrayBuffer>) =>
  (await openArrayFile(bytesSource(bytes, 'some.npy'))).arrays;
const indices = (count: number) => Array.from({ length: count }, (_, i) => i);

async function arrayOf(name: string) {
  const found = (await open(fixture('types.npz'))).find((array) => array.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

async function numbersOf(name: string) {
  const array = await arrayOf(name);
  return array.rows(indices(array.shape[0]));
}

describe('arrays that numpy wrote', () => {
  it('have the same numbers in both orders and in half precision', async () => {
    const values = await numbersOf('values');
    expect(values).toBeInstanceOf(Float64Array);
    expect(values).toHaveLength(24);
    expect(await numbersOf('fortran')).toEqual(values);
    const half = await numbersOf('half');
    expect(half).toBeInstanceOf(Float32Array);
    half.forEach((value, i) => {
      expect(value).toBeCloseTo(values[i], 2);
    });
    const [bigEndian] = await open(fixture('bigEndian.npy'));
    expect(await bigEndian.rows(indices(3))).toEqual(Float32Array.from(values));
    expect(await (await arrayOf('values')).rows([2, 0])).toEqual(
      Float64Array.from([...values.subarray(16), ...values.subarray(0, 8)]),
    );
  });

  it('hold whole numbers, true and false, and texts', async () => {
    expect(Array.from(await numbersOf('signed'))).toEqual([-1, 2, 3, -4]);
    expect(Array.from(await numbersOf('flags'))).toEqual([1, 0]);
    expect(await (await arrayOf('texts')).texts()).toEqual(['cat', 'dog', 'émeu', '東京', 'a, b']);
    expect(await (await arrayOf('bytes')).texts()).toEqual(['cat', 'dog']);
    expect(await (await arrayOf('signed')).texts()).toBeUndefined();
    await expect(numbersOf('texts')).rejects.toThrow(FileError);
  });
});

describe('arrays of every format', () => {
  it('come back as they were written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 20 }), async (list) => {
        const data = Float32Array.from(list);
        const shape = [data.length, 1];
        for (const file of [
          writeNpy({ data, shape }),
          writeNpz({ some: { data, shape } }),
          writeSafetensors({ tensors: new Map([['some', float32Tensor(data, shape)]]) }),
        ]) {
          const [array, ...others] = await open(file);
          expect(others).toEqual([]);
          expect(array).toMatchObject({ name: 'some', shape });
          expect(await array.rows(indices(data.length))).toEqual(data);
        }
      }),
    );
  });

  it('are read from Node’s Buffer too, whose slice does not copy', async () => {
    const { arrays } = await openArrayFile(
      bytesSource(readFileSync('tests/fixtures/numpy/labels.npy'), 'labels.npy'),
    );
    const [labels] = await open(fixture('labels.npy'));
    expect(await arrays[0].rows(indices(60))).toEqual(await labels.rows(indices(60)));
  });

  it('are refused with an Error where files are damaged, never with another fault', async () => {
    const files = ['acts.npz', 'types.npz', 'labels.npy'].map(fixture);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        fc.nat(4000),
        async (file, changes, length) => {
          const damaged = file.slice(0, Math.max(1, length));
          for (const [at, byte] of changes) if (at < damaged.length) damaged[at] = byte;
          try {
            for (const array of await open(damaged)) {
              await array.texts();
              await array.rows(indices(Math.min(3, array.shape[0] ?? 0)));
            }
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            expect(error).not.toBeInstanceOf(TypeError);
          }
        },
      ),
    );
  });
});
