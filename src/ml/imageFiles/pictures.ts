import type { LabeledImages } from '../data/dataset.ts';
import { FileError } from '../formats/fileError.ts';
import type { Raster } from '../pictures/gray.ts';
import { PictureError } from '../pictures/pictureError.ts';
import { sniffPicture } from '../pictures/sniff.ts';
import { classesOf, inOrder } from './classes.ts';
import {
  breathe,
  checkBytes,
  type GivenFile,
  isTestName,
  LEAST_SIDE,
  type ReadContext,
  type ReadImages,
  wholeFile,
} from './given.ts';
import { planeOf, resizePlane, type Size, sizeWithin } from './resize.ts';

interface Picture {
  file: GivenFile;
  className: string;
  isTest: boolean;
}

const EXTENSION = /\.(png|jpe?g|webp|gif|bmp|avif|ico)$/i;
/** The formats of `EXTENSION`, for messages. */
export const PICTURE_FORMATS = 'PNG, JPEG, WebP, GIF, BMP, AVIF or ICO';
const SPLIT_NAMES = /^(train|training|test|testing|val|valid|validation)$/i;
/** Number of pictures whose sizes decide the size of all. */
const SAMPLED = 200;
const MOST_PICTURE_BYTES = 2 ** 27;
const COLORS = 3;
/** Number of pictures read at the same time, because reading a small file is mostly waiting. */
const AT_ONCE = 16;
/** Milliseconds between reports of the progress. */
const BREATH = 50;
/** Pictures are decoded at no more than this many times the wanted size, and averaged from there. */
const OVERSAMPLING = 4;

export function isPictureFile({ path }: GivenFile): boolean {
  return EXTENSION.test(path);
}

/**
 * Reads pictures from one folder per class; folders for training and testing may contain these. All pictures are resized to
 * the most frequent size, at most 64 pixels a side.
 */
export async function readPictures(files: readonly GivenFile[], context: ReadContext): Promise<ReadImages> {
  const others = files.filter((file) => !isPictureFile(file));
  const pictures = files.filter(isPictureFile).map(placeOf);
  pictures.sort((a, b) => inOrder(a.file.path, b.file.path));
  const parts = [pictures.filter(({ isTest }) => !isTest), pictures.filter(({ isTest }) => isTest)].filter(
    ({ length }) => length > 0,
  );
  const classes = classesOf(
    parts.map((part) => part.map(({ className }) => className)),
    'The folders',
  );
  const size = await commonSize(pictures, context);
  checkBytes(pictures.length, COLORS * size.height * size.width, 'The pictures');
  const total = pictures.length;
  let done = 0;
  const read: { images: Uint8Array<ArrayBuffer>; resized: number }[] = [];
  for (const part of parts) {
    read.push(await readPart(part, size, context, { done, total }));
    done += part.length;
  }
  const isGray = read.every(({ images }) => grayEverywhere(images, size));
  const made = read.map(
    ({ images }, i): LabeledImages => ({
      images: isGray ? firstPlanes(images, size) : images,
      labels: classes.labels[i],
      count: parts[i].length,
      channels: isGray ? 1 : COLORS,
      ...size,
    }),
  );
  const resized = read.reduce((sum, part) => sum + part.resized, 0);
  return {
    format: 'pictures in folders',
    classNames: classes.classNames,
    train: made[0],
    test: made.at(1),
    remarks: [...resizedRemark(resized, total, size), ...othersRemark(others)],
  };
}

function placeOf(file: GivenFile): Picture {
  const folders = file.path.split('/').slice(0, -1);
  const className = folders.at(-1);
  if (className === undefined || SPLIT_NAMES.test(className)) {
    throw new FileError(
      `${file.path}: expected each picture in the folder of its class, such as cats/1.png, found ${className === undefined ? 'no folder' : `only the folder “${className}”`}.`,
    );
  }
  const split = folders.slice(0, -1).findLast((folder) => SPLIT_NAMES.test(folder));
  return {
    file,
    className,
    isTest: split !== undefined && !/^train/i.test(split) && isTestName(split.replace(/ing$/i, '')),
  };
}

