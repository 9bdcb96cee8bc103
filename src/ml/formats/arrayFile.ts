import { messageOf } from '../callError.ts';
import { sizeOf } from '../model/network.ts';
import type { ByteSource } from './byteSource.ts';
import { FileError } from './fileError.ts';
import { NPY_HEAD_BYTES, parseNpyHeader } from './npz.ts';
import { bytesPerNumber, bytesPerText, type Numbers, numbersFrom, textsFrom } from './numbers.ts';
import { readSafetensorsIndex } from './safetensorsIndex.ts';
import { indexZip, isStored, packedRange, unpackEntry, type ZipEntry } from './zipIndex.ts';

/**
 * A file of named arrays that is read in pieces: NPY, NPZ or safetensors. Only the header is read at first, and later only
 * the rows that are wanted, so that a file of a gigabyte takes little memory.
 */
export interface ArrayFile {
  format: 'npy' | 'npz' | 'safetensors';
  arrays: StoredArray[];
}

export interface StoredArray {
  name: string;
  /** Numpy's or safetensors' name of the type. */
  type: string;
  shape: number[];
  /** The numbers of some rows [n, ...], in the order given. @throws FileError for a type that holds no real numbers. */
  rows(indices: ArrayLike<number>, signal?: AbortSignal): Promise<Numbers>;
  /** All values as texts; undefined where the array holds none. */
  texts(): Promise<string[] | undefined>;
}

/** Reads the values' bytes from `begin` to before `end`, counted from the first value. */
type ReadBytes = (begin: number, end: number) => Promise<Uint8Array<ArrayBuffer>>;
/** Hands all bytes over in order, for what can only be read from its beginning. */
type StreamBytes = (onPiece: (piece: Uint8Array) => boolean) => Promise<void>;

/** Larger than this, an array in Fortran order is refused: its rows are scattered over the whole file. */
const MOST_FORTRAN_BYTES = 2 ** 28;
const MOST_ARRAYS = 5000;
/** Bytes of one read at most, where rows follow each other. */
const READ_BYTES = 2 ** 24;

/** @throws FileError that says what the file is instead, or what is wrong with it. */
export async function openArrayFile(source: ByteSource): Promise<ArrayFile> {
  const head = await source.read(0, Math.min(source.size, 16));
  const begins = String.fromCharCode(...head.subarray(0, 6));
  if (begins.startsWith('\x93NUMPY')) {
    const name = source.name.replace(/^.*\//, '').replace(/\.npy$/i, '');
    return { format: 'npy', arrays: [await npyArray(source, { name, begin: 0, end: source.size })] };
  }
  if (begins.startsWith('PK')) return { format: 'npz', arrays: await npzArrays(source) };
  if (head.length > 8 && head[8] === 0x7b) {
    const index = await readSafetensorsIndex(source);
    const arrays = index.map(({ name, dtype, shape, begin, end }) =>
      storedArray({ name, type: dtype, shape, size: end - begin }, (from, to) =>
        source.read(begin + from, begin + to),
      ),
    );
    return { format: 'safetensors', arrays };
  }
  throw new FileError(
    `Expected arrays in ${source.name} (.npy, .npz or .safetensors), found another file. Save them with numpy.savez("activations.npz", **arrays).`,
  );
}

async function npzArrays(source: ByteSource): Promise<StoredArray[]> {
  const entries = (await indexZip(source, { maxEntries: MOST_ARRAYS })).filter(({ name }) =>
    name.endsWith('.npy'),
  );
  if (entries.length === 0)
    throw new FileError(
      `Expected arrays (.npy) in ${source.name}, found none. Save them with numpy.savez("activations.npz", **arrays).`,
    );
  const arrays: StoredArray[] = [];
  for (const entry of entries) {
    const name = entry.name.slice(0, -'.npy'.length);
    if (isStored(entry)) {
      const { begin, end } = await packedRange(source, entry);
      arrays.push(await npyArray(source, { name, begin, end }));
    } else {
      arrays.push(await packedArray(source, entry, name));
    }
  }
  return arrays;
}

async function npyArray(
  source: ByteSource,
  { name, begin, end }: { name: string; begin: number; end: number },
): Promise<StoredArray> {
  const head = await source.read(begin, Math.min(end, begin + NPY_HEAD_BYTES));
  const { descriptor: type, fortranOrder, shape, start } = named(name, () => parseNpyHeader(head));
  const read: ReadBytes = (from, to) => source.read(begin + start + from, begin + start + to);
  return storedArray({ name, type, shape, fortranOrder, size: end - begin - start }, read);
}

/** An array of a compressed archive: unpacked anew, piece by piece, whenever rows are wanted. */
async function packedArray(source: ByteSource, entry: ZipEntry, name: string): Promise<StoredArray> {
  const parts: Uint8Array[] = [];
  let length = 0;
  await unpackEntry(source, entry, (piece) => {
    parts.push(piece.slice());
    length += piece.length;
    return length < NPY_HEAD_BYTES;
  });
  const head = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    head.set(part, at);
    at += part.length;
  }
  const { descriptor: type, fortranOrder, shape, start } = named(name, () => parseNpyHeader(head));
  const stream: StreamBytes = (onPiece) => {
    let skip = start;
    return unpackEntry(source, entry, (piece) => {
      const rest = piece.subarray(Math.min(skip, piece.length));
      skip -= piece.length - rest.length;
      return rest.length === 0 || onPiece(rest);
    });
  };
  const size = entry.size - start;
  const read: ReadBytes = async (from, to) => {
    const bytes = new Uint8Array(to - from);
    let place = 0;
    await stream((piece) => {
      const begin = Math.max(from, place);
      const end = Math.min(to, place + piece.length);
      if (end > begin) bytes.set(piece.subarray(begin - place, end - place), begin - from);
      place += piece.length;
      return place < to;
    });
    return bytes;
  };
  return storedArray({ name, type, shape, fortranOrder, size }, read, stream);
}

