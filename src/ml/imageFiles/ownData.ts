import { classCounts } from '../data/classCounts.ts';
import { dataHash } from '../data/dataHash.ts';
import { ownDataId } from '../data/dataId.ts';
import { type DataSet, type LabeledImages, pixelCount } from '../data/dataset.ts';
import { FileError } from '../formats/fileError.ts';
import type { ReadImages } from './given.ts';
import type { HeldOut } from './heldOut.ts';
import { holdOut } from './split.ts';

/** The preview of images before a person takes them. */
export interface ImagesPreview {
  name: string;
  format: string;
  classNames: string[];
  channels: number;
  height: number;
  width: number;
  /** Number of images of each class for training and, if the files have a test part, for testing. */
  counts: number[];
  testCounts?: number[];
  /** Bytes that the images take in memory. */
  bytes: number;
  remarks: string[];
  /** Some images with their labels. */
  samples: LabeledImages;
}

const SAMPLES = 24;

/** The preview of images that were read: the first images of each class in turn. */
export function previewOf(
  name: string,
  { format, classNames, train, test, remarks }: ReadImages,
): ImagesPreview {
  const { channels, height, width } = train;
  const pixels = pixelCount(train);
  const rounds = Math.ceil(SAMPLES / classNames.length);
  const taken = new Map<number, number>();
  const indices: number[] = [];
  for (let i = 0; i < train.count && indices.length < SAMPLES; i++) {
    const seen = taken.get(train.labels[i]) ?? 0;
    if (seen < rounds) indices.push(i);
    taken.set(train.labels[i], seen + 1);
  }
  indices.sort((a, b) => train.labels[a] - train.labels[b] || a - b);
  const images = new Uint8Array(indices.length * pixels);
  indices.forEach((index, i) => {
    images.set(train.images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
  });
  const labels = Uint8Array.from(indices, (index) => train.labels[index]);
  const counts = classCounts(train.labels, classNames.length);
  const testCounts = test && classCounts(test.labels, classNames.length);
  return {
    ...{ name, format, classNames, channels, height, width, counts, testCounts },
    remarks: [...remarks, ...countRemarks(classNames, counts, testCounts)],
    bytes: train.images.length + (test?.images.length ?? 0),
    samples: { ...train, images, labels, count: indices.length },
  };
}

/** Names the classes without an image to train on or to test. */
function countRemarks(
  classNames: readonly string[],
  counts: readonly number[],
  testCounts: readonly number[] | undefined,
): string[] {
  const named = (isMeant: (label: number) => boolean) => {
    const names = classNames.filter((_, label) => isMeant(label)).map((name) => `“${name}”`);
    const shown = names.slice(0, 5).join(', ');
    return names.length === 0
      ? undefined
      : `${shown}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
  };
  const remarks: string[] = [];
  const untrained = named((label) => counts[label] === 0);
  if (untrained) remarks.push(`No training image is of class ${untrained}: the network cannot learn it.`);
  if (testCounts) {
    const untested = named((label) => testCounts[label] === 0);
    if (untested) remarks.push(`No test image is of class ${untested}, whose accuracy stays unknown.`);
    return remarks;
  }
  const single = named((label) => counts[label] === 1);
  if (single) {
    remarks.push(
      `Only one image is of class ${single}: the image trains, and none is held out, so the accuracy of the class stays unknown.`,
    );
  }
  return remarks;
}

/**
 * The data set of images that were read. Without a test part, a share of the images is held out.
 * @throws FileError if no class has an image to hold out.
 */
export async function ownDataSet(
  name: string,
  { classNames, train, test }: ReadImages,
  heldOut: HeldOut,
): Promise<DataSet> {
  const parts = test ? { train, test } : holdOut(train, heldOut);
  if (parts.test.count === 0) {
    throw new FileError(
      'Expected at least one class with two images, of which one is held out for testing, found one image in each class. Add images, or give a test part.',
    );
  }
  const sha256 = await dataHash({ classNames, ...parts });
  return { id: ownDataId(sha256), name, sha256, classNames, ...parts };
}
