import type { NetworkDescription } from '../../ml/model/network.ts';
import type { LabState } from './state.ts';

/** The layer chosen on the page, if the present network has the layer. */
export function chosenLayer({ layer, network }: Pick<LabState, 'layer' | 'network'>): string | undefined {
  return layer !== undefined && hasLayer(network, layer) ? layer : undefined;
}

/** Whether the name is `input` or one of the network's layers. */
export function hasLayer({ layers }: NetworkDescription, name: string): boolean {
  return name === 'input' || layers.some((layer) => layer.name === name);
}
