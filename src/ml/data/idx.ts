import { DataError } from './dataError.ts';

/**
 * The IDX format of the MNIST files (LeCun, Cortes, Burges): two zero bytes, the type (8: unsigned byte), the
 * count of dimensions, each dimension as a big-endian u32, then the values.
 */
export interface Idx {
  shape: number[];
  /** Unsigned bytes, row-major; a view of the file's bytes. */
  values: Uint8Array<ArrayBuffer>;
}

const UNSIGNED_BYTE = 8;
const MAX_DIMENSIONS = 4;
/** Maximum number of values; a larger data set does not fit in a page. */
const MAX_VALUES = 2 ** 30;

/**
 * Reads an IDX file of unsigned bytes.
 * @param name the file's name, for the error's message.
 * @throws DataError `notData`, `truncated` or `corrupt`.
 */
export function parseIdx(file: Uint8Array<ArrayBuffer>, name: string): Idx {
  if (file.length < 4 || file[0] !== 0 || file[1] !== 0) {
    const text = new TextDecoder().decode(file.subarray(0, 512)).trimStart();
    const found = text.startsWith('<') ? 'a web page' : file.length === 0 ? 'nothing' : 'other bytes';
    throw new DataError(
      'notData',
      name,
      'parseIdx',
      `expected an IDX file in ${name}, found ${found}. Check that the file is where the page expects it.`,
    );
  }
  const [, , type, dimensions] = file;
  if (type !== UNSIGNED_BYTE || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw new DataError(
      'notData',
      name,
      'parseIdx',
      `expected unsigned bytes (type 8) in 1 to ${MAX_DIMENSIONS} dimensions in ${name}, found type ${type} in ${dimensions}.`,
    );
  }
  const start = 4 + 4 * dimensions;
  if (file.length < start) {
    throw new DataError(
      'truncated',
      name,
      'parseIdx',
      `expected ${start} bytes of header in ${name}, found ${file.length}: the file is cut short. Get it again.`,
    );
  }
  const view = new DataView(file.buffer, file.byteOffset, start);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((product, length) => product * length, 1);
  const found = file.length - start;
  if (size > MAX_VALUES) {
    throw new DataError(
      'corrupt',
      name,
      'parseIdx',
      `expected at most ${MAX_VALUES} values in ${name}, found [${shape}].`,
    );
  }
  if (found !== size) {
    throw new DataError(
      found < size ? 'truncated' : 'corrupt',
      name,
      'parseIdx',
      `expected [${shape}] = ${size} values in ${name}, found ${found}: the file is ${found < size ? 'cut short' : 'too long'}. Get it again.`,
    );
  }
  return { shape, values: file.subarray(start) };
}

/** Writes unsigned bytes of a shape as an IDX file. */
export function writeIdx({ shape, values }: Idx): Uint8Array<ArrayBuffer> {
  const start = 4 + 4 * shape.length;
  const file = new Uint8Array(start + values.length);
  file.set([0, 0, UNSIGNED_BYTE, shape.length]);
  const view = new DataView(file.buffer);
  shape.forEach((length, i) => {
    view.setUint32(4 + 4 * i, length);
  });
  file.set(values, start);
  return file;
}
