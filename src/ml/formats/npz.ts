import { CallError } from '../callError.ts';
import { readZip, writeZip, type ZipLimits } from './zip.ts';

/** NumPy's NPY format, versions 1 to 3, and NPZ, a ZIP archive of NPY files. Typed arrays are little-endian. */

const TYPES = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '|i1': Int8Array,
  '<i2': Int16Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '|u1': Uint8Array,
  '<u2': Uint16Array,
  '<u4': Uint32Array,
  '<u8': BigUint64Array,
} as const;

type Descriptor = keyof typeof TYPES;
export type NpyData = InstanceType<(typeof TYPES)[Descriptor]>;

/** Values in row-major (C) order. */
export interface NpyArray {
  data: NpyData;
  shape: number[];
}

/** Names, as an array of fixed-length Unicode texts. */
export interface NpyTexts {
  texts: readonly string[];
}

const MAGIC = '\x93NUMPY';
const ALIGNMENT = 64;
const MAX_HEADER = 65_535;

/** Writes one array as an NPY file of version 1.0. @throws if the shape does not fit the data. */
export function writeNpy(array: NpyArray | NpyTexts): Uint8Array<ArrayBuffer> {
  return 'texts' in array ? writeTexts(array.texts) : writeNumbers(array);
}

function writeNumbers({ data, shape }: NpyArray): Uint8Array<ArrayBuffer> {
  const descriptor = (Object.keys(TYPES) as Descriptor[]).find((key) => data instanceof TYPES[key]);
  if (!descriptor) throw new CallError('writeNpy', 'expected a typed array of numbers, found another');
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== data.length) {
    throw new CallError('writeNpy', `expected [${shape}] = ${size} values, found ${data.length}`);
  }
  return npyFile(descriptor, shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** Writes NumPy's type `<U`: each text has room for the code points of the longest text, with four bytes per code point. */
function writeTexts(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const points = texts.map((text) => Array.from(text, (letter) => letter.codePointAt(0) ?? 0));
  const longest = Math.max(1, ...points.map(({ length }) => length));
  const bytes = new Uint8Array(4 * longest * texts.length);
  const view = new DataView(bytes.buffer);
  points.forEach((own, i) => {
    own.forEach((point, k) => {
      view.setUint32(4 * (i * longest + k), point, true);
    });
  });
  return npyFile(`<U${longest}`, [texts.length], bytes);
}

function npyFile(descriptor: string, shape: readonly number[], content: Uint8Array): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = `${dictionary.padEnd(start - 11)}\n`;
  const file = new Uint8Array(start + content.length);
  file.set(Array.from(MAGIC, (character) => character.charCodeAt(0)));
  file.set([1, 0], 6);
  new DataView(file.buffer).setUint16(8, header.length, true);
  file.set(new TextEncoder().encode(header), 10);
  file.set(content, start);
  return file;
}

/** A parsed NPY header with the bytes of the data. */
export interface NpyFile {
  /** NumPy's name of the type, such as `<f4`. */
  descriptor: string;
  /** Whether the first index varies fastest. */
  fortranOrder: boolean;
  shape: number[];
  bytes: Uint8Array;
}

/** What an NPY file's header says. */
export interface NpyHeader extends Omit<NpyFile, 'bytes'> {
  /** Place of the first value. */
  start: number;
}

/** The most bytes of a header and of the magic string before it. */
export const NPY_HEAD_BYTES = MAX_HEADER + 12;

/** Reads the header from a file's first bytes. @throws an Error that says what is wrong. */
export function parseNpyHeader(head: Uint8Array): NpyHeader {
  const { header, start } = readHeader(head);
  const descriptor = /'descr': *'([^']{1,16})'/.exec(header)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1];
  const sizes = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1];
  if (descriptor === undefined || order === undefined || sizes === undefined) {
    throw fault("expected 'descr', 'fortran_order' and 'shape' in the header, found others");
  }
  const shape = sizes
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) throw fault('expected a shape of whole numbers, found larger ones');
  return { descriptor, fortranOrder: order === 'True' && shape.length > 1, shape, start };
}

/** Reads an NPY file's header and checks the number of its bytes. @throws an Error that says what is wrong. */
export function parseNpy(file: Uint8Array): NpyFile {
  const { start, ...header } = parseNpyHeader(file);
  const { descriptor, shape } = header;
  const bytes = file.subarray(start);
  const expected = shape.reduce((product, length) => product * length, bytesPerValue(descriptor));
  if (expected !== bytes.length && !Number.isNaN(expected)) {
    throw fault(`expected [${shape.slice(0, 8)}] = ${expected} bytes of data, found ${bytes.length}`);
  }
  return { ...header, bytes };
}

/** Reads a numeric NPY file in C order, copying the data. @throws an Error that says what is wrong. */
export function readNpy(file: Uint8Array): NpyArray {
  const { descriptor, fortranOrder, shape, bytes } = parseNpy(file);
  if (!isDescriptor(descriptor)) {
    throw fault(`expected numbers of a type among ${Object.keys(TYPES).join(', ')}, found ${descriptor}`);
  }
  if (fortranOrder) {
    throw fault('expected C order, found Fortran order: save numpy.ascontiguousarray(array)');
  }
  // Not `slice`: that of Node's Buffer does not copy.
  return { data: new TYPES[descriptor](new Uint8Array(bytes).buffer), shape };
}

/** Writes arrays by name, readable with `numpy.load`. */
export function writeNpz(arrays: Record<string, NpyArray | NpyTexts>): Uint8Array<ArrayBuffer> {
  return writeZip(new Map(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)])));
}

/** Reads every array of an NPZ file, by name. @throws an Error that says what is wrong. */
export function readNpz(file: Uint8Array, limits?: ZipLimits): Map<string, NpyArray> {
  const arrays = new Map<string, NpyArray>();
  for (const [name, bytes] of readZip(file, limits)) {
    if (!name.endsWith('.npy')) {
      throw new CallError('readNpz', `expected only .npy files, found ${JSON.stringify(name.slice(0, 80))}`);
    }
    arrays.set(name.slice(0, -'.npy'.length), readNpy(bytes));
  }
  return arrays;
}

function fault(message: string): Error {
  return new CallError('readNpy', `${message}`);
}

/** Size of one value in bytes; NaN for types without a fixed numeric size, such as strings and pickled objects. */
function bytesPerValue(descriptor: string): number {
  return Number(/^[<>|][bifuc](\d{1,2})$/.exec(descriptor)?.[1]);
}

function isDescriptor(text: string): text is Descriptor {
  return Object.hasOwn(TYPES, text);
}

function readHeader(file: Uint8Array): { header: string; start: number } {
  if (file.length < 12 || String.fromCharCode(...file.subarray(0, 6)) !== MAGIC) {
    throw fault('expected an NPY file, found another');
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const major = file[6];
  if (major < 1 || major > 3) throw fault(`expected version 1 to 3, found ${major}`);
  const begin = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) throw fault(`expected a header of at most ${MAX_HEADER} bytes, found ${length}`);
  if (begin + length > file.length) {
    throw fault(
      `expected a header of ${length} bytes, found ${file.length - begin}: the file is cut short; copy or save the file again`,
    );
  }
  return { header: new TextDecoder().decode(file.subarray(begin, begin + length)), start: begin + length };
}
