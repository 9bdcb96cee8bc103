import { dataHash } from '../dataHash.ts';
import { ownDataId } from '../dataId.ts';
import { type DataSet, type LabeledImages, pixelCount } from '../dataset.ts';
import type { ReadImages } from './given.ts';
import { type HeldOut, holdOut } from './split.ts';

/** What a person sees before taking images. */
export interface ImagesPreview {
  name: string;
  format: string;
  classNames: string[];
  channels: number;
  height: number;
  width: number;
  /** Images of each class, in training and, where the files have a test part, in testing. */
  counts: number[];
  testCounts?: number[];
  /** Bytes that the images take in memory. */
  bytes: number;
  remarks: string[];
  /** Some images with their labels. */
  samples: LabeledImages;
}

const SAMPLES = 24;

/** A preview of what was read: the first images of each class in turn. */
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
  return {
    ...{ name, format, classNames, channels, height, width, remarks },
    counts: countsOf(train, classNames.length),
    testCounts: test && countsOf(test, classNames.length),
    bytes: train.images.length + (test?.images.length ?? 0),
    samples: { ...train, images, labels, count: indices.length },
  };
}

function countsOf({ labels }: LabeledImages, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}

/** The data set of what was read; without a test part, a share is held out. */
export async function ownDataSet(
  name: string,
  { classNames, train, test }: ReadImages,
  heldOut: HeldOut,
): Promise<DataSet> {
  const parts = test ? { train, test } : holdOut(train, heldOut);
  const sha256 = await dataHash({ classNames, ...parts });
  return { id: ownDataId(sha256), name, sha256, classNames, ...parts };
}
