import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { LabeledImages, Split } from '../../ml/data/dataset.ts';
import { plainText } from '../../ml/expressions/typed.ts';

/** The gallery's filter. */
export interface GalleryState {
  split: Split;
  digit?: number;
  /** Show only misclassified images. */
  wrong: boolean;
  /** Show only images predicted as this class. */
  prediction?: number;
  /** Show only these indices and ranges, such as "0-99, 4740"; empty for all. */
  indices: string;
}

export interface Gallery {
  store: StoreApi<GalleryState>;
  /** Changes the filter. */
  show(changes: Partial<GalleryState>): void;
}

export function createGallery(): Gallery {
  const store = createStore<GalleryState>(() => ({ split: 'test', wrong: false, indices: '' }));
  return { store, show: (changes) => store.setState(changes) };
}

/** Whether the filter needs predictions. */
export function needsPredictions({ wrong, prediction }: GalleryState): boolean {
  return wrong || prediction !== undefined;
}

/**
 * Indices of the images that pass the filter, in ascending order.
 * @param predictions the network's predictions by image. Without predictions, filters that need them match nothing.
 */
export function filterImages(
  { labels, count }: LabeledImages,
  filter: GalleryState,
  predictions?: Uint8Array,
): Int32Array {
  const { digit, wrong, prediction } = filter;
  if (needsPredictions(filter) && predictions?.length !== count) return new Int32Array(0);
  const candidates = filter.indices === '' ? undefined : parseIndices(filter.indices, count);
  const found = new Int32Array(candidates?.length ?? count);
  let length = 0;
  for (let i = 0; i < found.length; i++) {
    const image = candidates?.[i] ?? i;
    if (digit !== undefined && labels[image] !== digit) continue;
    if (wrong && predictions?.[image] === labels[image]) continue;
    if (prediction !== undefined && predictions?.[image] !== prediction) continue;
    found[length++] = image;
  }
  return found.subarray(0, length);
}

/**
 * Reads a list of indices and ranges such as "0-99, 4740".
 * @returns the indices in ascending order without duplicates.
 * @throws an Error that names the first invalid part.
 */
export function parseIndices(text: string, count: number): Int32Array {
  const wanted = new Uint8Array(count);
  const parts = plainText(text)
    .replace(/\s*-\s*/g, '-')
    .split(/[,;\s]+/);
  for (const part of parts.filter((part) => part !== '')) {
    // Reject leading zeros, because "1,000" would mean images 1 and 0.
    const match = /^(0|[1-9]\d*)(?:-(0|[1-9]\d*))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || first > last || last >= count) {
      throw new CallError(
        'parseIndices',
        `expected numbers or ranges from 0 to ${count - 1}, such as 0-99, 4740; found "${part}"`,
      );
    }
    wanted.fill(1, first, last + 1);
  }
  const indices = new Int32Array(wanted.reduce((sum, flag) => sum + flag, 0));
  let length = 0;
  wanted.forEach((flag, index) => {
    if (flag) indices[length++] = index;
  });
  return indices;
}
