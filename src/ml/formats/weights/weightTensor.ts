import { sizeOf } from '../../model/network.ts';
import { FileError } from '../fileError.ts';
import { float32Values, isDtype } from '../safetensors.ts';

/** A tensor of a person's file. Its values are read only when they are wanted. */
export interface WeightTensor {
  /** As the file has it, such as `module.conv.weight`. */
  name: string;
  /** As safetensors names it, such as `F32`, or another format's own name. */
  dtype: string;
  shape: readonly number[];
  /** The values, row-major, as float32. @throws FileError where they are no floats of 16, 32 or 64 bits. */
  values(): Float32Array<ArrayBuffer>;
}

/** The tensors of one file. */
export interface WeightFile {
  /** For people: "PyTorch", "safetensors". */
  format: string;
  tensors: WeightTensor[];
}

/** Larger files name no network of this page. */
const MAX_TENSORS = 5000;
const FLOATS = ['F16', 'BF16', 'F32', 'F64'];

/** Little-endian bytes as float32. @throws FileError that names the tensor where they are no floats. */
export function floatsOf(name: string, dtype: string, bytes: Uint8Array): Float32Array<ArrayBuffer> {
  if (!isDtype(dtype) || !FLOATS.includes(dtype)) {
    throw new FileError(
      `Expected floats of 16, 32 or 64 bits in ${quoted(name)}, found ${describedDtype(dtype)}. Save the parameters as little-endian float32, and open that file.`,
    );
  }
  return float32Values({ dtype, shape: [], bytes });
}

function describedDtype(dtype: string): string {
  if (/^[IU]\d+$/.test(dtype)) return `integers (${dtype}), as a quantized or converted network has them`;
  if (dtype === 'BOOL') return 'true and false (BOOL)';
  if (/^C\d+$/.test(dtype)) return `complex numbers (${dtype})`;
  if (/^>/.test(dtype)) return `big-endian numbers (${dtype})`;
  return `values of another kind (${dtype})`;
}

/** Values of any order in row-major order, visited as an odometer counts. Strides are counted in values. */
export function gathered(
  values: Float32Array,
  { offset = 0, shape, strides }: { offset?: number; shape: readonly number[]; strides: readonly number[] },
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(sizeOf(shape));
  const index = shape.map(() => 0);
  let place = offset;
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

/** @throws FileError where a file holds more tensors than any network here. */
export function checkTensorCount(count: number): void {
  if (count > MAX_TENSORS) {
    throw new FileError(
      `Expected at most ${MAX_TENSORS} tensors, found more: the file is of another network.`,
    );
  }
}

/** A name of the file as a sentence can hold it. */
export function quoted(name: string): string {
  return `“${name.length > 80 ? `${name.slice(0, 79)}…` : name}”`;
}
