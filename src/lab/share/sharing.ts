import type { StoreApi } from 'zustand/vanilla';
import { analyzedLayers } from '../ask/layers.ts';
import { once } from '../ask/once.ts';
import type { GeometryFollow } from '../geometry/geometryFollow.ts';
import type { Images } from '../images/images.ts';
import type { Metamers } from '../metamers/metamers.ts';
import type { SpectrumFollow } from '../spectrum/spectrumFollow.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { Settings } from '../state/settings.ts';
import { defaultSettings } from '../state/settings.ts';
import type { LabActions, LabProblem, LabState, RecordedId } from '../state/state.ts';
import type { Configuration } from './configuration.ts';
import type { ReadHash } from './hash.ts';

/** The panels that a link sets. */
interface ViewedPanels {
  images: Pick<Images, 'openDataSet'>;
  spectrum: Pick<SpectrumFollow, 'set'>;
  metamers: Pick<Metamers, 'change'>;
  geometry: Pick<GeometryFollow, 'set'>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  actions: Pick<LabActions, 'seek'>;
  panels(): Promise<ViewedPanels>;
  report(problem: LabProblem): void;
  restart(changes: Partial<Settings>): Promise<void>;
  openRecorded(id: RecordedId): Promise<void>;
}

export interface Sharing {
  /** Applies the link's view and reports invalid keys; the run has started with its settings already. */
  arrange(read: ReadHash): void;
  /** Follows a link opened in this page. Its settings apply too, unless they would end a run. */
  follow(read: ReadHash): Promise<void>;
}

export function createSharing({ labStore, actions, panels, report, restart, openRecorded }: Parts): Sharing {
  const notice = (message: string) => report({ place: 'page', kind: 'notice', message });

  function arrangeView({ configuration, problems }: ReadHash): void {
    for (const problem of problems) notice(problem);
    labStore.setState({ hidden: configuration.hide });
    if (configuration.embed) labStore.setState({ embed: configuration.embed });
    if (configuration.lesson) labStore.setState({ lesson: configuration.lesson });
    panels()
      .then((found) => arrangePanels({ labStore, notice }, found, configuration))
      .catch((error) => notice(sentenceOf(error)));
  }

  function arrangeRun({ configuration: { recorded, at } }: ReadHash): void {
    if (recorded) {
      openRecorded(recorded).catch((error) => notice(sentenceOf(error)));
    }
    if (at !== undefined && at !== 'live') seekWhenKept(labStore, at, actions.seek);
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

interface Arrangement {
  labStore: StoreApi<LabState>;
  notice(message: string): void;
}

/** Sets the panels to the link's layer, image and analysis, or says why the link does not fit. */
function arrangePanels(
  { labStore, notice }: Arrangement,
  { images, spectrum, metamers, geometry }: ViewedPanels,
  { layer, image, geometry: analysis }: Configuration,
): void {
  const layers = analyzedLayers(labStore.getState().network);
  if (layer && layers.includes(layer)) {
    spectrum.set({ layer });
    if (layer !== 'input') metamers.change({ layers: [layer] });
  } else if (layer) {
    notice(`The link is about the layer ${layer}, and this network has ${layers.join(', ')}.`);
  }
  if (analysis) geometry.set(analysis, { hold: true });
  if (!image) return;
  const { split, index } = image;
  once(
    labStore,
    ({ data }) => data,
    (data) => {
      const { count } = data[split];
      if (index < count) images.openDataSet(split, index);
      else notice(`The link is about ${split} image ${index}, and there are ${count}: 0 to ${count - 1}.`);
    },
  );
}

/** Shows the link's moment once the run has a snapshot of it and training has stopped. */
function seekWhenKept(labStore: StoreApi<LabState>, at: number | 'best', seek: LabActions['seek']): void {
  const isKept = ({ snapshots, status }: LabState) =>
    status !== 'training' &&
    status !== 'starting' &&
    (at === 'best' ? snapshots.some(({ best }) => best) : (snapshots.at(-1)?.step ?? 0) >= at);
  once(
    labStore,
    (state) => isKept(state) || undefined,
    () => seek(at),
  );
}
