import type { Layer } from './network.ts';

/** Names of a kind's layers: alone, or with a number where there are several. */
const NAMES: Record<Layer['kind'], string> = {
  conv: 'conv',
  relu: 'relu',
  maxPool: 'pool',
  dropout: 'dropout',
  flatten: 'flatten',
  linear: 'fc',
  logSoftmax: 'logSoftmax',
};

type WithoutName<Kind> = Kind extends Layer ? Omit<Kind, 'name'> : never;

/** A layer that has no name yet. */
export type UnnamedLayer = WithoutName<Layer>;

/**
 * Gives layers the names of PyTorch's own examples: `conv`, `relu`, `fc` where a kind stands once, else numbered in order:
 * `conv1`, `conv2`.
 */
export function nameLayers(layers: readonly UnnamedLayer[]): Layer[] {
  const seen = new Map<string, number>();
  return layers.map((layer) => {
    const name = NAMES[layer.kind];
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    const alone = layers.filter(({ kind }) => kind === layer.kind).length === 1;
    return { ...layer, name: alone ? name : `${name}${number}` };
  });
}
