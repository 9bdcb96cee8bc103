import type { StoreApi } from 'zustand/vanilla';
import { analyzedLayers } from '../ask/selection.ts';
import type { GeometryFollow } from '../geometry/geometryFollow.ts';
import type { Images } from '../images/images.ts';
import type { Metamers } from '../metamers/metamers.ts';
import type { SpectrumFollow } from '../spectrum/spectrumFollow.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { Settings } from '../state/settings.ts';
import { defaultSettings } from '../state/settings.ts';
import type { LabActions, LabProblem, LabState } from '../state/state.ts';
import type { Configuration } from './configuration.ts';
import type { ReadHash } from './hash.ts';

interface Parts {
  labStore: StoreApi<LabState>;
  actions: Pick<LabActions, 'seek'>;
  images: Images;
  spectrum: SpectrumFollow;
  metamers: Metamers;
  geometry: Pick<GeometryFollow, 'set'>;
  report(problem: LabProblem): void;
  restart(changes: Partial<Settings>): Promise<void>;
  openRecorded(): Promise<void>;
}

export interface Sharing {
  /** Applies the link's view and reports invalid keys; the run has started with its settings already. */
  arrange(read: ReadHash): void;
  /** Follows a link opened in this page. Its settings apply too, unless they would end a run. */
  follow(read: ReadHash): Promise<void>;
}

export function createSharing({
  labStore,
  actions,
  images,
  spectrum,
  metamers,
  geometry,
  report,
  restart,
  openRecorded,
}: Parts): Sharing {
  const notice = (message: string) => report({ place: 'page', kind: 'notice', message });

  function arrangeView({ configuration, problems }: ReadHash): void {
    for (const problem of problems) notice(problem);
    const { hide, layer, image, geometry: analysis } = configuration;
    labStore.setState({ hidden: hide });
    if (layer) lookAtLayer(layer);
    if (analysis) geometry.set(analysis, { hold: true });
    if (image)
      once(
        ({ data }) => data !== undefined,
        () => openImage(image),
      );
  }

  function arrangeRun({ configuration: { recorded, at } }: ReadHash): void {
    if (recorded) {
      openRecorded().catch((error) => notice(sentenceOf(error)));
    }
    if (at !== undefined && at !== 'live') seekWhenKept(at);
  }

  function lookAtLayer(layer: string): void {
    const { network } = labStore.getState();
    const layers = analyzedLayers(network);
    if (!layers.includes(layer)) {
      notice(`The link is about the layer ${layer}, and this network has ${layers.join(', ')}.`);
      return;
    }
    spectrum.set({ layer });
    if (layer !== 'input') metamers.change({ layers: [layer] });
  }

  function openImage({ split, index }: NonNullable<Configuration['image']>): void {
    const count = labStore.getState().data?.[split].count ?? 0;
    if (index < count) images.openDataSet(split, index);
    else notice(`The link is about ${split} image ${index}, and there are ${count}: 0 to ${count - 1}.`);
  }

  /** Shows the link's moment once the run has a snapshot of it and training has stopped. */
  function seekWhenKept(at: number | 'best'): void {
    const isKept = ({ snapshots, status }: LabState) =>
      status !== 'training' &&
      status !== 'starting' &&
      (at === 'best' ? snapshots.some(({ best }) => best) : (snapshots.at(-1)?.step ?? 0) >= at);
    once(isKept, () => actions.seek(at));
  }

  function once(isSo: (state: LabState) => boolean, act: () => void): void {
    if (isSo(labStore.getState())) {
      act();
      return;
    }
    const stop = labStore.subscribe((state) => {
      if (!isSo(state)) return;
      stop();
      act();
    });
  }

  return {
    arrange(read) {
      arrangeView(read);
      arrangeRun(read);
    },
    async follow(read) {
      arrangeView(read);
      const { settings, step, recorded } = labStore.getState();
      const wanted = { ...defaultSettings(), engine: settings.engine, ...read.configuration.settings };
      const same = JSON.stringify(wanted) === JSON.stringify(settings);
      if (!same && step > 0 && !recorded) {
        notice(
          'The link’s settings differ from this page’s run, which continues unchanged. To use the link’s settings, open it in a new tab.',
        );
      } else if (!same) {
        try {
          await restart(wanted);
        } catch (error) {
          notice(sentenceOf(error));
        }
      }
      arrangeRun(read);
    },
  };
}
