import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { LabeledImages, Split } from '../../ml/data/dataset.ts';
import { plainText } from '../../ml/expressions/typed.ts';

/** Which images the gallery shows. */
export interface GalleryState {
  split: Split;
  digit?: number;
  /** Only those that the network takes for something else. */
  wrong: boolean;
  /** Only those that the network takes for this class. */
  prediction?: number;
  /** Indices and ranges of indices, such as "0-99, 4740"; empty for all. */
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

/** The filter needs the network's predictions. */
export function needsPredictions({ wrong, prediction }: GalleryState): boolean {
  return wrong || prediction !== undefined;
}

/**
 * Indices of the images that pass the filter, in ascending order.
 * @param predictions the network's, by image; without them, filters that need them match nothing.
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
 * @returns them in ascending order, each once.
 * @throws an Error that names the first part that does not fit.
 */
export function parseIndices(text: string, count: number): Int32Array {
  const wanted = new Uint8Array(count);
  const parts = plainText(text)
    .replace(/\s*-\s*/g, '-')
    .split(/[,;\s]+/);
  for (const part of parts.filter((part) => part !== '')) {
    // No leading zeros: "1,000" would be the images 1 and 0.
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