async function commonSize(pictures: readonly Picture[], context: ReadContext): Promise<Size> {
  const counts = new Map<string, { size: Size; count: number }>();
  const looked = Math.min(SAMPLED, pictures.length);
  for (let i = 0; i < looked; i++) {
    const { file } = pictures[Math.floor((i * pictures.length) / looked)];
    context.signal.throwIfAborted();
    const { width, height } = sizeOf(await wholeFile(file, MOST_PICTURE_BYTES), file.path);
    const key = `${width} ${height}`;
    const known = counts.get(key);
    counts.set(key, { size: { width, height }, count: (known?.count ?? 0) + 1 });
  }
  const [first] = [...counts.values()].sort((a, b) => b.count - a.count);
  const size = sizeWithin(first.size);
  if (Math.min(size.width, size.height) < LEAST_SIDE) {
    throw new FileError(
      `${pictures[0].file.path}: expected pictures of at least ${LEAST_SIDE} pixels a side, found most of ${first.size.width} × ${first.size.height}${size.width === first.size.width ? '' : `, which become ${size.width} × ${size.height}`}.`,
    );
  }
  return size;
}

function sizeOf(bytes: Uint8Array, path: string): Size {
  try {
    const { width, height } = sniffPicture(bytes, path);
    if (width !== undefined && height !== undefined) return { width, height };
  } catch (error) {
    if (error instanceof PictureError) throw new FileError(`${path}: ${error.message}`);
    throw error;
  }
  throw new FileError(`${path}: expected a picture made of pixels, found a drawing (SVG). Save it as PNG.`);
}

async function readPart(
  part: readonly Picture[],
  size: Size,
  context: ReadContext,
  { done, total }: { done: number; total: number },
): Promise<{ images: Uint8Array<ArrayBuffer>; resized: number }> {
  const pixels = COLORS * size.height * size.width;
  const images = new Uint8Array(part.length * pixels);
  let resized = 0;
  let breathed = Number.NEGATIVE_INFINITY;
  for (let start = 0; start < part.length; start += AT_ONCE) {
    if (performance.now() - breathed > BREATH) {
      context.progress({ done: done + start, total, what: 'pictures', bytes: total * pixels });
      await breathe(context);
      breathed = performance.now();
    }
    const group = part.slice(start, start + AT_ONCE);
    await Promise.all(
      group.map(async ({ file }, i) => {
        const { planes, isResized } = await readPlanes(file, size, context);
        images.set(planes, (start + i) * pixels);
        if (isResized) resized++;
      }),
    );
  }
  return { images, resized };
}

/** One picture in the wanted size, as [3, height, width]. */
async function readPlanes(
  file: GivenFile,
  size: Size,
  context: ReadContext,
): Promise<{ planes: Uint8Array; isResized: boolean }> {
  const bytes = await wholeFile(file, MOST_PICTURE_BYTES);
  const own = sizeOf(bytes, file.path);
  const raster = await decoded(context, bytes, file.path, OVERSAMPLING * Math.max(size.height, size.width));
  const fits = raster.width === size.width && raster.height === size.height;
  const area = size.height * size.width;
  const planes = new Uint8Array(COLORS * area);
  for (let channel = 0; channel < COLORS; channel++) {
    const plane = planeOf(raster, channel);
    planes.set(fits ? plane : resizePlane(plane, raster, size), channel * area);
  }
  return { planes, isResized: own.width !== size.width || own.height !== size.height };
}

async function decoded(
  { decode }: ReadContext,
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  largestSide: number,
): Promise<Raster> {
  try {
    return await decode(bytes, path, largestSide);
  } catch {
    throw new FileError(
      `${path}: expected a whole picture, found one that is damaged or that this browser cannot decode.`,
    );
  }
}

function grayEverywhere(images: Uint8Array, { height, width }: Size): boolean {
  const area = height * width;
  for (let start = 0; start < images.length; start += COLORS * area) {
    for (let i = start; i < start + area; i++) {
      if (images[i] !== images[i + area] || images[i] !== images[i + 2 * area]) return false;
    }
  }
  return true;
}

function firstPlanes(images: Uint8Array, { height, width }: Size): Uint8Array<ArrayBuffer> {
  const area = height * width;
  const planes = new Uint8Array(images.length / COLORS);
  for (let i = 0; i * area < planes.length; i++) {
    planes.set(images.subarray(i * COLORS * area, (i * COLORS + 1) * area), i * area);
  }
  return planes;
}

function resizedRemark(resized: number, total: number, { width, height }: Size): string[] {
  if (resized === 0) return [];
  return [`${resized} of ${total} pictures are scaled and cropped to ${height} × ${width} pixels.`];
}

function othersRemark(others: readonly GivenFile[]): string[] {
  if (others.length === 0) return [];
  const shown = others
    .slice(0, 3)
    .map(({ path }) => path)
    .join(', ');
  const files = others.length === 1 ? '1 other file is' : `${others.length} other files are`;
  return [`${files} passed over: ${shown}${others.length > 3 ? ', …' : ''}.`];
}
