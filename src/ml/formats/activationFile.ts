import { sizeOf } from '../model/network.ts';
import { openArrayFile, type StoredArray } from './arrayFile.ts';
import type { ByteSource } from './byteSource.ts';
import { FileError } from './fileError.ts';
import type { Numbers } from './numbers.ts';

/** Activations of any network: one array [n, ...] for each layer, and the images' labels. Rows are read when wanted. */
export interface ActivationFile {
  name: string;
  count: number;
  layers: { name: string; shape: number[]; type: string }[];
  /** Class of each image, as an index into `classNames`. */
  labels: Uint16Array<ArrayBuffer>;
  /** In order: whole numbers by size, names as Python sorts them. A single class, "all", where the file has no labels. */
  classNames: string[];
  /** Bytes of all files. */
  bytes: number;
  /**
   * A layer's values at some images, [images, units].
   * @throws FileError with the image of the first value that is not finite.
   */
  rows(
    layer: string,
    indices: ArrayLike<number>,
    signal?: AbortSignal,
  ): Promise<{ data: Numbers; columns: number }>;
}

const LABELS = /^(labels?|y|targets?|classes)$/i;
/** Whether an array of this name holds the labels, unless the person says otherwise. */
export function isLabelsName(name: string): boolean {
  return LABELS.test(name);
}

/** Arrays beside the layers, such as those that Untangle's own export has. */
const PASSED_OVER = /^(indices|index|ids?|paths?|names?)$/i;
/** Limits. */
const MOST_BYTES = 2 ** 30;
const MOST_CLASSES = 1000;
const MOST_IMAGES = 1_000_000;
const MOST_READ_BYTES = 2 ** 29;

/**
 * Opens activations: one `.npz` or `.safetensors`, or `.npy` files, one for each layer and one named `labels`.
 * @throws FileError that says what is wrong and where.
 */
export async function openActivations(sources: readonly ByteSource[]): Promise<ActivationFile> {
  const bytes = sources.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MOST_BYTES) {
    throw new FileError(
      `Expected at most 1 GB of activations, found ${(bytes / 2 ** 30).toFixed(2)} GB. Save fewer images or layers.`,
    );
  }
  const arrays: StoredArray[] = [];
  for (const source of sources) arrays.push(...(await openArrayFile(source)).arrays);
  const found = arrays.filter(
    ({ name, shape }) => !PASSED_OVER.test(name) && !isLabelsName(name) && shape.length >= 2,
  );
  const given = arrays.find(({ name }) => isLabelsName(name));
  const where = sources[0]?.name ?? 'The files';
  const [first] = found;
  if (!first) {
    const names = arrays
      .map(({ name }) => name)
      .slice(0, 8)
      .join(', ');
    throw new FileError(`${where}: expected an array [n, ...] for each layer, found ${names || 'none'}.`);
  }
  const [count] = first.shape;
  const odd = found.find(({ shape }) => shape[0] !== count);
  if (odd) {
    throw new FileError(
      `${where}: expected the same number of images in every layer, found ${count} in “${first.name}” and ${odd.shape[0]} in “${odd.name}”.`,
    );
  }
  if (count < 2 || count > MOST_IMAGES) {
    throw new FileError(
      `${where}: expected 2 to ${MOST_IMAGES.toLocaleString('en-US')} images, found ${count}.`,
    );
  }
  const { labels, classNames } = given ? await classesOf(given, count, where) : oneClass(count);
  return {
    name: where.replace(/^.*\//, '').slice(0, 100),
    count,
    layers: found.map(({ name, shape, type }) => ({ name, shape: shape.slice(1), type })),
    labels,
    classNames,
    bytes,
    rows: (layer, indices, signal) => readRows(found, layer, indices, signal),
  };
}

async function readRows(
  layers: readonly StoredArray[],
  layer: string,
  indices: ArrayLike<number>,
  signal: AbortSignal | undefined,
): Promise<{ data: Numbers; columns: number }> {
  const array = layers.find(({ name }) => name === layer);
  if (!array) {
    throw new FileError(
      `Expected a layer among ${layers.map(({ name }) => name).join(', ')}, found “${layer}”.`,
    );
  }
  const columns = sizeOf(array.shape.slice(1));
  if (indices.length * columns * 4 > MOST_READ_BYTES) {
    throw new FileError(
      `“${layer}”: expected at most ${MOST_READ_BYTES / 2 ** 20} MB of values at a time, found ${indices.length} images of ${columns} units. Take fewer images.`,
    );
  }
  const data = await array.rows(indices, signal);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new FileError(
      `“${layer}”, image ${indices[Math.floor(bad / columns)]}, unit ${bad % columns}: expected a finite number, found ${data[bad]}.`,
    );
  }
  return { data, columns };
}

async function classesOf(array: StoredArray, count: number, where: string) {
  const shape = array.shape.filter((length, axis) => axis === 0 || length !== 1);
  if (shape.length !== 1 || shape[0] !== count) {
    throw new FileError(
      `${where}: expected ${count} labels, [${count}], in “${array.name}”, found [${array.shape}].`,
    );
  }
  const texts = await array.texts();
  const values: (string | number)[] = texts ?? [
    ...(await array.rows(Int32Array.from({ length: count }, (_, i) => i))),
  ];
  const bad = values.findIndex((value) => typeof value === 'number' && !Number.isSafeInteger(value));
  if (bad >= 0) {
    throw new FileError(
      `${where}, “${array.name}”, image ${bad}: expected a whole number or a name, found ${values[bad]}.`,
    );
  }
  const names = [...new Set(values.map(String))];
  if (names.length > MOST_CLASSES) {
    throw new FileError(
      `${where}: expected at most ${MOST_CLASSES} classes in “${array.name}”, found ${names.length}.`,
    );
  }
  const areNumbers = names.every((name) => /^-?\d+$/.test(name));
  const classNames = names.sort((a, b) => (areNumbers ? Number(a) - Number(b) : a < b ? -1 : 1));
  const places = new Map(classNames.map((name, i) => [name, i]));
  return { labels: Uint16Array.from(values, (value) => places.get(String(value)) ?? 0), classNames };
}

function oneClass(count: number) {
  return { labels: new Uint16Array(count), classNames: ['all'] };
}
