import type { StoreApi } from 'zustand/vanilla';
import { logitsLayer } from '../ask/layers.ts';
import type { GeometryFollow } from '../geometry/geometryFollow.ts';
import type { Images } from '../images/images.ts';
import type { SpectrumFollow } from '../spectrum/spectrumFollow.ts';
import type { Hideable, PanelId } from '../state/pageParts.ts';
import type { LabState } from '../state/state.ts';
import { writeHash } from './hash.ts';

export interface LinkOptions {
  /** The panel that the link opens at. */
  panel?: PanelId;
  /** Parts that are hidden where the link is opened; default those hidden here. */
  hide?: readonly Hideable[];
  /** Show only this panel, for a frame of another page. */
  embed?: PanelId;
}

/** The parts of the lab that a link describes. */
export interface LinkedLab {
  store: StoreApi<LabState>;
  spectrum: Pick<SpectrumFollow, 'settings'>;
  images: Pick<Images, 'store'>;
  geometry: Pick<GeometryFollow, 'store'>;
  pageUrl: string;
}

/** A link to a lab with the same setup. */
export function linkTo(
  { store, spectrum, images, geometry, pageUrl }: LinkedLab,
  { panel, hide, embed }: LinkOptions = {},
): string {
  const { settings, network, moment, hidden, recorded } = store.getState();
  const { layer } = spectrum.settings.getState();
  const origin = images.store.getState().focus?.origin;
  const image = origin?.kind === 'dataSet' ? { split: origin.split, index: origin.index } : undefined;
  const isFirst = image?.split === 'test' && image.index === 0;
  const hash = writeHash({
    settings,
    panel,
    layer: layer === logitsLayer(network) ? undefined : layer,
    image: isFirst ? undefined : image,
    geometry: geometry.store.getState().settings,
    at: moment,
    recorded,
    hide: hide ?? hidden,
    embed,
  });
  return pageUrl + hash;
}
