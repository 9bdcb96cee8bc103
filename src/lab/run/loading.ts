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

export function createLoading({
  labStore,
  workers,
  dataUrl,
  dataSets,
  problems,
  putFirstRun,
  announceReady,
}: Parts): Loading {
  const { getState, setState } = labStore;
  let prepared: Promise<void> = Promise.resolve();

  async function loadData(): Promise<boolean> {
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

  async function load(): Promise<void> {
    if (!(await loadData())) return;
    await problems.shown('engine', async () => {
      await dropBadLearningRate();
      await dropAbsentData();
      await prepared;
      await putFirstRun();
      announceReady();
    });
  }

  /** Replaces a link's learning rate with the default if it does not parse. */
  async function dropBadLearningRate(): Promise<void> {
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
  async function dropAbsentData(): Promise<void> {
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
  async function prepare(): Promise<void> {
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

  return {
    begin(mayLoad) {
      prepared = problems.shown('engine', prepare);
      void mayLoad.then(load);
    },
    load,
  };
}
