import { messageOf } from '../callError.ts';
import type { LabeledImages } from '../data/dataset.ts';
import type { ByteSource } from '../formats/byteSource.ts';
import { FileError } from '../formats/fileError.ts';
import type { Raster } from '../pictures/gray.ts';

/** A person's file, with its path inside the folder that was dropped. */
export interface GivenFile {
  path: string;
  source: ByteSource;
}

export interface ReadingProgress {
  /** Number of files or images done, out of `total`. */
  done: number;
  total: number;
  /** The unit to show, such as "pictures" or "rows". */
  what: string;
  /** Bytes of memory that the images take while they are read, once known. */
  bytes?: number;
}

export interface ReadContext {
  signal: AbortSignal;
  progress(progress: ReadingProgress): void;
  /** Decodes a picture at its own size, or scaled down to at most `largestSide` pixels. */
  decode(bytes: Uint8Array<ArrayBuffer>, path: string, largestSide: number): Promise<Raster>;
  /** The answer to an earlier question about the axes. */
  axes?: AxisOrder;
}

/** The order of a color image's values: one plane after another, or pixel by pixel. */
export type AxisOrder = 'planes' | 'pixels';

/** The images that a reader found in a person's files. */
export interface ReadImages {
  /** The format to show, such as "NumPy arrays (.npz)". */
  format: string;
  classNames: string[];
  train: LabeledImages;
  /** Missing if the files have no test part. */
  test?: LabeledImages;
  /** Sentences about resized images and skipped files. */
  remarks: string[];
}

/** Images whose layout only the person knows. */
export class AxesQuestion extends Error {
  override readonly name = 'AxesQuestion';
}

/** Largest number of pixel bytes of a data set. */
export const MOST_PIXEL_BYTES = 2 ** 30;
/** Largest number of files of a folder or an archive. */
export const MOST_FILES = 300_000;
const HEAD_BYTES = 4096;
export const LEAST_CLASSES = 2;
export const MOST_CLASSES = 100;
export const LEAST_SIDE = 8;
export const MOST_SIDE = 64;

/** @throws FileError for a size that the lab cannot hold; `where` names the file. */
export function checkBytes(count: number, pixels: number, where: string): void {
  if (count * pixels <= MOST_PIXEL_BYTES) return;
  throw new FileError(
    `${where}: expected at most ${MOST_PIXEL_BYTES / 2 ** 30} GB of pixels, found ${(count * pixels) / 2 ** 30} GB in ${count} images. Take fewer or smaller images.`,
  );
}

/** @throws FileError if the size or the channels of the test images differ from those of the training images. */
export function checkTestShape(train: LabeledImages, test: LabeledImages | undefined, where: string): void {
  if (!test || (['channels', 'height', 'width'] as const).every((side) => train[side] === test[side])) return;
  throw new FileError(
    `${where}: expected test images like the training images, ${shapeText(train)}, found ${shapeText(test)}.`,
  );
}

function shapeText({ channels, height, width }: LabeledImages): string {
  return `${channels === 1 ? 'gray' : 'color'} images of ${height} × ${width} pixels`;
}

export function isTestName(name: string): boolean {
  return /(^|[^a-z0-9])(test|t10k|val|valid|validation)([^a-z0-9]|$)/i.test(name);
}

/** @throws FileError for more than `MOST_FILES` files. @param where the folder's name. */
export function checkFiles(count: number, where: string): void {
  if (count <= MOST_FILES) return;
  throw new FileError(
    `${where}: expected at most ${MOST_FILES.toLocaleString('en-US')} files, found more. Take fewer.`,
  );
}

/** Lets the worker handle messages, such as a cancel. */
export async function breathe({ signal }: Pick<ReadContext, 'signal'>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal.throwIfAborted();
}

/** The first bytes of a file, from which a format is recognized. */
export function headOf({ source }: GivenFile): Promise<Uint8Array> {
  return source.read(0, Math.min(HEAD_BYTES, source.size));
}

/** All bytes of a file. @throws FileError for a file that is empty, too large, or unreadable. */
export async function wholeFile(
  { path, source }: GivenFile,
  most = MOST_PIXEL_BYTES,
): Promise<Uint8Array<ArrayBuffer>> {
  if (source.size > most) {
    throw new FileError(`${path}: expected at most ${most} bytes, found ${source.size}.`);
  }
  if (source.size === 0) throw new FileError(`${path}: expected content, found an empty file.`);
  try {
    return await source.read(0, source.size);
  } catch (error) {
    throw new FileError(
      `${path} cannot be read (${messageOf(error)}). It may have been moved or changed; choose it again.`,
    );
  }
}
