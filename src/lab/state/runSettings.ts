import type { RunContent } from '../../ml/formats/runContent.ts';
import { shapeOf } from './networkShape.ts';
import type { LabState } from './state.ts';

export const DATA_SET = 'MNIST';

/** The settings of the present run, without changes that wait for a reset. */
export function settingsOfRun(
  { settings, network }: Pick<LabState, 'settings' | 'network'>,
  seed: number,
): RunContent['settings'] {
  const attack = settings.attack === 'none' ? 'none' : { ...settings.attack };
  return { ...settings, ...shapeOf(network), seed, attack, optimizer: { ...settings.optimizer } };
}
