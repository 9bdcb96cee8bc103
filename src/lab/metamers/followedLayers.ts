import type { StoreApi } from 'zustand/vanilla';
import type { NetworkDescription } from '../../ml/model/network.ts';
import { analyzedLayer, logitsLayer } from '../ask/layers.ts';
import { chosenLayer } from '../state/chosenLayer.ts';
import type { LabState } from '../state/state.ts';
import type { MetamersState } from './metamerRows.ts';
import { matchedLayers } from './recipe.ts';

/** Keeps the layers to match among the layers of the page's network, or on the layer chosen on the page. */
export function followLayers(
  labStore: Pick<StoreApi<LabState>, 'subscribe'>,
  { setState }: Pick<StoreApi<MetamersState>, 'setState'>,
): void {
  labStore.subscribe((now, before) => {
    if (now.network === before.network && now.layer === before.layer) return;
    const chosen = now.layer === before.layer ? undefined : chosenLayer(now);
    setState(({ controls }) => ({
      controls: { ...controls, layers: followedLayers(controls.layers, now.network, chosen) },
    }));
  });
}

/** The layers to match: the chosen layer, else the layers so far, else the first layer and the logits. */
export function followedLayers(
  before: readonly string[],
  network: NetworkDescription,
  chosen: string | undefined,
): readonly string[] {
  const known = matchedLayers(network);
  // Flattening has the values of the layer before.
  if (chosen !== undefined) return [known.includes(chosen) ? chosen : analyzedLayer(network, chosen)];
  // A name that is left of another network, such as relu, may be another layer here.
  const isKnown = before.length > 0 && before.every((layer) => known.includes(layer));
  return isKnown ? before : [known[1], logitsLayer(network)];
}
