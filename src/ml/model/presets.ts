import { CallError } from '../callError.ts';
import { type InputShape, type NetworkDescription, sameNetwork } from './network.ts';
import { DIGITS, parseNetworkText } from './text.ts';

export type PresetId = 'notebook' | 'perceptron' | 'lenet' | 'pytorch';

export interface Preset {
  id: PresetId;
  /** Display name. */
  title: string;
  /** Layers before the last linear layer, as a text for `parseNetworkText`. */
  layers: string;
}

/** Preset networks. */
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

/** A preset for the given image shape and number of classes. */
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

/** The preset that equals the network, if any. */
export function presetOf(network: NetworkDescription): Preset | undefined {
  const classes = network.layers.findLast((layer) => layer.kind === 'linear')?.outputs;
  return PRESETS.find(({ id }) => sameNetwork(network, presetNetwork(id, { input: network.input, classes })));
}
