/** Files of arrays and of runs: read with every check, since the files come from strangers, and write byte for byte the same. */

export { type ArrayFile, openArrayFile, type StoredArray } from './arrayFile.ts';
export { type ByteSource, blobSource, bytesSource } from './byteSource.ts';
export { FileError } from './fileError.ts';
export {
  type NpyArray,
  type NpyData,
  readNpy,
  readNpz,
  writeNpy,
  writeNpz,
} from './npz.ts';
export type { Numbers } from './numbers.ts';
export type { RunContent } from './runContent.ts';
export { readRunFile, writeRunFile } from './runFile.ts';
export {
  type Dtype,
  float32Tensor,
  float32Values,
  parseSafetensors,
  type Safetensors,
  type Tensor,
  writeSafetensors,
} from './safetensors.ts';
export type { ZipLimits } from './zip.ts';
