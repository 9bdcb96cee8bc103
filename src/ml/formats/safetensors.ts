import { CallError } from '../callError.ts';
import { type NetworkDescription, parameterShapes, sizeOf } from '../model/network.ts';
import { assertParameters, type Parameters } from '../model/parameters.ts';

/**
 * The safetensors format (Hugging Face): the header's length as a little-endian u64, a JSON header padded with
 * spaces, then the tensors' bytes without gaps. Typed arrays are read as little-endian, the byte order of every
 * machine with a browser.
 */

const BYTES_PER_VALUE = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  C64: 8,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof BYTES_PER_VALUE;

export interface Tensor {
  dtype: Dtype;
  shape: number[];
  /** Little-endian values, row-major. After parsing, this is a view of the file's bytes. */
  bytes: Uint8Array;
}

export interface Safetensors {
  /** Ordered as in the file. */
  tensors: Map<string, Tensor>;
  metadata?: Record<string, string>;
}

/** The Python library's limit. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA_KEY = '__metadata__';

/**
 * Reads a safetensors file. Every byte of the data must belong to exactly one tensor, as the format demands. For
 * files written by the Python library or by `writeSafetensors`, writing the result gives the same bytes.
 * @throws an Error that says what is wrong with the file.
 */
export function parseSafetensors(file: Uint8Array | ArrayBuffer): Safetensors {
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  const { header, dataStart } = readHeader(bytes);
  const data = bytes.subarray(dataStart);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA_KEY)
    .map(([name, entry]) => readEntry(name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== position) {
      throw fault(`expected "${name}" to begin at byte ${position} of the data, found ${begin}`);
    }
    if (end > data.length) {
      throw fault(
        `expected ${end} bytes of data for "${name}", found ${data.length}: the file is cut short or damaged`,
      );
    }
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
    position = end;
  }
  if (position !== data.length) {
    throw fault(`expected ${position} bytes of data, found ${data.length}`);
  }
  const metadata = readMetadata(header);
  return metadata ? { tensors, metadata } : { tensors };
}

/** Writes the tensors in the map's order. @throws if a tensor's bytes do not fit its shape. */
export function writeSafetensors({ tensors, metadata }: Safetensors): Uint8Array<ArrayBuffer> {
  // Join the header by hand, because an object would put integer-like names such as "0" first.
  const entries: string[] = metadata ? [`"${METADATA_KEY}":${JSON.stringify(metadata)}`] : [];
  let length = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    const expected = sizeOf(shape) * BYTES_PER_VALUE[dtype];
    if (bytes.length !== expected) {
      throw new CallError(
        'writeSafetensors',
        `expected ${expected} bytes for "${name}" (${dtype} [${shape}]), found ${bytes.length}`,
      );
    }
    const entry = { dtype, shape, data_offsets: [length, length + bytes.length] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    length += bytes.length;
  }
  const json = new TextEncoder().encode(`{${entries.join(',')}}`);
  const headerLength = Math.ceil(json.length / 8) * 8;
  if (headerLength > MAX_HEADER_BYTES) {
    throw new CallError(
      'writeSafetensors',
      `expected a header of at most ${MAX_HEADER_BYTES} bytes, found ${headerLength}`,
    );
  }
  const file = new Uint8Array(8 + headerLength + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  file.fill(0x20, 8 + json.length, 8 + headerLength);
  let position = 8 + headerLength;
  for (const { bytes } of tensors.values()) {
    file.set(bytes, position);
    position += bytes.length;
  }
  return file;
}

/** Creates a float32 tensor that shares memory with the values. */
export function float32Tensor(values: Float32Array, shape: number[]): Tensor {
  return {
    dtype: 'F32',
    shape,
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

/** Copies the values as float32. @throws unless they are floats of 16, 32 or 64 bits. */
export function float32Values({ dtype, bytes }: Tensor): Float32Array<ArrayBuffer> {
  const buffer = new Uint8Array(bytes).buffer;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case 'BF16':
      // A bfloat16 is the upper half of a float32.
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer);
    default:
      throw new CallError('float32Values', `expected F32, F64, F16 or BF16, found ${dtype}`);
  }
}

/** Writes the network's parameters as a safetensors file, sorted by name as the Python library does. */
export function safetensorsFromParameters(
  network: NetworkDescription,
  parameters: Parameters,
  metadata?: Record<string, string>,
): Uint8Array<ArrayBuffer> {
  assertParameters(network, parameters, 'safetensorsFromParameters');
  const shapes = parameterShapes(network).sort((a, b) => (a.name < b.name ? -1 : 1));
  const tensors = new Map(shapes.map(({ name, shape }) => [name, float32Tensor(parameters[name], shape)]));
  return writeSafetensors({ tensors, metadata });
}

function fault(message: string): Error {
  return new CallError('parseSafetensors', `${message}`);
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 10) {
    throw fault(`expected a safetensors file of at least 10 bytes, found ${bytes.length}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw fault(
      `expected a header of at most ${MAX_HEADER_BYTES} bytes, found ${length}: this is probably not a safetensors file`,
    );
  }
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length) {
    throw fault(`expected a header of ${length} bytes, found ${bytes.length - 8}: the file is cut short`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart)));
  } catch {
    throw fault(
      'expected a header in JSON, found other bytes: this is not a safetensors file, or it is damaged',
    );
  }
  if (!isRecord(header)) {
    throw fault('expected a header with named tensors, found another kind of JSON');
  }
  return { header, dataStart };
}

interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

function readEntry(name: string, entry: unknown): Entry {
  const shown = JSON.stringify(name.slice(0, 60));
  if (!isRecord(entry)) throw fault(`expected dtype, shape and data_offsets for ${shown}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isDtype(dtype)) {
    throw fault(
      `expected a dtype among ${Object.keys(BYTES_PER_VALUE).join(', ')} for ${shown}, found ${JSON.stringify(dtype)?.slice(0, 40)}`,
    );
  }
  if (!isSizes(shape)) {
    throw fault(`expected a shape of whole numbers for ${shown}`);
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw fault(`expected data_offsets [begin, end] for ${shown}`);
  }
  const [begin, end] = offsets;
  const size = sizeOf(shape) * BYTES_PER_VALUE[dtype];
  if (end - begin !== size) {
    throw fault(
      `expected ${size} bytes for ${shown} (${dtype} [${shape.slice(0, 8)}]), found ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function readMetadata(header: Record<string, unknown>): Record<string, string> | undefined {
  if (!Object.hasOwn(header, METADATA_KEY)) return undefined;
  const metadata = header[METADATA_KEY];
  // The Python library treats null like a missing entry.
  if (metadata === null) return undefined;
  if (!isRecord(metadata)) throw fault(`expected ${METADATA_KEY} to hold texts by name`);
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => {
      if (typeof value !== 'string') {
        throw fault(`expected only texts in ${METADATA_KEY}, found a ${typeof value}`);
      }
      return [key, value];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isDtype(text: string): text is Dtype {
  return Object.hasOwn(BYTES_PER_VALUE, text);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
