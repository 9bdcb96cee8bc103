import type { ByteSource } from './byteSource.ts';
import { FileError } from './fileError.ts';
import { isDtype } from './safetensors.ts';

export interface IndexedTensor {
  name: string;
  dtype: string;
  shape: number[];
  /** Places of the values in the file. */
  begin: number;
  end: number;
}

const MOST_HEADER_BYTES = 2 ** 25;

/** Reads only the header of a safetensors file. @throws FileError that says what is wrong. */
export async function readSafetensorsIndex(source: ByteSource): Promise<IndexedTensor[]> {
  const first = await source.read(0, 8);
  if (first.length < 8) throw fault(source, 'expected a header, found less');
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || 8 + length > source.size) {
    throw fault(
      source,
      `expected a header within the file, found one of ${length} bytes: the file is cut short or damaged; copy or save the file again`,
    );
  }
  const header = parsed(source, await source.read(8, 8 + length));
  const start = 8 + length;
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => tensorOf(source, start, name, entry));
}

function parsed(source: ByteSource, bytes: Uint8Array): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw fault(source, 'expected a header in JSON, found something else');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fault(source, 'expected named tensors in the header, found another kind of JSON');
  }
  return value;
}

function tensorOf(source: ByteSource, start: number, name: string, entry: unknown): IndexedTensor {
  const shown = JSON.stringify(name.slice(0, 60));
  const fields: Record<string, unknown> = typeof entry === 'object' && entry !== null ? { ...entry } : {};
  const { dtype, shape, data_offsets: offsets } = fields;
  if (typeof dtype !== 'string' || !isDtype(dtype) || !isSizes(shape) || !isSizes(offsets)) {
    throw fault(source, `expected dtype, shape and data_offsets of ${shown}`);
  }
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin > end || start + end > source.size) {
    throw fault(
      source,
      `expected the values of ${shown} within the file: the file is cut short or damaged; copy or save the file again`,
    );
  }
  return { name, dtype, shape, begin: start + begin, end: start + end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function fault({ name }: ByteSource, message: string): FileError {
  return new FileError(`${name}: ${message}.`);
}
