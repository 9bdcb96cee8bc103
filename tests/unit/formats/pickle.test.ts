import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../../src/ml/formats/fileError.ts';
import { unpickle } from '../../../src/ml/formats/pickle/unpickle.ts';
import {
  PickleDict,
  PickleRecord,
  PickleSequence,
  PickleTensor,
  type PickleValue,
} from '../../../src/ml/formats/pickle/values.ts';
import { findTensors } from '../../../src/ml/formats/pytorch/findTensors.ts';
import { callGlobal, loadPersistent } from '../../../src/ml/formats/pytorch/globals.ts';
import { tensorValues } from '../../../src/ml/formats/pytorch/tensorValues.ts';

const hooks = { call: callGlobal, load: loadPersistent };
const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const read = (text: string) => unpickle(bytesOf(text), hooks).value;

/** A storage of four floats and a tensor on it, in the form that torch.save writes. */
const tensor = ({ offset = 0, shape = [2, 2], strides = [2, 1] } = {}) => {
  const tuple = (values: number[]) => `(${values.map((value) => `I${value}\n`).join('')}t`;
  return `ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI4\ntQI${offset}\n${tuple(shape)}${tuple(strides)}I00\nccollections\nOrderedDict\n)RtR`;
};
const tensorIn = (text: string) => {
  const value = read(text);
  if (!(value instanceof PickleTensor)) throw new Error('expected a tensor');
  return value;
};
const STORAGE = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A hand-written pickle of protocol 4. */
function pickled(value: Json): string {
  const size = (length: number) => String.fromCharCode(...new Uint8Array(Uint32Array.of(length).buffer));
  if (value === null) return 'N';
  if (typeof value === 'boolean') return value ? '\x88' : '\x89';
  if (typeof value === 'number') {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setFloat64(0, value);
    return `G${String.fromCharCode(...new Uint8Array(bytes.buffer))}`;
  }
  if (typeof value === 'string') {
    const bytes = new TextEncoder().encode(value);
    return `X${size(bytes.length)}${String.fromCharCode(...bytes)}`;
  }
  if (Array.isArray(value)) return `]\x94(${value.map(pickled).join('')}e`;
  return `}\x94(${Object.entries(value)
    .map(([key, item]) => pickled(key) + pickled(item))
    .join('')}u`;
}

function plain(value: PickleValue): unknown {
  if (value instanceof PickleSequence) return value.items.map(plain);
  if (value instanceof PickleDict) return value.entries.map(([key, item]) => [plain(key), plain(item)]);
  return value;
}

describe('unpickle', () => {
  it('returns any plain value', () => {
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.double({ noNaN: true }),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
      ),
    }));
    const entries = (json: Json): unknown => {
      if (Array.isArray(json)) return json.map(entries);
      if (typeof json === 'object' && json !== null) {
        return Object.entries(json).map(([key, item]) => [key, entries(item)]);
      }
      return json;
    };
    fc.assert(
      fc.property(value, (json) => {
        expect(plain(read(`\x80\x04${pickled(json)}.`))).toEqual(entries(json));
      }),
    );
  });

  it('reads integers of every size', () => {
    expect(read('\x8a\x02\x00\x80.')).toBe(-32768);
    expect(read('\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.')).toBe(119547037146038801333356n);
    expect(read('I01\n.')).toBe(true);
    expect(read('L12345678901234567890L\n.')).toBe(12345678901234567890n);
  });

  it('creates an inert record of an unknown class', () => {
    const value = read('c__main__\nMNISTModel\n)\x81}X\x04\x00\x00\x00convNsb.');
    expect(value).toBeInstanceOf(PickleRecord);
    expect(value instanceof PickleRecord && value.type.name).toBe('__main__.MNISTModel');
  });

  it.each([
    ["cos\nsystem\n(S'echo'\ntR.", 'os.system'],
    ["cposix\nsystem\n(S'echo'\ntR.", 'os.system'],
    ["cnt\nsystem\n(S'echo'\ntR.", 'os.system'],
    ['cos\nsystem\n.', 'os.system'],
    ["c__builtin__\neval\n(S'1'\ntR.", 'builtins.eval'],
    ['csubprocess\nPopen\n)\x81.', 'subprocess.Popen'],
    ["(S'echo'\nios\nsystem\n.", 'os.system'],
    ['(cfoo.bar\nBaz\no.', 'foo.bar.Baz'],
    ['\x8c\x03foo\x8c\x03bar\x93)R.', 'foo.bar'],
    ["ctorch.storage\n_load_from_bytes\n(S'x'\ntR.", 'torch.storage._load_from_bytes'],
    ['ctorch._tensor\n_rebuild_from_type_v2\n(cfoo\nbar\nN)NtR.', 'foo.bar'],
  ])('refuses a call by its name: %j', (text, name) => {
    expect(() => read(text)).toThrow(FileError);
    expect(() => read(text)).toThrow(`asks Python to run ${name},`);
  });

  it.each([
    ['nothing', ''],
    ['no end', '}'],
    ['a byte that is no operation', '\xff.'],
    ['an empty stack', '.'],
    ['a value below a mark', 'N(0}s.'],
    ['a mark that is missing', 't.'],
    ['a memo that is empty', 'h\x05.'],
    ['a text that is longer than the file', 'X\xff\xff\xff\x7fabc.'],
    ['a length of 64 bits', '\x8d\xff\xff\xff\xff\xff\xff\xff\xff.'],
    ['a huge whole number', `\x8b\x00\x00\x00\x10.`],
    ['a change of a class', 'cfoo\nBar\n}b.'],
    ['an extension', '\x82\x01.'],
  ])('refuses %s', (_, text) => {
    expect(() => read(text)).toThrow(FileError);
  });

  it('tolerates cycles, deep nesting, shared values and many operations', () => {
    // A list that contains itself, and a dict that contains itself.
    expect(findTensors(read(']q\x00h\x00a.'))).toEqual([]);
    expect(findTensors(read("}q\x00S'a'\nh\x00s."))).toEqual([]);
    // A size that is made of itself.
    expect(() =>
      read(
        "ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nNI4\ntQI0\nctorch\nSize\n)Rq\x00h\x00a)tR.",
      ),
    ).toThrow(FileError);
    const deep = read(`${']'.repeat(100_000)}${'a'.repeat(99_999)}.`);
    expect(findTensors(deep)).toEqual([]);
    // Each level contains the one below twice: 2 to the power of 60 paths.
    const doubling = `](${tensor()}lq\x00${'0(h\x00h\x00lq\x00'.repeat(60)}.`;
    expect(findTensors(read(doubling)).length).toBeLessThan(3);
    expect(() => read('N'.repeat(2_000_001))).toThrow('operations');
  });
});

