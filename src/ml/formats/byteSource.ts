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

/** Bytes of a block. */
const BLOCK = 2 ** 20;
/** Maximum number of blocks in memory. */
const MOST_BLOCKS = 8;

/**
 * A source that reads whole blocks of 1 MB, keeps the most recent ones, and takes small pieces from these. Without blocks, each
 * of an archive's many small files would be a separate read by the browser.
 */
export function inBlocks(source: ByteSource): ByteSource {
  const blocks = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();

  function block(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const begin = index * BLOCK;
    const known = blocks.get(index) ?? source.read(begin, Math.min(source.size, begin + BLOCK));
    // The most recently used block is last.
    blocks.delete(index);
    blocks.set(index, known);
    for (const old of [...blocks.keys()].slice(0, -MOST_BLOCKS)) blocks.delete(old);
    known.catch(() => blocks.delete(index));
    return known;
  }

  return {
    ...source,
    async read(begin, end) {
      const [first, last] = [Math.floor(begin / BLOCK), Math.floor((end - 1) / BLOCK)];
      if (end - begin >= BLOCK || last >= first + 2) return source.read(begin, end);
      const head = (await block(first)).subarray(begin - first * BLOCK, end - first * BLOCK);
      if (last <= first) return head.slice();
      const tail = (await block(last)).subarray(0, end - last * BLOCK);
      const bytes = new Uint8Array(head.length + tail.length);
      bytes.set(head);
      bytes.set(tail, head.length);
      return bytes;
    },
  };
}
