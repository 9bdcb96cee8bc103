import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NpyArray, readNpy, readNpz, writeNpy, writeNpz } from '../../../src/ml/formats/npz.ts';
import { writeZip } from '../../../src/ml/formats/zip.ts';

const decode = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

// Written by numpy 2.4.
const FLOATS = decode(
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAPwAAgD8AAMA/AAAAQAAAIEA=',
);
const LONGS_VERSION_2 = decode(
  'k05VTVBZAgB0AAAAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//////////wAAAAAAAQAA',
);
const SCALAR = decode(
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAEQA==',
);
const FORTRAN = decode(
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAABAQAAAgD8AAIBAAAAAQAAAoEA=',
);
const COMPRESSED = decode(
  'UEsDBC0AAAAIAAAAIQAkA95Y//////////8FABQAYS5ucHkBABAAhAAAAAAAAABIAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6mjoKtQoUAC4GRiZmAFBLAwQtAAAACAAAACEAg20S5P//////////BQAUAGIubnB5AQAQAIgAAAAAAAAASwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOgqGmjoKtQpkAy4GMPhhDwBQSwECLQMtAAAACAAAACEAJAPeWEgAAACEAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAACAAAACEAg20S5EsAAACIAAAABQAAAAAAAAAAAAAAgAF/AAAAYi5ucHlQSwUGAAAAAAIAAgBmAAAAAQEAAAAA',
);

const npy = (header: string, data = 0) => {
  const file = new Uint8Array(10 + header.length + data);
  file.set([
    0x93,
    ...Buffer.from('NUMPY'),
    1,
    0,
    header.length & 255,
    header.length >> 8,
    ...Buffer.from(header),
  ]);
  return file;
};

describe('NPY', () => {
  it('is written as numpy writes it, byte for byte', () => {
    expect(writeNpy({ data: Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5), shape: [2, 3] })).toEqual(FLOATS);
    expect(writeNpy({ data: Float64Array.of(2.5), shape: [] })).toEqual(SCALAR);
  });

  it('is read as numpy wrote it', () => {
    expect(readNpy(FLOATS)).toEqual({ data: Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5), shape: [2, 3] });
    expect(readNpy(LONGS_VERSION_2)).toEqual({ data: BigInt64Array.of(-1n, 2n ** 40n), shape: [2] });
    expect(readNpy(SCALAR)).toEqual({ data: Float64Array.of(2.5), shape: [] });
  });

  it('returns any array that was written', () => {
    const data = fc.oneof(
      fc.float32Array(),
      fc.float64Array(),
      fc.int8Array(),
      fc.int16Array(),
      fc.int32Array(),
      fc.bigInt64Array(),
      fc.uint8Array(),
      fc.uint16Array(),
      fc.uint32Array(),
      fc.bigUint64Array(),
    );
    fc.assert(
      fc.property(data, (values) => {
        const array: NpyArray = { data: values, shape: [1, values.length, 1] };
        expect(readNpy(writeNpy(array))).toEqual(array);
      }),
    );
  });

  it.each<[string, Uint8Array, string]>([
    ['another file', new TextEncoder().encode('I am a text, not numbers'), 'expected an NPY file'],
    ['a newer version', FLOATS.map((byte, i) => (i === 6 ? 9 : byte)), 'version 1 to 3, found 9'],
    [
      'a cut header',
      FLOATS.subarray(0, 50),
      'expected a header of 118 bytes, found 40: the file is cut short',
    ],
    [
      'a header that is too long',
      FLOATS.map((byte, i) => (i === 6 ? 2 : i >= 8 && i < 12 ? 255 : byte)),
      'expected a header of at most',
    ],
    ['cut data', FLOATS.subarray(0, -1), 'expected [2,3] = 24 bytes of data, found 23'],
    ['Fortran order', FORTRAN, 'numpy.ascontiguousarray'],
    ['objects', npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8), 'found |O'],
    ['big-endian numbers', npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 4), 'found >f4'],
    ['code for a header', npy("__import__('os').system('true')"), "'descr', 'fortran_order' and 'shape'"],
    [
      'a huge shape',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }"),
      'bytes of data',
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => readNpy(file)).toThrow(message);
    expect(() => readNpy(file)).toThrow(/^expected /);
  });

  it('rejects a shape that does not fit', () => {
    expect(() => writeNpy({ data: Float32Array.of(1), shape: [2] })).toThrow(
      'expected [2] = 2 values, found 1',
    );
  });
});

describe('NPZ', () => {
  it('is read as numpy wrote it', () => {
    expect([...readNpz(COMPRESSED)]).toEqual([
      ['a', { data: Uint8Array.of(0, 1, 2, 3), shape: [4] }],
      ['b', { data: Float64Array.of(1.5), shape: [1, 1] }],
    ]);
  });

  it('returns the written arrays', () => {
    const arrays = {
      conv: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] },
      indices: { data: Int32Array.of(-5), shape: [1] },
    };
    expect(Object.fromEntries(readNpz(writeNpz(arrays)))).toEqual(arrays);
  });

  it('rejects archives of other files', () => {
    expect(() => readNpz(writeZip(new Map([['a.txt', new Uint8Array(0)]])))).toThrow(
      'only .npy files, found "a.txt"',
    );
  });
});
