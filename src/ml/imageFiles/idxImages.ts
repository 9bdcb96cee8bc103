import { DataError } from '../data/dataError.ts';
import type { LabeledImages } from '../data/dataset.ts';
import { type Idx, parseIdx } from '../data/idx.ts';
import { FileError } from '../formats/fileError.ts';
import { classesOf } from './classes.ts';
import {
  checkBytes,
  checkTestShape,
  type GivenFile,
  isTestName,
  MOST_PIXEL_BYTES,
  type ReadContext,
  type ReadImages,
  wholeFile,
} from './given.ts';
import { gunzip } from './gunzip.ts';
import { asPlanes, layoutOf } from './layout.ts';
import { scaledRemark, withinLimits } from './resize.ts';

interface Named extends Idx {
  path: string;
}

/** Whether a file begins like an IDX file of unsigned bytes, plain or gzipped. */
export function isIdx(head: Uint8Array): boolean {
  return (head[0] === 0 && head[1] === 0 && head[2] === 8 && head[3] >= 1 && head[3] <= 4) || isGzip(head);
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Reads IDX files like MNIST's, plain or gzipped: images and labels of a training part, and optionally of a test part. */
export async function readIdxImages(files: readonly GivenFile[], context: ReadContext): Promise<ReadImages> {
  const read: Named[] = [];
  for (const [i, file] of files.entries()) {
    context.progress({ done: i, total: files.length, what: 'files' });
    context.signal.throwIfAborted();
    read.push({ ...(await readOne(file)), path: file.path });
  }
  const images = read.filter(({ shape }) => shape.length >= 3);
  const labels = read.filter(({ shape }) => shape.length === 1);
  const odd = read.find(({ shape }) => shape.length === 2);
  if (odd) throw new FileError(`${odd.path}: expected images or labels, found an array of [${odd.shape}].`);
  const parts = images.map((each) => pairOf(each, labels, images.length));
  if (parts.length === 0 || parts.length > 2) {
    throw new FileError(
      `Expected one file of images for training and perhaps one for testing, found ${parts.length}. Drop the files of one data set together, images and labels.`,
    );
  }
  // The test part has a name that says so; otherwise, it is the smaller part.
  parts.sort(
    (a, b) =>
      Number(isTestName(a.images.path)) - Number(isTestName(b.images.path)) ||
      b.images.shape[0] - a.images.shape[0],
  );
  const where = parts.map((part) => part.labels.path).join(' and ');
  const classes = classesOf(
    parts.map((part) => part.labels.values),
    where,
  );
  const made = parts.map((part, i) => partOf(part.images, classes.labels[i], context));
  checkTestShape(made[0].part, made.at(1)?.part, parts[parts.length - 1].images.path);
  const remarks = made.flatMap(({ remark }) => remark ?? []);
  return {
    format: 'IDX files',
    classNames: classes.classNames,
    train: made[0].part,
    test: made.at(1)?.part,
    remarks: [...new Set(remarks)],
  };
}

async function readOne(file: GivenFile): Promise<Idx> {
  const bytes = await wholeFile(file);
  try {
    return parseIdx(isGzip(bytes) ? await gunzip(bytes, file.path, MOST_PIXEL_BYTES) : bytes, file.path);
  } catch (error) {
    if (error instanceof DataError) throw new FileError(`${file.path}: ${error.message}`);
    throw error;
  }
}

function pairOf(images: Named, labels: readonly Named[], parts: number): { images: Named; labels: Named } {
  const fitting = labels.filter(({ shape }) => shape[0] === images.shape[0]);
  const named = fitting.filter(({ path }) => isTestName(path) === isTestName(images.path));
  const found = parts === 1 ? fitting[0] : (named[0] ?? fitting[0]);
  if (!found) {
    const counts =
      labels.map(({ path, shape }) => `${shape[0]} in ${path}`).join(', ') || 'no file of labels';
    throw new FileError(
      `${images.path}: expected ${images.shape[0]} labels for its images, found ${counts}.`,
    );
  }
  return { images, labels: found };
}

function partOf(
  { path, shape, values }: Named,
  labels: Uint8Array<ArrayBuffer>,
  { axes }: ReadContext,
): { part: LabeledImages; remark?: string } {
  const layout = layoutOf(shape, path, axes);
  const { count, channels, height, width } = layout;
  checkBytes(count, channels * height * width, path);
  const whole = { images: asPlanes(values, layout), labels, count, channels, height, width };
  const part = withinLimits(whole);
  if (part === whole) return { part };
  return { part, remark: scaledRemark(layout, part) };
}
