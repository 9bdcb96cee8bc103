import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FileError,
  float32Tensor,
  readArrays,
  readNpy,
  writeNpy,
  writeNpz,
  writeSafetensors,
} from '../../../src/ml/formats/index.ts';

const fixture = (name: string) => new Uint8Array(readFileSync(`tests/fixtures/numpy/${name}`));

function arrayOf(file: string, name: string) {
  const found = readArrays(fixture(file)).find((array) => array.name === name);
  if (!found) throw new Error(`no ${name} in ${file}`);
  return found;
}

describe('arrays of numpy', () => {
  it('of float64 in both orders have the same values', () => {
    const values = arrayOf('types.npz', 'values').numbers();
    expect(values).toBeInstanceOf(Float64Array);
    expect(values).toHaveLength(24);
    expect(arrayOf('types.npz', 'fortran').numbers()).toEqual(values);
    const half = arrayOf('types.npz', 'half').numbers();
    expect(half).toBeInstanceOf(Float32Array);
    half.forEach((value, i) => {
      expect(value).toBeCloseTo(values[i], 2);
    });
  });

  it('of integers, of true and false, and of texts', () => {
    expect(Array.from(arrayOf('types.npz', 'signed').numbers())).toEqual([-1, 2, 3, -4]);
    expect(arrayOf('types.npz', 'signed').texts()).toEqual(['-1', '2', '3', '-4']);
    expect(Array.from(arrayOf('types.npz', 'flags').numbers())).toEqual([1, 0]);
    expect(arrayOf('types.npz', 'texts').texts()).toEqual(['cat', 'dog', 'émeu', '東京', 'a, b']);
    expect(arrayOf('types.npz', 'bytes').texts()).toEqual(['cat', 'dog']);
    expect(arrayOf('types.npz', 'fortranTexts').texts()).toEqual(['cat', 'dog', 'émeu', '東京']);
    expect(() => arrayOf('types.npz', 'texts').numbers()).toThrow(/little-endian numbers.*<U4/);
  });

  it('of other kinds say what to do', () => {
    const [big] = readArrays(fixture('bigEndian.npy'), { name: 'mine' });
    expect(big).toMatchObject({ name: 'mine', shape: [3, 2, 4] });
    expect(() => big.numbers()).toThrow(/“?"?mine"?.*>f4.*Save the array as float32/);
    const [objects] = readArrays(fixture('objects.npy'));
    expect(() => objects.texts()).toThrow(FileError);
  });
});

describe('arrays of every format', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 20 }), (list) => {
        const data = Float32Array.from(list);
        const shape = [data.length, 1];
        for (const file of [
          writeNpy({ data, shape }),
          writeNpz({ array: { data, shape } }),
          writeSafetensors({ tensors: new Map([['array', float32Tensor(data, shape)]]) }),
        ]) {
          const [array, ...others] = readArrays(file);
          expect(others).toEqual([]);
          expect(array).toMatchObject({ name: 'array', shape });
          expect(array.numbers()).toEqual(data);
        }
      }),
    );
  });

  it('of damaged files are refused with an Error, never with another fault', () => {
    const files = ['acts.npz', 'types.npz', 'labels.npy'].map(fixture);
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        fc.nat(4000),
        (file, changes, length) => {
          const damaged = file.slice(0, Math.max(1, length));
          for (const [at, byte] of changes) if (at < damaged.length) damaged[at] = byte;
          try {
            for (const array of readArrays(damaged)) {
              array.texts();
              array.numbers();
            }
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            expect(error).not.toBeInstanceOf(RangeError);
            expect(error).not.toBeInstanceOf(TypeError);
          }
        },
      ),
    );
  });

  it('come from Node’s Buffer too, whose slice does not copy', () => {
    const buffer = readFileSync('tests/fixtures/numpy/labels.npy');
    const [labels] = readArrays(buffer);
    expect(labels.numbers()).toEqual(readArrays(fixture('labels.npy'))[0].numbers());
    expect(readNpy(buffer).data).toHaveLength(60);
  });

  it('is refused for other files', () => {
    expect(() => readArrays(new TextEncoder().encode('hello, world'))).toThrow(FileError);
    expect(() => readArrays(new Uint8Array(0))).toThrow(FileError);
  });
});
