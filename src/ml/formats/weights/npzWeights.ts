import { type NpyFile, parseNpy } from '../npz.ts';
import { checkTensorCount, floatsOf, gathered, type WeightFile, type WeightTensor } from './weightTensor.ts';

const EXTENSION = /\.npy$/;
/** Maps NumPy's little-endian types to safetensors' names; other types keep NumPy's names. */
const DTYPES: Readonly<Record<string, string>> = {
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

/** The arrays of an NPZ archive with these files. */
export function readNpzWeights(files: ReadonlyMap<string, Uint8Array>): WeightFile {
  checkTensorCount(files.size);
  const tensors = [...files].map(([name, bytes]) => tensorOf(name.replace(EXTENSION, ''), parseNpy(bytes)));
  return { format: 'NumPy', tensors };
}

function tensorOf(name: string, { descriptor, fortranOrder, shape, bytes }: NpyFile): WeightTensor {
  const dtype = DTYPES[descriptor] ?? descriptor;
  return {
    name,
    dtype,
    shape,
    values() {
      const values = floatsOf(name, dtype, bytes);
      return fortranOrder ? gathered(values, { shape, strides: fortranStrides(shape) }) : values;
    },
  };
}

function fortranStrides(shape: readonly number[]): number[] {
  let stride = 1;
  return shape.map((length) => {
    const own = stride;
    stride *= length;
    return own;
  });
}
