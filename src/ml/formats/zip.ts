import { Inflate, type Zippable, zipSync } from 'fflate';
import { CallError } from '../callError.ts';
import { crc32 } from './crc32.ts';

/**
 * Reads and writes untrusted ZIP archives. fflate does the inflating; the directory is parsed here, because every
 * size and name in it may be malicious. Layout: PKWARE's APPNOTE 6.3.
 */

export interface ZipLimits {
  maxEntries?: number;
  /** Maximum unpacked size of all files together. */
  maxBytes?: number;
  /** Maximum ratio of unpacked to packed size for files larger than `RATIO_FREE_BYTES`. */
  maxRatio?: number;
}

const RATIO_FREE_BYTES = 2 ** 20;
const END_RECORD = 0x06054b50;
const DIRECTORY_RECORD = 0x02014b50;
const LOCAL_RECORD = 0x04034b50;
const END64_RECORD = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const END64_SIZE = 56;
const LOCATOR_SIZE = 20;
/** If a field of 16 or 32 bits holds this value, the real value is in ZIP64's field of 64 bits. */
const IN_ZIP64_16 = 0xffff;
const IN_ZIP64_32 = 0xffffffff;
const ZIP64_EXTRA = 1;
const UTF8_NAME = 0x800;
const END_SIZE = 22;
const DIRECTORY_SIZE = 46;
const LOCAL_SIZE = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const MAX_NAME = 255;
/** With input pieces of this size, one piece exceeds a file's stated size by at most 4.2 MB. */
const INFLATE_PIECE = 4096;

/** A fixed date, so that equal contents give equal archives. */
const DATE = new Date(1980, 0, 1);

interface Entry {
  name: string;
  method: number;
  crc: number;
  packed: Uint8Array;
  size: number;
}

/**
 * Reads a whole archive. Rejects archives with more entries, bytes or compression than the limits allow; wrong sizes
 * or checksums; files that share bytes; names that leave the archive's folder or occur twice; links; encryption; and
 * archives in several parts. Reads ZIP64's fields. Names that are not UTF-8 are read as Latin-1, and backslashes as
 * slashes, because archivers on Windows write them.
 * @returns the files by name, without folders; uncompressed files are views of `archive`.
 * @throws an Error that says what is wrong.
 */
export function readZip(
  archive: Uint8Array,
  { maxEntries = 10_000, maxBytes = 2 ** 29, maxRatio = 250 }: ZipLimits = {},
): Map<string, Uint8Array> {
  try {
    const entries = readDirectory(archive, maxEntries);
    let [size, packedSize] = [0, 0];
    for (const entry of entries) {
      size += entry.size;
      packedSize += entry.packed.length;
      if (entry.size > RATIO_FREE_BYTES && entry.size > maxRatio * entry.packed.length) {
        throw fault(
          `expected files packed at most ${maxRatio} to 1, found ${shown(entry.name)} packed tighter`,
        );
      }
    }
    if (size > maxBytes) throw fault(`expected at most ${maxBytes} bytes unpacked, found ${size}`);
    if (packedSize > archive.length)
      throw fault('expected each file to have bytes of its own, found shared ones');
    return new Map(entries.map((entry) => [entry.name, unpack(entry)]));
  } catch (error) {
    // A DataView throws when read past its end.
    if (error instanceof RangeError)
      throw fault('expected a whole archive, found one that is cut short or damaged');
    throw error;
  }
}

/**
 * Writes an archive; the same files give the same bytes. Name incompressible files (weights, pictures, archives) in
 * `stored`, so that they are not compressed.
 */
export function writeZip(
  files: ReadonlyMap<string, Uint8Array>,
  { stored = () => false }: { stored?: (name: string) => boolean } = {},
): Uint8Array<ArrayBuffer> {
  const contents: Zippable = {};
  for (const [name, bytes] of files) {
    const problem = pathProblem(name);
    if (problem) throw new CallError('writeZip', `expected a plain path, found ${shown(name)}, ${problem}`);
    contents[name] = [bytes, { level: stored(name) ? 0 : 6, mtime: DATE }];
  }
  return zipSync(contents);
}

