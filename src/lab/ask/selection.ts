import { CallError } from '../../ml/callError.ts';
import { type DataSet, pixelCount, type Split } from '../../ml/data/dataset.ts';
import { notebookDraw } from '../../ml/data/notebookDraw.ts';
import { randomOrder } from '../../ml/random/order.ts';

/** Images of the data set selected for an analysis. */
export interface Selection {
  split: Split;
  indices: Int32Array;
  /** Bytes [n, pixels]. */
  images: Uint8Array;
  labels: Uint8Array;
}

/** @throws unless `value` is a whole number within the limits. */
export function checkWhole(
  value: unknown,
  [low, high]: [number, number],
  caller: string,
  what: string,
): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
    throw new CallError(caller, `expected ${what} from ${low} to ${high}, found ${String(value)}`);
  }
  return value;
}

/** @throws unless the split is "train" or "test". */
export function checkSplit(split: unknown, caller: string): Split {
  if (split !== 'train' && split !== 'test') {
    throw new CallError(caller, `expected split "train" or "test", found "${String(split)}"`);
  }
  return split;
}

/** The images with these indices, in this order. */
export function selectIndices(
  data: DataSet,
  split: Split,
  indices: ArrayLike<number>,
  caller: string,
): Selection {
  const source = data[split];
  const pixels = pixelCount(source);
  if (typeof indices?.length !== 'number' || indices.length === 0) {
    throw new CallError(caller, `expected a list of image indices, found none`);
  }
  const images = new Uint8Array(indices.length * pixels);
  const labels = new Uint8Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = checkWhole(indices[i], [0, source.count - 1], caller, 'image indices');
    images.set(source.images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
    labels[i] = source.labels[index];
  }
  return { split, indices: Int32Array.from(indices), images, labels };
}

/** Fewest examples of a class for which errors over images can be estimated. */
export const LEAST_EXAMPLES = 4;

/** How images of each class are drawn: as in the notebook (numpy's seed 0), or by the given seed. */
export type Draw = 'notebook' | 'seeded';
export const DRAWS = ['notebook', 'seeded'] as const satisfies readonly Draw[];

export interface DrawOptions {
  draw: Draw;
  examplesPerClass: number;
  /** Seed of a seeded draw. */
  seed: number;
}

/** `examplesPerClass` images of each class: the notebook's, in its class order, or random images in label order. */
export function selectPerClass(
  data: DataSet,
  split: Split,
  { draw, examplesPerClass, seed }: DrawOptions,
  caller: string,
): Selection {
  const { labels } = data[split];
  const classes = data.classNames.length;
  if (draw === 'notebook') {
    const drawn = notebookDraw(labels, { classes, examplesPerClass });
    const short = drawn.find(({ indices }) => indices.length < examplesPerClass);
    if (short) throw tooFew(data, split, { ...short, examplesPerClass }, caller);
    return selectIndices(
      data,
      split,
      drawn.flatMap(({ indices }) => [...indices]),
      caller,
    );
  }
  return selectRandomly(
    data,
    split,
    { counts: new Map(Array.from({ length: classes }, (_, label) => [label, examplesPerClass])), seed },
    caller,
  );
}

/** Random images of each class, as many as `counts` says and in its order. The same seed gives the same images. */
export function selectRandomly(
  data: DataSet,
  split: Split,
  { counts, seed }: { counts: ReadonlyMap<number, number>; seed: number },
  caller: string,
): Selection {
  const members = drawRandomly(data[split].labels, { counts, seed });
  for (const [label, indices] of members) {
    const examplesPerClass = counts.get(label) ?? 0;
    if (indices.length < examplesPerClass)
      throw tooFew(data, split, { label, indices, examplesPerClass }, caller);
  }
  return selectIndices(data, split, [...members.values()].flat(), caller);
}

/** Indices of random images by label, as `selectRandomly` selects them; fewer of a class without enough images. */
export function drawRandomly(
  labels: ArrayLike<number>,
  { counts, seed }: { counts: ReadonlyMap<number, number>; seed: number },
): Map<number, number[]> {
  const members = new Map([...counts.keys()].map((label): [number, number[]] => [label, []]));
  for (const index of randomOrder(seed, labels.length)) {
    const own = members.get(labels[index]);
    if (own && own.length < (counts.get(labels[index]) ?? 0)) own.push(index);
  }
  return members;
}

function tooFew(
  { classNames }: DataSet,
  split: Split,
  {
    label,
    indices,
    examplesPerClass,
  }: { label: number; indices: ArrayLike<number>; examplesPerClass: number },
  caller: string,
): Error {
  const advice =
    indices.length < LEAST_EXAMPLES
      ? `This class has too few images there: add images of this class, or choose the ${split === 'train' ? 'test' : 'train'} set.`
      : 'Ask for fewer.';
  return new CallError(
    caller,
    `expected ${examplesPerClass} examples of every class, found ${indices.length} of ${classNames[label]} in the ${split} set. ${advice}`,
  );
}
