import { Inflate } from 'fflate';
import type { ByteSource } from './byteSource.ts';
import { crc32 } from './crc32.ts';
import { FileError } from './fileError.ts';
import { decodeName, pathProblem, readPlace } from './zip.ts';

/** A file of an archive that is read in pieces: the directory at once, each file when it is wanted. */
export interface ZipEntry {
  name: string;
  size: number;
  packedSize: number;
  method: number;
  crc: number;
  /** Place of the file's local record. */
  local: number;
}

export interface IndexLimits {
  maxEntries?: number;
  /** Of one file, unpacked. */
  maxBytes?: number;
}

const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const LONGEST_COMMENT = 0xffff;
const RECORD_SIZE = 46;
const LOCAL_SIZE = 30;
const DEFLATED = 8;
const PIECE = 2 ** 16;
/** The most that DEFLATE can pack, 1032 to 1, rounded up. */
const MOST_RATIO = 1100;

/**
 * Reads the directory of a ZIP archive. See `readZip` for what is refused; folders are left out.
 * @throws FileError that says what is wrong.
 */
export async function indexZip(
  source: ByteSource,
  { maxEntries = 300_000 }: IndexLimits = {},
): Promise<ZipEntry[]> {
  const { count, length, start } = await readEndRecord(source);
  if (count > maxEntries) {
    throw fault(
      source,
      `expected at most ${maxEntries.toLocaleString('en-US')} files, found ${count.toLocaleString('en-US')}`,
    );
  }
  if (start + length > source.size) throw cutShort(source);
  const directory = await source.read(start, start + length);
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + RECORD_SIZE > length || view.getUint32(at, true) !== 0x02014b50) throw cutShort(source);
    const nameLength = view.getUint16(at + 28, true);
    const flags = view.getUint16(at + 8, true);
    const end = at + RECORD_SIZE + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (end > length) throw cutShort(source);
    const name = decodeName(directory.subarray(at + RECORD_SIZE, at + RECORD_SIZE + nameLength), flags);
    if (!name.endsWith('/')) {
      const method = view.getUint16(at + 10, true);
      const problem = pathProblem(name);
      if (problem) throw fault(source, `expected plain paths, found ${shown(name)}, ${problem}`);
      if (flags & 1) throw fault(source, `expected files without a password, found ${shown(name)} encrypted`);
      if (method !== 0 && method !== DEFLATED) {
        throw fault(
          source,
          `expected files stored or deflated, found ${shown(name)} packed by method ${method}`,
        );
      }
      if (names.has(name)) throw fault(source, `expected each name once, found ${shown(name)} twice`);
      names.add(name);
      const place = readPlace(view, at, at + RECORD_SIZE + nameLength);
      entries.push({ name, method, crc: view.getUint32(at + 16, true), ...place });
    }
    at = end;
  }
  const packed = entries.reduce((sum, entry) => sum + entry.packedSize, 0);
  if (packed > source.size)
    throw damaged(source, 'expected each file to have bytes of its own, found shared ones');
  return entries;
}

/** Where a file's packed bytes lie in the archive. @throws FileError where they lie outside. */
export async function packedRange(
  source: ByteSource,
  entry: ZipEntry,
): Promise<{ begin: number; end: number }> {
  const head = await source.read(entry.local, entry.local + LOCAL_SIZE);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < LOCAL_SIZE || view.getUint32(0, true) !== 0x04034b50) {
    throw damaged(source, `expected ${shown(entry.name)} at its place, found none`);
  }
  const begin = entry.local + LOCAL_SIZE + view.getUint16(26, true) + view.getUint16(28, true);
  const end = begin + entry.packedSize;
  if (end > source.size) throw cutShort(source);
  return { begin, end };
}

/** Whether a file can be read at any place without unpacking the bytes before it. */
export function isStored({ method }: ZipEntry): boolean {
  return method !== DEFLATED;
}

/**
 * Unpacks a file piece by piece.
 * @param onPiece is given the unpacked bytes in order; returns false to stop early.
 * @throws FileError where the data are damaged, or more or less than stated.
 */
