import { convolutionOf, isNotebookFamily, type NetworkDescription } from '../../ml/model/network.ts';
import { networkText } from '../../ml/model/text.ts';
import type { Settings } from './settings.ts';

/** The settings that describe a network. */
export type NetworkSettings = Partial<Pick<Settings, 'network' | 'filters' | 'kernelSize'>>;

/** The description of the network with these settings. */
export function shapeOf(network: NetworkDescription): NetworkSettings {
  const conv = convolutionOf(network);
  return conv && isNotebookFamily(network)
    ? { network: 'notebook', filters: conv.filters, kernelSize: conv.kernelSize }
    : { network: networkText(network) };
}
