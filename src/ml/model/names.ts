import type { Layer } from './network.ts';

/** Base names of layers by kind, with a number added if a kind occurs several times. */
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

/** A layer without a name. */
export type UnnamedLayer = WithoutName<Layer>;

/**
 * Names layers as in PyTorch's examples: `conv`, `relu`, `fc` if a kind occurs once, else numbered in order:
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