function fault(message: string): Error {
  return new CallError('readZip', `${message}`);
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function readDirectory(archive: Uint8Array, maxEntries: number): Entry[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = findEnd(view);
  const { count, length, start } = readEnd(view, end);
  if (count > maxEntries) throw fault(`expected at most ${maxEntries} files, found ${count}`);
  if (start + length > end) throw fault('expected the directory before its end, found it elsewhere');
  const entries: Entry[] = [];
  const names = new Set<string>();
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + DIRECTORY_SIZE > end || view.getUint32(at, true) !== DIRECTORY_RECORD) {
      throw fault(`expected ${count} files in the directory, found ${i}`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const entry = readEntry(archive, view, at, nameLength);
    if (entry) {
      if (names.has(entry.name)) throw fault(`expected each name once, found ${shown(entry.name)} twice`);
      names.add(entry.name);
      entries.push(entry);
    }
    at += DIRECTORY_SIZE + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** The number of files, the directory's length in bytes, and where it begins. */
function readEnd(view: DataView, end: number): { count: number; length: number; start: number } {
  const count = view.getUint16(end + 10, true);
  const length = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  const disk = view.getUint16(end + 4, true);
  if ((disk !== 0 && disk !== IN_ZIP64_16) || view.getUint16(end + 8, true) !== count) {
    throw fault('expected an archive in one part, found a part of one');
  }
  if (count !== IN_ZIP64_16 && length !== IN_ZIP64_32 && start !== IN_ZIP64_32) {
    return { count, length, start };
  }
  const locator = end - LOCATOR_SIZE;
  const at = locator >= 0 ? view.getBigUint64(locator + 8, true) : -1n;
  if (
    locator < 0 ||
    view.getUint32(locator, true) !== END64_LOCATOR ||
    at > BigInt(locator - END64_SIZE) ||
    view.getUint32(Number(at), true) !== END64_RECORD
  ) {
    throw fault('expected the record of ZIP64 before the end, found none');
  }
  const record = Number(at);
  return {
    count: Number(view.getBigUint64(record + 32, true)),
    length: Number(view.getBigUint64(record + 40, true)),
    start: Number(view.getBigUint64(record + 48, true)),
  };
}

/** The end record stands last, before a comment of at most 65,535 bytes. */
function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_SIZE - 0xffff);
  for (let at = view.byteLength - END_SIZE; at >= first; at--) {
    if (
      view.getUint32(at, true) === END_RECORD &&
      at + END_SIZE + view.getUint16(at + 20, true) === view.byteLength
    ) {
      return at;
    }
  }
  throw fault('expected a ZIP archive, found none, or one that is cut short');
}

/** Reads one record of the directory and the bytes of its file; undefined for a folder. */
function readEntry(archive: Uint8Array, view: DataView, at: number, nameLength: number): Entry | undefined {
  const nameBytes = archive.subarray(at + DIRECTORY_SIZE, at + DIRECTORY_SIZE + nameLength);
  const flags = view.getUint16(at + 8, true);
  const name = decodeName(nameBytes, flags);
  const method = view.getUint16(at + 10, true);
  const { packedSize, size, local } = readPlace(view, at, at + DIRECTORY_SIZE + nameLength);
  const unixType = view.getUint32(at + 38, true) >>> 28;
  const isFolder = name.endsWith('/');
  const problem = pathProblem(isFolder ? name.slice(0, -1) : name);
  if (problem) throw fault(`expected plain paths, found ${shown(name)}, ${problem}`);
  if (flags & ENCRYPTED) throw fault(`expected files without a password, found ${shown(name)} encrypted`);
  if (unixType === 0xa) throw fault(`expected only files, found the link ${shown(name)}`);
  if (method !== STORED && method !== DEFLATED) {
    throw fault(`expected files stored or deflated, found ${shown(name)} packed by method ${method}`);
  }
  if (isFolder) {
    if (size > 0) throw fault(`expected folders without content, found ${shown(name)}`);
    return undefined;
  }
  if (view.getUint32(local, true) !== LOCAL_RECORD)
    throw fault(`expected ${shown(name)} at its place, found none`);
  const localNameLength = view.getUint16(local + 26, true);
  const localName = archive.subarray(local + LOCAL_SIZE, local + LOCAL_SIZE + localNameLength);
  if (localName.length !== nameBytes.length || localName.some((byte, i) => byte !== nameBytes[i])) {
    throw fault(`expected one name for each file, found two for ${shown(name)}`);
  }
  const begin = local + LOCAL_SIZE + localNameLength + view.getUint16(local + 28, true);
  if (begin + packedSize > archive.length) throw fault(`expected the whole of ${shown(name)}, found less`);
  const packed = archive.subarray(begin, begin + packedSize);
  return { name, method, crc: view.getUint32(at + 16, true), packed, size };
}

/** A file's sizes and the position of its local record, from ZIP64's fields if the directory's own are too narrow. */
export function readPlace(
  view: DataView,
  at: number,
  extra: number,
): { packedSize: number; size: number; local: number } {
  let next = zip64Extra(view, extra, extra + view.getUint16(at + 30, true));
  const read = (place: number) => {
    const narrow = view.getUint32(place, true);
    if (narrow !== IN_ZIP64_32 || next === undefined) return narrow;
    const wide = Number(view.getBigUint64(next, true));
    next += 8;
    return wide;
  };
  // ZIP64's field holds these values in this order.
  const size = read(at + 24);
  const packedSize = read(at + 20);
  return { size, packedSize, local: read(at + 42) };
}

/** Finds the start of ZIP64's values among the extra fields from `at` to `end`. */
function zip64Extra(view: DataView, at: number, end: number): number | undefined {
  for (let field = at; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) === ZIP64_EXTRA) return field + 4;
  }
  return undefined;
}

