import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openParameters } from '../../../src/ml/formats/open/openFile.ts';
import {
  type Dtype,
  float32Values,
  parseSafetensors,
  type Safetensors,
  safetensorsFromParameters,
  type Tensor,
  writeSafetensors,
} from '../../../src/ml/formats/safetensors.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';

const golden = (name: string) => new Uint8Array(readFileSync(`tests/golden/${name}.safetensors`));
/** The parameters' bits; comparing long arrays by `toEqual` is slow. */
const bits = (parameters: Parameters) =>
  Object.entries(parameters).map(
    ([name, values]) => `${name} ${Buffer.from(values.buffer).toString('base64')}`,
  );
const encode = (header: string, data = 0) => {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + data);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
};

describe('files of the Python library', () => {
  it.each(['model_init', 'model_trained', 'trajectory_after100_f64run'])(
    '%s round-trips byte for byte',
    (name) => {
      const file = golden(name);
      expect(Buffer.from(writeSafetensors(parseSafetensors(file))).equals(file)).toBe(true);
      const network = notebookNetwork();
      const again = safetensorsFromParameters(network, openParameters(file, network).parameters);
      expect(Buffer.from(again).equals(file)).toBe(true);
    },
  );

  it('hold the initial parameters of seed 111', () => {
    const expected = initialParameters(notebookNetwork(), new Mt19937(111));
    expect(bits(openParameters(golden('model_init'), notebookNetwork()).parameters)).toEqual(bits(expected));
  });

  it('are read from an unaligned view', () => {
    const file = golden('model_init');
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const read = (bytes: Uint8Array) => bits(openParameters(bytes, notebookNetwork()).parameters);
    expect(read(shifted.subarray(1))).toEqual(read(file));
  });
});

const SIZES: Partial<Record<Dtype, number>> = { F64: 8, F32: 4, BF16: 2, U8: 1, BOOL: 1 };
const tensor: fc.Arbitrary<Tensor> = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(SIZES) as Dtype[])),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
  })
  .map(({ dtype, shape }) => {
    const length = shape.reduce((product, size) => product * size, SIZES[dtype] ?? 0);
    return { dtype, shape, bytes: Uint8Array.from({ length }, (_, i) => i * 37) };
  });

describe('writeSafetensors and parseSafetensors', () => {
  it('return any tensors, names and metadata, and the same bytes', () => {
    const name = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('0', '10', '2', 'constructor', '__proto__'),
    );
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, tensor)),
        fc.option(fc.dictionary(text, text), { nil: undefined }),
        (list, metadata) => {
          // Tensors without bytes share a position, so the file does not determine their order.
          const tensors = new Map(
            list.filter(([key, { bytes }]) => key !== '__metadata__' && bytes.length > 0),
          );
          const file = writeSafetensors({ tensors, metadata });
          const read: Safetensors = parseSafetensors(file);
          expect([...read.tensors]).toEqual([...tensors]);
          expect(Object.entries(read.metadata ?? {})).toEqual(Object.entries(metadata ?? {}));
          expect(file.length % 8).toBe(
            [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0) % 8,
          );
          expect(writeSafetensors(read)).toEqual(file);
        },
      ),
    );
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'at least 10 bytes, found 0'],
    ['a web page', new TextEncoder().encode('<!doctype html><title>404</title>'), 'header of at most'],
    [
      'a cut header',
      golden('model_init').subarray(0, 100),
      'header of 288 bytes, found 92: the file is cut short',
    ],
    ['cut data', golden('model_init').subarray(0, 5000), 'the file is cut short or damaged'],
    ['data too long', encode('{}', 3), 'expected 0 bytes of data, found 3'],
    ['no JSON', encode('{"a"'), 'expected a header in JSON'],
    ['a JSON list', encode('[1]'), 'header with named tensors'],
    [
      'a bad dtype',
      encode('{"a":{"dtype":"toString","shape":[1],"data_offsets":[0,4]}}', 4),
      'expected a dtype among',
    ],
    [
      'a bad shape',
      encode('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4),
      'shape of whole numbers',
    ],
    [
      'a bad size',
      encode('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4),
      'expected 8 bytes for "a"',
    ],
    [
      'a gap',
      encode('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8),
      'expected "a" to begin at byte 0 of the data, found 4',
    ],
    [
      'bad metadata',
      encode('{"__metadata__":{"a":1}}'),
      'expected only texts in __metadata__, found a number',
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => parseSafetensors(file)).toThrow(message);
    expect(() => parseSafetensors(file)).toThrow(/^expected /);
  });
});

describe('float32Values', () => {
  it('widens halves and narrows doubles', () => {
    const of = (dtype: Dtype, values: Uint16Array | Float64Array) =>
      float32Values({ dtype, shape: [values.length], bytes: new Uint8Array(values.buffer) });
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00, 0x3555);
    expect([...of('F16', halves)]).toEqual([
      1,
      -2,
      2 ** -24,
      65504,
      Number.NEGATIVE_INFINITY,
      0.333251953125,
    ]);
    expect([...of('BF16', Uint16Array.of(0x3f80, 0xc000))]).toEqual([1, -2]);
    expect([...of('F64', Float64Array.of(0.1, -1e300))]).toEqual([
      Math.fround(0.1),
      Number.NEGATIVE_INFINITY,
    ]);
    expect(() => float32Values({ dtype: 'I32', shape: [0], bytes: new Uint8Array(0) })).toThrow('found I32');
  });
});
