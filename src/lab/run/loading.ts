import type { StoreApi } from 'zustand/vanilla';
import { isShippedId, MNIST, SHIPPED, type ShippedId } from '../../ml/data/shipped.ts';
import type { Workers } from '../../workers/client.ts';
import { type DataSets, folderOf } from '../data/dataSets.ts';
import { placedMessageOf, sentenceOf } from '../state/errorText.ts';
import type { Problems } from '../state/problems.ts';
import { checkLearningRate, defaultSettings } from '../state/settings.ts';
import type { LabState } from '../state/state.ts';

/** Loads everything from an empty page to the first run. */
export interface Loading {
  /** Prepares the trainer, and loads the data once they may be loaded. */
  begin(mayLoad: Promise<void>): void;
  /** Loads the data (also after a failure) and starts the first run. */
  load(): Promise<void>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  workers: Pick<Workers, 'trainer' | 'loadData'>;
  /** URL of the data set's folder, ending in a slash. */
  dataUrl: string;
  dataSets: DataSets;
  problems: Problems;
  /** Starts the first run. */
  putFirstRun(): Promise<void>;
  /** Called when the network is at its first step, or at the step of its saved run. */
  announceReady(): void;
}

export function createLoading(parts: Parts): Loading {
  const { problems, putFirstRun, announceReady } = parts;
  let prepared: Promise<void> = Promise.resolve();

  async function load(): Promise<void> {
    if (!(await loadData(parts))) return;
    await problems.shown('engine', async () => {
      await dropBadLearningRate(parts);
      await dropAbsentData(parts);
      await prepared;
      await putFirstRun();
      announceReady();
    });
  }

  return {
    begin(mayLoad) {
      prepared = problems.shown('engine', () => prepare(parts));
      void mayLoad.then(load);
    },
    load,
  };
}

/** Loads the chosen data of the site, or MNIST; returns whether they have arrived. */
async function loadData({ labStore, workers, dataUrl }: Parts): Promise<boolean> {
  const { getState, setState } = labStore;
  const { data: chosen } = getState().settings;
  const id: ShippedId = isShippedId(chosen) ? chosen : 'mnist';
  const { name } = SHIPPED[id];
  setState({ dataProgress: { status: 'loading', loadedBytes: 0, totalBytes: 0, name } });
  try {
    const data = await workers.loadData({
      id,
      baseUrl: folderOf(dataUrl, SHIPPED[id].folder),
      onProgress: ({ loadedBytes, totalBytes }) =>
        setState({ dataProgress: { status: 'loading', loadedBytes, totalBytes, name } }),
      onKept: (dataKept) => setState({ dataKept }),
    });
    setState(({ dataProgress }) => ({ data, dataProgress: { ...dataProgress, status: 'ready' } }));
    return true;
  } catch (error) {
    setState(({ dataProgress }) => ({
      dataProgress: { ...dataProgress, status: 'failed', message: sentenceOf(error) },
    }));
    return false;
  }
}

/** Replaces a link's learning rate with the default if it does not parse. */
async function dropBadLearningRate({ labStore, problems }: Parts): Promise<void> {
  const { getState, setState } = labStore;
  try {
    await checkLearningRate(getState().settings.learningRate);
  } catch (error) {
    const { learningRate } = defaultSettings();
    setState(({ settings }) => ({ settings: { ...settings, learningRate } }));
    const message = `In the link, ${placedMessageOf(error)}. ${learningRate} is used.`;
    problems.report({ place: 'page', kind: 'notice', message });
  }
}

/** Replaces a link's own images with MNIST if this browser lacks them. */
async function dropAbsentData({ labStore, dataSets, problems }: Parts): Promise<void> {
  const { getState, setState } = labStore;
  const { data } = getState().settings;
  try {
    await dataSets.get(data);
  } catch (error) {
    setState(({ settings }) => ({ settings: { ...settings, data: MNIST.id } }));
    const message = `${sentenceOf(error)}. Until then, ${MNIST.name} is used.`;
    problems.report({ place: 'page', kind: 'notice', message });
  }
}

/** Finds the machine's engines and the seed's initial filters. */
async function prepare({ labStore, workers }: Parts): Promise<void> {
  const { getState, setState } = labStore;
  const { settings, network } = getState();
  const [engines, preview] = await Promise.all([
    workers.trainer.call('engines', undefined),
    workers.trainer.call('preview', { seed: settings.seed, network }),
  ]);
  setState({
    engines,
    liveFilters: { step: 0, weight: preview['conv.weight'], bias: preview['conv.bias'] },
  });
}
