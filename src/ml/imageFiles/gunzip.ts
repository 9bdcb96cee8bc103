import { Gunzip } from 'fflate';
import { FileError } from '../formats/fileError.ts';

/** Number of packed bytes per step, so that a file that unpacks to far too much is rejected early. */
const PIECE = 2 ** 16;

/** Unpacks a gzip file. @throws FileError if the file is damaged, cut short, or unpacks to more than `most` bytes. */
export async function gunzip(
  packed: Uint8Array,
  path: string,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  const inflater = new Gunzip((piece, final) => {
    length += piece.length;
    if (length > most) throw new FileError(`${path}: expected at most ${most} bytes unpacked, found more.`);
    parts.push(piece.slice());
    ended = final;
  });
  try {
    for (let at = 0; at < packed.length; at += PIECE) {
      inflater.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
    }
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw damaged(path);
  }
  // The last four bytes hold the length, modulo 2^32.
  const stated = new DataView(packed.buffer, packed.byteOffset + packed.length - 4, 4).getUint32(0, true);
  if (!ended || packed.length < 18 || stated !== length % 2 ** 32) throw damaged(path);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function damaged(path: string): FileError {
  return new FileError(
    `${path}: expected a whole gzip file, found one that is cut short or damaged. Get it again.`,
  );
}
