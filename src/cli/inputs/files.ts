import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type FileArray, readArrays } from '../../ml/formats/index.ts';
import { UsageError } from '../frame/usageError.ts';

/** The person's own file: only its size is limited, by what Node reads at once. */
const LIMITS = { maxBytes: 2 ** 33, maxRatio: Number.POSITIVE_INFINITY };

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** @throws UsageError that names the path. */
async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(
      `${path}: expected a file that can be read, found ${reasonOf(error)}; check the path.`,
    );
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'none';
    case 'EISDIR':
      return 'a folder';
    case 'EACCES':
      return 'one without permission to read';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** The arrays of a NumPy or safetensors file. @throws UsageError that names the file. */
export async function readArrayFile(path: string): Promise<FileArray[]> {
  const name = basename(path).replace(/\.npy$/, '');
  const bytes = await readBytes(path);
  const arrays = inFile(path, () => readArrays(bytes, { name, limits: LIMITS }));
  if (arrays.length === 0) throw new UsageError(`${path}: expected at least one array, found none.`);
  return arrays;
}

/** Adds the file's name to an error about its content. */
export function inFile<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