describe('tensors', () => {
  it.each([
    [{}, [1, 2, 3, 4]],
    [{ strides: [1, 2] }, [1, 3, 2, 4]],
    [{ offset: 1, shape: [3], strides: [1] }, [2, 3, 4]],
    [{ offset: 3, shape: [], strides: [] }, [4]],
    [{ shape: [2, 3], strides: [2, 0] }, [1, 1, 1, 3, 3, 3]],
    [{ shape: [0, 5], strides: [5, 1] }, []],
  ])('%j reads its values in order', (options, expected) => {
    expect([...tensorValues('a', tensorIn(`${tensor(options)}.`), STORAGE)]).toEqual(expected);
  });

  it.each([
    { offset: 1 },
    { strides: [3, 1] },
    { shape: [2 ** 40], strides: [0] },
    { shape: [5, 1], strides: [1, 2 ** 50] },
  ])('%j is refused: it leaves its storage, or is larger than any here', (options) => {
    const value = tensorIn(`${tensor(options)}.`);
    expect(() => tensorValues('a', value, STORAGE)).toThrow(FileError);
  });

  it('reads any strides like an index', () => {
    const axis = fc.record({ length: fc.integer({ min: 1, max: 4 }), stride: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(axis, { maxLength: 3 }), fc.nat(4), (axes, offset) => {
        const values = Float32Array.from({ length: 64 }, (_, i) => i);
        const [shape, strides] = [axes.map(({ length }) => length), axes.map(({ stride }) => stride)];
        const value = tensorIn(`${tensor({ offset, shape, strides }).replace('I4\ntQ', 'I64\ntQ')}.`);
        let places = [offset];
        for (const { length, stride } of axes) {
          places = places.flatMap((place) => Array.from({ length }, (_, i) => place + i * stride));
        }
        expect([...tensorValues('a', value, new Uint8Array(values.buffer))]).toEqual(places);
      }),
    );
  });

  it('names the tensors of state dicts, lists and modules as a state dict does', () => {
    const module = `c__main__\nNet\n)\x81}S'_modules'\n}S'conv'\nctorch.nn\nConv2d\n)\x81}S'_parameters'\n}S'weight'\n${tensor()}ssbssb.`;
    expect(findTensors(read(module)).map(({ name }) => name)).toEqual(['conv.weight']);
    const list = `(}S'a'\n${tensor()}sI5\n}S'b'\n${tensor()}sl.`;
    expect(findTensors(read(list)).map(({ name }) => name)).toEqual(['0.a', '2.b']);
    const pairs = `ccollections\nOrderedDict\n(((S'w'\n${tensor()}t(S'b'\n${tensor()}tltR.`;
    expect(findTensors(read(pairs)).map(({ name }) => name)).toEqual(['w', 'b']);
  });
});
