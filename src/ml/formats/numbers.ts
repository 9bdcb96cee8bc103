import { FileError } from './fileError.ts';
import { halfToNumber } from './safetensors.ts';

/** Numbers of a file as they are read: bytes stay bytes, everything else becomes float64 or float32. */
export type Numbers = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

interface Kind {
  letter: 'f' | 'i' | 'u' | 'b' | 'bf';
  bytes: number;
  littleEndian: boolean;
}

const SAFETENSORS: Readonly<Record<string, Kind>> = {
  F64: { letter: 'f', bytes: 8, littleEndian: true },
  F32: { letter: 'f', bytes: 4, littleEndian: true },
  F16: { letter: 'f', bytes: 2, littleEndian: true },
  BF16: { letter: 'bf', bytes: 2, littleEndian: true },
  I64: { letter: 'i', bytes: 8, littleEndian: true },
  I32: { letter: 'i', bytes: 4, littleEndian: true },
  I16: { letter: 'i', bytes: 2, littleEndian: true },
  I8: { letter: 'i', bytes: 1, littleEndian: true },
  U64: { letter: 'u', bytes: 8, littleEndian: true },
  U32: { letter: 'u', bytes: 4, littleEndian: true },
  U16: { letter: 'u', bytes: 2, littleEndian: true },
  U8: { letter: 'u', bytes: 1, littleEndian: true },
  BOOL: { letter: 'b', bytes: 1, littleEndian: true },
};

const NUMPY = /^([<>|=])([fiub])([1248])$/;

/** A type of numbers by numpy's name (`<f4`) or safetensors' (`F32`); undefined for any other. */
function kindOf(type: string): Kind | undefined {
  if (Object.hasOwn(SAFETENSORS, type)) return SAFETENSORS[type];
  const [, order, letter, bytes] = NUMPY.exec(type) ?? [];
  if (letter === 'f' || letter === 'i' || letter === 'u' || letter === 'b') {
    const size = Number(bytes);
    if (letter === 'f' && size === 1) return undefined;
    return { letter, bytes: size, littleEndian: order !== '>' };
  }
  return undefined;
}

/** Bytes of one number. @throws FileError for a type that holds no real numbers. */
export function bytesPerNumber(type: string, name: string): number {
  const kind = kindOf(type);
  if (kind) return kind.bytes;
  throw new FileError(
    `Expected real numbers in “${name}”, found the type ${type.slice(0, 20)}. Save them as float32, for instance array.astype(numpy.float32).`,
  );
}

/** Whether a type is a whole number or true and false. */
export function isWholeType(type: string): boolean {
  const letter = kindOf(type)?.letter;
  return letter === 'i' || letter === 'u' || letter === 'b';
}

export function isBooleanType(type: string): boolean {
  return kindOf(type)?.letter === 'b';
}

/** The numbers that bytes of a type stand for. @throws FileError for a type that holds no real numbers. */
export function numbersFrom(bytes: Uint8Array<ArrayBuffer>, type: string, name: string): Numbers {
  const size = bytesPerNumber(type, name);
  const kind = kindOf(type);
  if (!kind) throw new FileError(`Expected real numbers in “${name}”.`);
  if (size === 1 && kind.letter !== 'i') return bytes;
  const count = Math.floor(bytes.length / size);
  if (kind.letter === 'f' && size === 4 && kind.littleEndian) {
    return new Float32Array(bytes.slice(0, 4 * count).buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readerOf(view, kind);
  const isNarrow = kind.letter === 'bf' || (kind.letter === 'f' && size < 8);
  const values = isNarrow ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(i * size);
  return values;
}

function readerOf(view: DataView, { letter, bytes, littleEndian }: Kind): (at: number) => number {
  switch (`${letter}${bytes}`) {
    case 'f8':
      return (at) => view.getFloat64(at, littleEndian);
    case 'f4':
      return (at) => view.getFloat32(at, littleEndian);
    case 'f2':
      return (at) => halfToNumber(view.getUint16(at, littleEndian));
    case 'bf2':
      return (at) => bfloat(view.getUint16(at, true));
    case 'i8':
      return (at) => Number(view.getBigInt64(at, littleEndian));
    case 'u8':
      return (at) => Number(view.getBigUint64(at, littleEndian));
    case 'i4':
      return (at) => view.getInt32(at, littleEndian);
    case 'u4':
      return (at) => view.getUint32(at, littleEndian);
    case 'i2':
      return (at) => view.getInt16(at, littleEndian);
    case 'u2':
      return (at) => view.getUint16(at, littleEndian);
    case 'i1':
      return (at) => view.getInt8(at);
    default:
      return (at) => view.getUint8(at);
  }
}

const WORD = new DataView(new ArrayBuffer(4));

/** A bfloat16 is the upper half of a float32. */
function bfloat(half: number): number {
  WORD.setUint32(0, half << 16);
  return WORD.getFloat32(0);
}

/** Texts of numpy's `<U5` (UTF-32) and `|S5` (bytes); undefined for any other type. */
export function textsFrom(bytes: Uint8Array, type: string): string[] | undefined {
  const [, order, letter, length] = /^([<>|=])([US])(\d{1,5})$/.exec(type) ?? [];
  if (letter === undefined) return undefined;
  const width = Number(length) * (letter === 'U' ? 4 : 1);
  if (width === 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, i) => {
    const start = i * width;
    if (letter === 'S') {
      return new TextDecoder().decode(bytes.subarray(start, start + width)).replace(/\0+$/, '');
    }
    let text = '';
    for (let at = start; at < start + width; at += 4) {
      const point = view.getUint32(at, order !== '>');
      if (point !== 0 && point <= 0x10ffff) text += String.fromCodePoint(point);
    }
    return text;
  });
}

/** The bytes of one text; undefined where the type is none of texts. */
export function bytesPerText(type: string): number | undefined {
  const [, letter, length] = /^[<>|=]([US])(\d{1,5})$/.exec(type) ?? [];
  return letter === undefined ? undefined : Number(length) * (letter === 'U' ? 4 : 1);
}
