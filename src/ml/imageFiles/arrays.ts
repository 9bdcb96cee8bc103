import type { LabeledImages } from '../data/dataset.ts';
import { type ArrayFile, openArrayFile, type StoredArray } from '../formats/arrayFile.ts';
import { FileError } from '../formats/fileError.ts';
import { isBooleanType, isWholeType } from '../formats/numbers.ts';
import { sizeOf } from '../model/network.ts';
import { classesOf, type GivenLabels, wholeLabels } from './classes.ts';
import { checkBytes, checkTestShape, type GivenFile, type ReadContext, type ReadImages } from './given.ts';
import { asPlanes, layoutOf } from './layout.ts';
import { pixelBytes } from './pixelBytes.ts';
import { scaledRemark, withinLimits } from './resize.ts';

/** Names under which people save images and labels, in lower case; the first pair is of the training part. */
const PAIRS = [
  {
    images: ['x_train', 'train_images', 'train_x', 'train_data'],
    labels: ['y_train', 'train_labels', 'train_y'],
  },
  { images: ['images', 'x', 'data'], labels: ['labels', 'y', 'targets'] },
];
const TEST = {
  images: ['x_test', 'test_images', 'test_x', 'test_data'],
  labels: ['y_test', 'test_labels', 'test_y'],
};
const CLASS_NAMES = ['class_names', 'classes', 'label_names'];

interface NamedParts {
  train: { images: StoredArray; labels: StoredArray };
  test?: { images: StoredArray; labels: StoredArray };
  classNames?: StoredArray;
}

/** The arrays whose names say that they are images and labels; undefined if the file has none. */
export function imageArrays({ arrays }: Pick<ArrayFile, 'arrays'>): NamedParts | undefined {
  const find = (names: readonly string[]) => arrays.find(({ name }) => names.includes(name.toLowerCase()));
  const pair = (names: { images: readonly string[]; labels: readonly string[] }) => {
    const [images, labels] = [find(names.images), find(names.labels)];
    return images && labels && { images, labels };
  };
  const train = PAIRS.map(pair).find((found) => found !== undefined);
  return train && { train, test: pair(TEST), classNames: find(CLASS_NAMES) };
}

/** Reads images and labels from an `.npz` archive. */
export async function readArrays(files: readonly GivenFile[], context: ReadContext): Promise<ReadImages> {
  const [{ path, source }] = files;
  const opened = await openArrayFile(source);
  const parts = imageArrays(opened);
  if (!parts) {
    const names = opened.arrays.map(({ name }) => name).slice(0, 8);
    throw new FileError(
      `${path}: expected the arrays x_train, y_train, x_test, y_test, or images and labels, found ${names.join(', ') || 'none'}.`,
    );
  }
  const { train, test } = parts;
  const given = [train, ...(test ? [test] : [])];
  const labels: GivenLabels[] = [];
  for (const part of given) labels.push(await readLabels(part.labels, path));
  const names = parts.classNames && (await parts.classNames.texts());
  const classes = classesOf(labels, path, names);
  const read: LabeledImages[] = [];
  const remarks: string[] = [];
  for (const [i, part] of given.entries()) {
    context.progress({ done: i, total: given.length, what: 'parts' });
    const images = await readImages(part.images, path, context);
    if (images.count !== classes.labels[i].length) {
      throw new FileError(
        `${path}: expected a label for each of the ${images.count} images of “${part.images.name}”, found ${classes.labels[i].length} in “${part.labels.name}”.`,
      );
    }
    const whole = { ...images, labels: classes.labels[i] };
    const fitted = withinLimits(whole);
    if (fitted !== whole) remarks.push(scaledRemark(images, fitted));
    read.push(fitted);
  }
  checkTestShape(read[0], read.at(1), test ? `${path}, “${test.images.name}”` : path);
  return {
    format: 'NumPy arrays (.npz)',
    classNames: classes.classNames,
    train: read[0],
    test: read.at(1),
    remarks: [...new Set(remarks)],
  };
}

async function readLabels(array: StoredArray, path: string): Promise<GivenLabels> {
  const where = `${path}, “${array.name}”`;
  const shape = array.shape.filter((length, axis) => axis === 0 || length !== 1);
  if (shape.length !== 1) {
    throw new FileError(
      `${where}: expected one label for each image, [n], found [${array.shape.join(', ')}]. Of one-hot labels, save numpy.argmax(labels, 1).`,
    );
  }
  const texts = await array.texts();
  return texts ?? wholeLabels(await array.rows(range(array.shape[0])), where);
}

async function readImages(
  array: StoredArray,
  path: string,
  { axes, signal }: ReadContext,
): Promise<Omit<LabeledImages, 'labels'>> {
  const where = `${path}, “${array.name}”`;
  const layout = layoutOf(array.shape, where, axes);
  const pixels = sizeOf(array.shape.slice(1));
  checkBytes(layout.count, pixels, where);
  const values = await array.rows(range(layout.count), signal);
  signal.throwIfAborted();
  const whole = isWholeType(array.type) && !isBooleanType(array.type);
  const bytes = values instanceof Uint8Array && whole ? values : pixelBytes(values, { where, pixels, whole });
  const { count, channels, height, width } = layout;
  return { images: asPlanes(bytes, layout), count, channels, height, width };
}

function range(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
