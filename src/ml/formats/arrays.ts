import { FileError } from './fileError.ts';
import { type NpyFile, parseNpy } from './npz.ts';
import { type Dtype, float32Values, parseSafetensors, type Tensor } from './safetensors.ts';
import { readZip, type ZipLimits } from './zip.ts';

/** An array of a file: its values are read only on request. */
export interface FileArray {
  name: string;
  shape: readonly number[];
  /** The type as the file names it: numpy's `<f4`, safetensors' `F32`. */
  dtype: string;
  /** Row-major: float64 from float64 and integers, float32 from shorter floats. @throws FileError for texts. */
  numbers(): Float32Array | Float64Array;
  /** Row-major; numbers as their decimal text. @throws FileError for objects and complex numbers. */
  texts(): string[];
}

/** The arrays of one NumPy (.npy, .npz) or safetensors file, in the file's order; an .npy file's array has the name given. */
export interface ReadArraysOptions {
  /** Name of the array of an .npy file. Default: `array`. */
  name?: string;
  limits?: ZipLimits;
}

/**
 * Reads the arrays of a NumPy or safetensors file, which its bytes tell apart.
 * @throws FileError for other files; an Error that says what is wrong with a damaged one.
 */
export function readArrays(
  bytes: Uint8Array,
  { name = 'array', limits }: ReadArraysOptions = {},
): FileArray[] {
  if (isNpy(bytes)) return [npyArray(name, parseNpy(bytes))];
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    return [...readZip(bytes, limits)].map(([path, file]) => {
      if (!isNpy(file)) {
        throw new FileError(
          `Expected an .npz archive of NumPy arrays, found ${JSON.stringify(path.slice(0, 80))} inside. Save the arrays with numpy.savez.`,
        );
      }
      return npyArray(path.replace(/\.npy$/, ''), parseNpy(file));
    });
  }
  // A safetensors file begins with its header's length in eight bytes, then a JSON object.
  if (bytes.length > 8 && bytes[8] === 0x7b) {
    return [...parseSafetensors(bytes).tensors].map(([key, tensor]) => tensorArray(key, tensor));
  }
  throw new FileError(
    'Expected a NumPy file (.npy, .npz) or a safetensors file, found another kind of file.',
  );
}

function isNpy(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 6)) === '\x93NUMPY';
}

/** Little-endian numbers of numpy by safetensors' names. */
const DTYPES: Readonly<Record<string, Dtype>> = {
  '<f2': 'F16',
  '<f4': 'F32',
  '<f8': 'F64',
  '<i8': 'I64',
  '<i4': 'I32',
  '<i2': 'I16',
  '|i1': 'I8',
  '<u8': 'U64',
  '<u4': 'U32',
  '<u2': 'U16',
  '|u1': 'U8',
  '|b1': 'BOOL',
};

function npyArray(name: string, file: NpyFile): FileArray {
  const { descriptor: dtype, shape, fortranOrder, bytes } = file;
  const inOrder = <Item>(values: ArrayLike<Item>): ArrayLike<Item> =>
    fortranOrder ? rowMajor(values, shape) : values;
  return {
    name,
    shape,
    dtype,
    numbers() {
      const values = numbersOf(name, dtype, DTYPES[dtype], bytes);
      if (!fortranOrder) return values;
      return values instanceof Float32Array
        ? Float32Array.from(inOrder(values))
        : Float64Array.from(inOrder(values));
    },
    texts: () => Array.from(inOrder(npyTexts(name, file))),
  };
}

function tensorArray(name: string, { dtype, shape, bytes }: Tensor): FileArray {
  return {
    name,
    shape,
    dtype,
    numbers: () => numbersOf(name, dtype, dtype, bytes),
    texts: () => textsOfNumbers(name, dtype, dtype, bytes),
  };
}

function numbersOf(
  name: string,
  shown: string,
  dtype: Dtype | undefined,
  bytes: Uint8Array,
): Float32Array | Float64Array {
  switch (dtype) {
    case 'F16':
    case 'BF16':
    case 'F32':
      return float32Values({ dtype, shape: [], bytes });
    case 'F64':
      return new Float64Array(new Uint8Array(bytes).buffer);
    default:
      return Float64Array.from(wholeNumbers(name, shown, dtype, bytes), Number);
  }
}

function wholeNumbers(
  name: string,
  shown: string,
  dtype: Dtype | undefined,
  bytes: Uint8Array,
): ArrayLike<number | bigint> {
  // Not `slice`: that of Node's Buffer does not copy.
  const { buffer } = new Uint8Array(bytes);
  switch (dtype) {
    case 'I8':
      return new Int8Array(buffer);
    case 'I16':
      return new Int16Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'U8':
    case 'BOOL':
      return new Uint8Array(buffer);
    case 'U16':
      return new Uint16Array(buffer);
    case 'U32':
      return new Uint32Array(buffer);
    case 'U64':
      return new BigUint64Array(buffer);
    default:
      throw new FileError(
        `Expected little-endian numbers in ${JSON.stringify(name.slice(0, 80))}, found the type ${shown.slice(0, 20)}. Save the array as float32.`,
      );
  }
}

function textsOfNumbers(name: string, shown: string, dtype: Dtype | undefined, bytes: Uint8Array): string[] {
  const isFloat = dtype === 'F16' || dtype === 'BF16' || dtype === 'F32' || dtype === 'F64';
  return isFloat
    ? Array.from(numbersOf(name, shown, dtype, bytes), String)
    : Array.from<number | bigint, string>(wholeNumbers(name, shown, dtype, bytes), String);
}

/** numpy's `<U5` (UTF-32, padded with zeros) and `|S5` (bytes, read as UTF-8), and numbers. */
function npyTexts(name: string, { descriptor, shape, bytes }: NpyFile): string[] {
  const [, kind, digits] = /^[<|]([US])(\d{1,7})$/.exec(descriptor) ?? [];
  if (kind === undefined) return textsOfNumbers(name, descriptor, DTYPES[descriptor], bytes);
  const count = shape.reduce((product, length) => product * length, 1);
  const width = Number(digits) * (kind === 'U' ? 4 : 1);
  if (bytes.length !== count * width) {
    throw new FileError(
      `Expected ${count * width} bytes of text in ${JSON.stringify(name.slice(0, 80))}, found ${bytes.length}: the file is damaged.`,
    );
  }
  const decoder = new TextDecoder();
  return Array.from({ length: count }, (_, i) => {
    const own = bytes.subarray(i * width, (i + 1) * width);
    return kind === 'S' ? decoder.decode(own).replace(/\0+$/, '') : utf32(own);
  });
}

function utf32(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = view.getUint32(at, true);
    // Zeros pad the text; larger values than Unicode's come only from damaged files.
    if (point === 0) break;
    text += String.fromCodePoint(Math.min(point, 0x10ffff));
  }
  return text;
}

/** Values whose first index changes fastest, in row-major order. */
function rowMajor<Item>(values: ArrayLike<Item>, shape: readonly number[]): Item[] {
  const strides = shape.map((_, axis) =>
    shape.slice(0, axis).reduce((product, length) => product * length, 1),
  );
  const index = shape.map(() => 0);
  const result: Item[] = new Array(values.length);
  let place = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = values[place];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis];
      if (++index[axis] < shape[axis]) break;
      place -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}