interface Form {
  name: string;
  type: string;
  shape: number[];
  /** Bytes of the values. */
  size: number;
  fortranOrder?: boolean;
}

function storedArray(form: Form, read: ReadBytes, stream?: StreamBytes): StoredArray {
  const { name, type, shape, size, fortranOrder = false } = form;
  const count = sizeOf(shape);
  const width = bytesPerText(type);
  const checked = (bytes: number) => {
    if (count * bytes !== size) {
      throw new FileError(
        `Expected [${shape}] of ${type} in “${name}”, ${count * bytes} bytes, found ${size}: the file is cut short or damaged; copy or save the file again.`,
      );
    }
  };
  return {
    name,
    type,
    shape,
    async rows(indices, signal) {
      const each = bytesPerNumber(type, name);
      checked(each);
      const rowBytes = (count / Math.max(1, shape[0] ?? 1)) * each;
      if (fortranOrder) return fortranRows(form, { indices, each }, read);
      const bytes = new Uint8Array(indices.length * rowBytes);
      if (stream) await streamRows(stream, { indices, rowBytes }, bytes);
      else await readRows(read, { indices, rowBytes, signal }, bytes);
      return numbersFrom(bytes, type, name);
    },
    async texts() {
      if (width === undefined) return undefined;
      checked(width);
      return textsFrom(await read(0, size), type);
    },
  };
}

async function readRows(
  read: ReadBytes,
  { indices, rowBytes, signal }: { indices: ArrayLike<number>; rowBytes: number; signal?: AbortSignal },
  into: Uint8Array,
): Promise<void> {
  for (let i = 0; i < indices.length; ) {
    signal?.throwIfAborted();
    let run = 1;
    while (
      i + run < indices.length &&
      indices[i + run] === indices[i] + run &&
      (run + 1) * rowBytes <= READ_BYTES
    ) {
      run++;
    }
    into.set(await read(indices[i] * rowBytes, (indices[i] + run) * rowBytes), i * rowBytes);
    i += run;
  }
}

/** Takes the rows as they pass by. */
async function streamRows(
  stream: StreamBytes,
  { indices, rowBytes }: { indices: ArrayLike<number>; rowBytes: number },
  into: Uint8Array,
): Promise<void> {
  const places = new Map<number, number[]>();
  let last = -1;
  for (let i = 0; i < indices.length; i++) {
    places.set(indices[i], [...(places.get(indices[i]) ?? []), i]);
    last = Math.max(last, indices[i]);
  }
  let at = 0;
  await stream((piece) => {
    let from = 0;
    while (from < piece.length) {
      const row = Math.floor((at + from) / rowBytes);
      const inRow = (at + from) % rowBytes;
      const length = Math.min(rowBytes - inRow, piece.length - from);
      for (const place of places.get(row) ?? []) {
        into.set(piece.subarray(from, from + length), place * rowBytes + inRow);
      }
      from += length;
    }
    at += piece.length;
    return at < (last + 1) * rowBytes;
  });
}

/** Rows of an array whose first index changes fastest. */
async function fortranRows(
  { name, type, shape, size }: Form,
  { indices, each }: { indices: ArrayLike<number>; each: number },
  read: ReadBytes,
): Promise<Numbers> {
  if (size > MOST_FORTRAN_BYTES) {
    throw new FileError(
      `Expected C order in “${name}”, found Fortran order, whose rows are scattered. Save numpy.ascontiguousarray(array).`,
    );
  }
  const all = await read(0, size);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const inner = shape.slice(1);
  const row = sizeOf(inner);
  const bytes = new Uint8Array(indices.length * row * each);
  const index = inner.map(() => 0);
  for (let unit = 0; unit < row; unit++) {
    const offset = index.reduce((sum, value, axis) => sum + value * strides[axis + 1], 0);
    for (let i = 0; i < indices.length; i++) {
      const from = (offset + indices[i]) * each;
      bytes.set(all.subarray(from, from + each), (i * row + unit) * each);
    }
    for (let axis = inner.length - 1; axis >= 0; axis--) {
      if (++index[axis] < inner[axis]) break;
      index[axis] = 0;
    }
  }
  return numbersFrom(bytes, type, name);
}

/** Names the array in an error about it. */
function named<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new FileError(`In “${name}”: ${messageOf(error)}.`);
  }
}