export function decodeName(bytes: Uint8Array, flags: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\\', '/');
  } catch {
    if (flags & UTF8_NAME) throw fault('expected names in UTF-8, found others');
    return String.fromCharCode(...bytes).replaceAll('\\', '/');
  }
}

/** Says what is wrong with a path in an archive; undefined if the path stays inside its folder on every system. */
export function pathProblem(path: string): string | undefined {
  if (path.length === 0 || path.length > MAX_NAME) return `which is not 1 to ${MAX_NAME} characters long`;
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'which is absolute';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for them.
  if (/[\\\0-\x1f\x7f]/.test(path)) return 'which has a backslash or a control character';
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'which leaves its folder';
  return undefined;
}

function unpack({ name, method, crc, packed, size }: Entry): Uint8Array {
  const bytes = method === STORED ? packed : inflate(packed, size, name);
  if (bytes.length !== size) throw fault(`expected ${size} bytes in ${shown(name)}, found ${bytes.length}`);
  if (crc32(bytes) !== crc) throw fault(`expected ${shown(name)} undamaged, but its checksum differs`);
  return bytes;
}

/** Inflates piece by piece, to detect early a file larger than it states. */
function inflate(packed: Uint8Array, size: number, name: string): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  const inflater = new Inflate((piece) => {
    if (length + piece.length > size) throw fault(`expected ${size} bytes in ${shown(name)}, found more`);
    bytes.set(piece, length);
    length += piece.length;
  });
  try {
    for (let at = 0; at < packed.length; at += INFLATE_PIECE) {
      const next = at + INFLATE_PIECE;
      inflater.push(packed.subarray(at, next), next >= packed.length);
    }
  } catch (error) {
    if (error instanceof CallError && error.caller === 'readZip') throw error;
    throw fault(`expected ${shown(name)} to unpack, but its data are damaged`);
  }
  return bytes.subarray(0, length);
}
