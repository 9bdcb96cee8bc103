import { CallError } from '../callError.ts';
import type { DataDescription, DataSet, LabeledImages } from '../data/dataset.ts';
import { parseIdx, writeIdx } from '../data/idx.ts';

/** A person's own images in a run's file: `data/train-images.idx` ([n, channels, height, width]), `data/train-labels.idx`, and of the test part. */

/** Larger data sets are named in the file, and asked for when it is opened. */
export const MOST_IMAGE_BYTES = 25 * 2 ** 20;

const SPLITS = ['train', 'test'] as const;

export function writeImages(data: DataSet): [path: string, bytes: Uint8Array][] {
  return SPLITS.flatMap((split): [string, Uint8Array][] => {
    const { images, labels, count, channels, height, width } = data[split];
    return [
      [pathOf(split, 'images'), writeIdx({ shape: [count, channels, height, width], values: images })],
      [pathOf(split, 'labels'), writeIdx({ shape: [count], values: labels })],
    ];
  });
}

/**
 * @param described the data set that the run names.
 * @returns undefined where the file has no images. Their hash is still to be checked.
 */
export function readImagesOfRun(
  files: ReadonlyMap<string, Uint8Array>,
  described: DataDescription | undefined,
): DataSet | undefined {
  if (!described || !files.has(pathOf('train', 'images'))) return undefined;
  const [train, test] = SPLITS.map((split) => readPart(files, split, described.classNames.length));
  return { ...described, train, test };
}

function readPart(
  files: ReadonlyMap<string, Uint8Array>,
  split: (typeof SPLITS)[number],
  classes: number,
): LabeledImages {
  const [images, labels] = (['images', 'labels'] as const).map((kind) => {
    const path = pathOf(split, kind);
    return parseIdx(new Uint8Array(files.get(path) ?? []), path);
  });
  const [count, channels, height, width] = images.shape;
  const fits = images.shape.length === 4 && labels.shape.length === 1 && labels.shape[0] === count;
  if (!fits || labels.values.some((label) => label >= classes)) {
    throw new CallError(
      'readRunFile',
      `expected images with labels below ${classes} in the run's data, found [${images.shape}] and [${labels.shape}]`,
    );
  }
  return { images: images.values.slice(), labels: labels.values.slice(), count, channels, height, width };
}

function pathOf(split: string, kind: string): string {
  return `data/${split}-${kind}.idx`;
}
