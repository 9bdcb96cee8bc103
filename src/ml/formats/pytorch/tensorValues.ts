import { sizeOf } from '../../model/network.ts';
import { FileError } from '../fileError.ts';
import type { PickleTensor } from '../pickle/values.ts';
import { floatsOf, gathered, quoted } from '../weights/weightTensor.ts';
import { bytesPerValue } from './globals.ts';

/** 64 MiB of float32, four times the largest network here. */
const MAX_VALUES = 2 ** 24;

/**
 * Reads a tensor's values, row-major, from its storage's bytes.
 * @throws FileError if the tensor extends beyond its storage or is not of floats.
 */
export function tensorValues(
  name: string,
  { storage, dtype, offset, shape, strides }: PickleTensor,
  bytes: Uint8Array,
): Float32Array<ArrayBuffer> {
  const size = bytesPerValue(dtype);
  const count = sizeOf(shape);
  if (count > MAX_VALUES) {
    throw new FileError(`Expected at most ${MAX_VALUES} values in ${quoted(name)}, found ${count}.`);
  }
  if (count === 0) return new Float32Array(0);
  const held = storage.count * (storage.dtype === '' ? 1 : size);
  const begin = storage.start * size;
  const last = shape.reduce((place, length, axis) => place + (length - 1) * strides[axis], offset);
  if ((last + 1) * size > held || begin + held > bytes.length) {
    throw new FileError(
      `Expected the values of ${quoted(name)} inside its storage of ${bytes.length} bytes, found them beyond its end: the file is cut short or damaged. Copy or download it again.`,
    );
  }
  const from = begin + offset * size;
  if (isContiguous(shape, strides)) return floatsOf(name, dtype, bytes.subarray(from, from + count * size));
  const values = floatsOf(name, dtype, bytes.subarray(begin, begin + (last + 1) * size));
  return gathered(values, { offset, shape, strides });
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}
