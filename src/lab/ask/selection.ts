import type { DataSet, Split } from '../../ml/data/dataset.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import { randomOrder } from '../../ml/random/order.ts';

/** Images of the data set that an analysis is about. */
export interface Selection {
  split: Split;
  indices: Int32Array;
  /** Bytes [n, pixels]. */
  images: Uint8Array;
  labels: Uint8Array;
}

/** Layers whose activations are worth analyzing: flattening changes the shape only, and log-softmax says what fc says. */
export function analyzedLayers({ layers }: NetworkDescription): string[] {
  const named = layers.filter(({ kind }) => kind !== 'flatten' && kind !== 'logSoftmax');
  return ['input', ...named.map(({ name }) => name)];
}

/** @throws unless the layer is one of the network's, whatever it is good for. */
export function checkLayer(network: NetworkDescription, layer: unknown, caller: string): string {
  const names = ['input', ...network.layers.map(({ name }) => name)];
  if (typeof layer !== 'string' || !names.includes(layer)) {
    throw new Error(`${caller}: expected a layer among ${names.join(', ')}, found "${String(layer)}"`);
  }
  return layer;
}

/** @throws unless `value` is a whole number within the limits. */
export function checkWhole(value: unknown, [low, high]: [number, number], what: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
    throw new Error(`${what} from ${low} to ${high}, found ${String(value)}`);
  }
  return value;
}

/** @throws unless the split is one of the two. */
export function checkSplit(split: unknown, caller: string): Split {
  if (split !== 'train' && split !== 'test') {
    throw new Error(`${caller}: expected split "train" or "test", found "${String(split)}"`);
  }
  return split;
}

/** The images of these indices, in this order. */
export function selectIndices(
  data: DataSet,
  split: Split,
  indices: ArrayLike<number>,
  caller: string,
): Selection {
  const source = data[split];
  const pixels = source.width * source.height;
  if (typeof indices?.length !== 'number' || indices.length === 0) {
    throw new Error(`${caller}: expected a list of image indices, found none`);
  }
  const images = new Uint8Array(indices.length * pixels);
  const labels = new Uint8Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = checkWhole(indices[i], [0, source.count - 1], `${caller}: expected image indices`);
    images.set(source.images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
    labels[i] = source.labels[index];
  }
  return { split, indices: Int32Array.from(indices), images, labels };
}

/** So many random images of every class, in the order of the classes; the same for the same seed. */
export function selectPerClass(
  data: DataSet,
  split: Split,
  { examplesPerClass, seed }: { examplesPerClass: number; seed: number },
  caller: string,
): Selection {
  const { labels, count } = data[split];
  const members: number[][] = data.classNames.map(() => []);
  for (const index of randomOrder(seed, count)) {
    const own = members[labels[index]];
    if (own.length < examplesPerClass) own.push(index);
  }
  const poor = members.findIndex(({ length }) => length < examplesPerClass);
  if (poor >= 0) {
    throw new Error(
      `${caller}: expected ${examplesPerClass} examples of every class, found ${members[poor].length} of ${data.classNames[poor]} in the ${split} set. Ask for fewer.`,
    );
  }
  return selectIndices(data, split, members.flat(), caller);
}