export async function unpackEntry(
  source: ByteSource,
  entry: ZipEntry,
  onPiece: (piece: Uint8Array) => boolean | undefined,
): Promise<void> {
  checkRatio(source, entry);
  const { begin, end } = await packedRange(source, entry);
  let size = 0;
  let crc = 0;
  let isWanted = true;
  const take = (piece: Uint8Array) => {
    size += piece.length;
    if (size > entry.size)
      throw damaged(source, `expected ${entry.size} bytes in ${shown(entry.name)}, found more`);
    crc = crc32(piece, crc);
    if (isWanted) isWanted = onPiece(piece) !== false;
  };
  const inflate = isStored(entry) ? undefined : new Inflate(take);
  for (let at = begin; at < end && isWanted; at += PIECE) {
    const piece = await source.read(at, Math.min(end, at + PIECE));
    try {
      if (inflate) inflate.push(piece, at + PIECE >= end);
      else take(piece);
    } catch (error) {
      if (error instanceof FileError) throw error;
      throw damaged(source, `expected ${shown(entry.name)} to unpack, but its data are damaged`);
    }
  }
  if (!isWanted) return;
  if (size !== entry.size)
    throw damaged(source, `expected ${entry.size} bytes in ${shown(entry.name)}, found ${size}`);
  if (crc !== entry.crc)
    throw damaged(source, `expected ${shown(entry.name)} undamaged, but its checksum differs`);
}

/** A whole file, unpacked. @throws FileError where it is larger than `maxBytes` or damaged. */
export async function readEntry(
  source: ByteSource,
  entry: ZipEntry,
  { maxBytes = 2 ** 30 }: IndexLimits = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (entry.size > maxBytes) {
    throw fault(source, `expected at most ${maxBytes} bytes in ${shown(entry.name)}, found ${entry.size}`);
  }
  checkRatio(source, entry);
  const bytes = new Uint8Array(entry.size);
  let length = 0;
  await unpackEntry(source, entry, (piece) => {
    bytes.set(piece, length);
    length += piece.length;
    return true;
  });
  return bytes;
}

/** A stated size beyond what DEFLATE can reach is a trap: it would only reserve memory. */
function checkRatio(source: ByteSource, { name, size, packedSize, method }: ZipEntry): void {
  const most = method === DEFLATED ? MOST_RATIO * packedSize : packedSize;
  if (size > most) {
    throw fault(
      source,
      `expected at most ${most} bytes in ${shown(name)}, packed in ${packedSize}, found ${size} stated`,
    );
  }
}

async function readEndRecord(source: ByteSource): Promise<{ count: number; length: number; start: number }> {
  const from = Math.max(0, source.size - END_SIZE - LONGEST_COMMENT - LOCATOR_SIZE);
  const tail = await source.read(from, source.size);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let end = tail.length - END_SIZE;
  while (
    end >= 0 &&
    !(
      view.getUint32(end, true) === 0x06054b50 &&
      end + END_SIZE + view.getUint16(end + 20, true) === tail.length
    )
  ) {
    end--;
  }
  if (end < 0) throw cutShort(source);
  const count = view.getUint16(end + 10, true);
  const length = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (count !== 0xffff && length !== 0xffffffff && start !== 0xffffffff) return { count, length, start };
  const locator = end - LOCATOR_SIZE;
  if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) return { count, length, start };
  const at = Number(view.getBigUint64(locator + 8, true));
  const record = await source.read(at, Math.min(source.size, at + 56));
  if (record.length < 56) throw cutShort(source);
  const wide = new DataView(record.buffer, record.byteOffset, record.byteLength);
  return {
    count: Number(wide.getBigUint64(32, true)),
    length: Number(wide.getBigUint64(40, true)),
    start: Number(wide.getBigUint64(48, true)),
  };
}

function cutShort(source: ByteSource): FileError {
  return damaged(source, 'expected a whole ZIP archive, found one that is cut short or damaged');
}

/** A fault that comes of copying or saving. */
function damaged(source: ByteSource, message: string): FileError {
  return fault(source, `${message}; copy or save the file again`);
}

function fault({ name }: ByteSource, message: string): FileError {
  return new FileError(`${name}: ${message}.`);
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}
