import { FileError } from '../fileError.ts';

/** Maximum length of a global's name and of a number in text. */
const MAX_LINE = 1000;
/** Maximum bytes of one integer; Python itself warns about longer ones. */
const MAX_LONG = 256;

/** Reads a pickle's arguments. Never reads past the end of the file. */
export class ByteReader {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  take(count: number): Uint8Array {
    const begin = this.#advance(count);
    return this.#bytes.subarray(begin, begin + count);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** Reads a length of eight bytes. */
  length64(): number {
    const length = this.#view.getBigUint64(this.#advance(8), true);
    // A length beyond any file's size fails in `take`.
    return Number(length);
  }

  /** Reads a big-endian float64, the byte order of pickles. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** Reads a little-endian two's complement integer. */
  long(length: number): number | bigint {
    if (length > MAX_LONG) {
      throw new FileError(
        `Expected whole numbers of at most ${MAX_LONG} bytes in the pickle, found one of ${length}.`,
      );
    }
    let value = 0n;
    const bytes = this.take(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
    return plainNumber(BigInt.asIntN(8 * length, value));
  }

  text(length: number): string {
    return new TextDecoder().decode(this.take(length));
  }

  /** Reads text up to the next line feed. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0 || end - this.at > MAX_LINE) {
      throw new FileError('Expected a name on a line of its own in the pickle, found none: it is damaged.');
    }
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  #advance(count: number): number {
    const begin = this.at;
    if (begin + count > this.#bytes.length) {
      throw new FileError(
        `Expected ${count} more bytes in the pickle, found ${this.#bytes.length - begin}: the file is cut short or damaged. Copy or download it again.`,
      );
    }
    this.at = begin + count;
    return begin;
  }
}

/** Reads an integer written as text, as the oldest pickles do. */
export function longOf(text: string): number | bigint {
  const digits = /^\s*([+-]?\d{1,600})L?\s*$/.exec(text)?.[1];
  if (digits === undefined) throw new FileError('Expected a whole number in the pickle, found other text.');
  return plainNumber(BigInt(digits));
}

function plainNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
