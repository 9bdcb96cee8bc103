import { sizeOf } from '../../model/network.ts';
import { FileError } from '../fileError.ts';
import { float32Values, isDtype } from '../safetensors.ts';

/** A tensor of a user's file. Its values are read only on demand. */
export interface WeightTensor {
  /** The file's name for the tensor, such as `module.conv.weight`. */
  name: string;
  /** The type by safetensors' name, such as `F32`, or by another format's own name. */
  dtype: string;
  shape: readonly number[];
  /** Reads the values, row-major, as float32. @throws FileError unless they are floats of 16, 32 or 64 bits. */
  values(): Float32Array<ArrayBuffer>;
}

/** The tensors of one file. */
export interface WeightFile {
  /** Display name: "PyTorch", "safetensors". */
  format: string;
  tensors: WeightTensor[];
}

/** Networks that fit this page have fewer tensors. */
const MAX_TENSORS = 5000;
const FLOATS = ['F16', 'BF16', 'F32', 'F64'];

/** Converts little-endian bytes to float32. @throws FileError that names the tensor if it is not of floats. */
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

/** Copies strided values into row-major order, counting like an odometer. Strides are in values. */
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

/** @throws FileError if a file holds more tensors than any network here. */
export function checkTensorCount(count: number): void {
  if (count > MAX_TENSORS) {
    throw new FileError(
      `Expected at most ${MAX_TENSORS} tensors, found more: the file is of another network.`,
    );
  }
}

/** Shortens a name from the file for use in a sentence. */
export function quoted(name: string): string {
  return `“${name.length > 80 ? `${name.slice(0, 79)}…` : name}”`;
}
