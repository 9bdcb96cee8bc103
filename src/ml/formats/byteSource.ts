/** A file that is read in pieces, so that a large one is never in memory as a whole. */
export interface ByteSource {
  name: string;
  size: number;
  /** The bytes from `begin` to before `end`. */
  read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file of the page, or any other blob. */
export function blobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()),
  };
}

/** Bytes that are in memory already. */
export function bytesSource(bytes: Uint8Array<ArrayBuffer>, name: string): ByteSource {
  return { name, size: bytes.length, read: async (begin, end) => bytes.subarray(begin, end) };
}
