import { CallError } from '../callError.ts';
import { type InputShape, type NetworkDescription, notebookNetwork, sameNetwork } from './network.ts';
import { DIGITS, parseNetworkText } from './text.ts';

export type PresetId = 'notebook' | 'perceptron' | 'lenet' | 'pytorch';

export interface Preset {
  id: PresetId;
  /** For people. */
  title: string;
  /** Layers before the last linear one, as `parseNetworkText` reads them. */
  layers: string;
}

/** Networks to begin with. */
export const PRESETS: readonly Preset[] = [
  { id: 'notebook', title: 'Notebook', layers: 'conv 32 3x3, relu' },
  { id: 'perceptron', title: 'Perceptron', layers: 'fc 128, relu, fc 64, relu' },
  {
    id: 'lenet',
    title: 'LeNet',
    layers: 'conv 6 5x5 same, relu, pool 2, conv 16 5x5, relu, pool 2, fc 120, relu, fc 84, relu',
  },
  {
    id: 'pytorch',
    title: 'PyTorch’s example',
    layers: 'conv 32 3x3, relu, conv 64 3x3, relu, pool 2, dropout 0.25, fc 128, relu, dropout 0.5',
  },
];

/** A preset for images of the shape and so many classes. */
export function presetNetwork(
  id: PresetId,
  { input = DIGITS, classes = 10 }: { input?: InputShape; classes?: number } = {},
): NetworkDescription {
  const preset = PRESETS.find((candidate) => candidate.id === id);
  if (!preset) {
    throw new CallError(
      'presetNetwork',
      `expected one of ${PRESETS.map((each) => each.id).join(', ')}, found "${id}"`,
    );
  }
  return parseNetworkText(`${preset.layers}, fc ${classes}`, { input, classes });
}

/** The preset that a network is, if it is one. */
export function presetOf(network: NetworkDescription): Preset | undefined {
  const classes = network.layers.findLast((layer) => layer.kind === 'linear')?.outputs;
  return PRESETS.find(({ id }) => sameNetwork(network, presetNetwork(id, { input: network.input, classes })));
}

/** Whether the network is of the notebook's family, which `filters` and `kernelSize` describe; for any images and classes. */
export function isNotebookFamily(network: NetworkDescription): boolean {
  const [conv, , , linear] = network.layers;
  if (conv?.kind !== 'conv' || linear?.kind !== 'linear') return false;
  const { layers } = notebookNetwork({ filters: conv.filters, kernelSize: conv.kernelSize });
  const family = layers.map((layer) =>
    layer.kind === 'linear' ? { ...layer, outputs: linear.outputs } : layer,
  );
  return sameNetwork(network, { input: network.input, layers: family });
}
