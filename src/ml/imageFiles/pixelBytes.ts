import { FileError } from '../formats/fileError.ts';

interface PixelForm {
  /** Names the file and its array in errors. */
  where: string;
  /** Number of values per image, for the row in an error. */
  pixels: number;
  /** Whether values are whole numbers from 0 to 255, or floats from 0 to 1. */
  whole: boolean;
  /** The word for an image in an error, and the number of the first image. */
  row?: { name: string; first: number };
}

/**
 * Pixels as bytes: whole numbers unchanged, floats in [0, 1] times 255 and rounded.
 * @throws FileError that names the row of the first value that is out of range or not a number.
 */
export function pixelBytes(values: ArrayLike<number>, form: PixelForm): Uint8Array<ArrayBuffer> {
  const { where, pixels, whole, row = { name: 'image', first: 0 } } = form;
  const bytes = new Uint8Array(values.length);
  const most = whole ? 255 : 1;
  const scale = whole ? 1 : 255;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value >= 0 && value <= most) || (whole && !Number.isInteger(value))) {
      const place = `${row.name} ${row.first + Math.floor(i / pixels)}`;
      const range = whole ? 'whole numbers from 0 to 255' : 'floats from 0 to 1';
      const remedy = !whole && value > 1 && value <= 255 ? ' Divide them by 255, or save them as uint8.' : '';
      throw new FileError(`${where}, ${place}: expected pixels as ${range}, found ${value}.${remedy}`);
    }
    bytes[i] = Math.round(value * scale);
  }
  return bytes;
}
