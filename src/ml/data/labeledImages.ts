import { DataError } from './dataError.ts';
import type { LabeledImages } from './dataset.ts';
import type { Idx } from './idx.ts';

/** The file names of a split and their expected content. */
export interface SplitFiles {
  images: string;
  labels: string;
  width: number;
  height: number;
  classes: number;
}

/**
 * Joins a split's two IDX files.
 * @throws DataError `corrupt` if dimensions, counts or labels are inconsistent.
 */
export function labeledImages(images: Idx, labels: Idx, files: SplitFiles): LabeledImages {
  const { width, height, classes } = files;
  const [count] = images.shape;
  if (images.shape.length !== 3 || images.shape[1] !== height || images.shape[2] !== width) {
    throw new DataError(
      'corrupt',
      files.images,
      'labeledImages',
      `expected images of ${height} x ${width} in ${files.images}, found [${images.shape}].`,
    );
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new DataError(
      'corrupt',
      files.labels,
      'labeledImages',
      `expected ${count} labels in ${files.labels}, found [${labels.shape}].`,
    );
  }
  const bad = labels.values.findIndex((label) => label >= classes);
  if (bad >= 0) {
    throw new DataError(
      'corrupt',
      files.labels,
      'labeledImages',
      `expected labels from 0 to ${classes - 1} in ${files.labels}, found ${labels.values[bad]} at ${bad}.`,
    );
  }
  return { images: images.values, labels: labels.values, count, channels: 1, width, height };
}
