import { open, stat } from 'node:fs/promises';
import { messageOf } from '../../ml/callError.ts';
import { type ByteSource, FileError, openArrayFile, type StoredArray } from '../../ml/formats/index.ts';
import { UsageError } from '../frame/usageError.ts';

/** Maximum bytes per read; Node reads less than 2 GB at once. */
const MOST_AT_ONCE = 2 ** 30;

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** A file that is read in pieces, so that even many gigabytes take little memory. @throws UsageError that names the path. */
export async function openSource(path: string, name = path): Promise<ByteSource> {
  const read = (begin: number, end: number) => readPart(path, begin, end);
  try {
    const { size } = await stat(path);
    // Fail here if the file cannot be read.
    await read(0, Math.min(1, size));
    return { name, size, read };
  } catch (error) {
    throw new UsageError(
      `${path}: expected a file that can be read, found ${reasonOf(error)}; check the path.`,
    );
  }
}

async function readPart(path: string, begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - begin);
  const handle = await open(path);
  try {
    // Opening a folder succeeds; the first read fails.
    if (bytes.length === 0) await handle.read(new Uint8Array(1), 0, 1, 0);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await handle.read(
        bytes,
        at,
        Math.min(bytes.length - at, MOST_AT_ONCE),
        begin + at,
      );
      if (bytesRead === 0) throw new FileError('the file became shorter while it was read; try again.');
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
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
      return messageOf(error);
  }
}

/** Works with the arrays of a NumPy or safetensors file. @throws UsageError that names the file. */
export async function withArrays<Result>(
  path: string,
  work: (arrays: StoredArray[]) => Promise<Result>,
): Promise<Result> {
  const source = await openSource(path);
  return inFile(path, async () => work((await openArrayFile(source)).arrays));
}

/** Adds the file's name to an error about its content, unless the error names the file already. */
export async function inFile<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const message = messageOf(error);
    throw new UsageError(message.startsWith(`${path}: `) ? message : `${path}: ${message}`);
  }
}
