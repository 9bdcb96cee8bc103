import type { RunContent } from '../../ml/formats/runContent.ts';
import { convolutionOf, type NetworkDescription } from '../../ml/model/network.ts';
import type { Settings } from './settings.ts';
import type { LabState } from './state.ts';

export const DATA_SET = 'MNIST';

/** The settings that made a run: what waits for a reset is not its own. */
export function settingsOfRun(
  { settings, network }: Pick<LabState, 'settings' | 'network'>,
  seed: number,
): RunContent['settings'] {
  const attack = settings.attack === 'none' ? 'none' : { ...settings.attack };
  return { ...settings, ...shapeOf(network), seed, attack };
}

/** The settings that describe the network. */
export function shapeOf(network: NetworkDescription): Partial<Pick<Settings, 'filters' | 'kernelSize'>> {
  const conv = convolutionOf(network);
  return conv ? { filters: conv.filters, kernelSize: conv.kernelSize } : {};
}
