import type { StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { DataDescription, DataSet } from '../../ml/data/dataset.ts';
import { isShippedId, SHIPPED } from '../../ml/data/shipped.ts';
import type { Workers } from '../../workers/client.ts';
import type { LabState } from '../state/state.ts';

/** The data sets that a run can use. */
export interface DataSets {
  /**
   * The page's data set, or another one that is fetched now, with progress in the page's state. The page's run keeps its
   * own data until `give`.
   * @param known what the run that wants the data says about them.
   * @throws an Error that names the data and says what to do.
   */
  get(id: string, known?: DataDescription): Promise<DataSet>;
  /** Gives a data set to the workers, unless they have it. */
  give(data: DataSet): Promise<void>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  workers: Pick<Workers, 'loadData' | 'giveData'>;
  /** URL of MNIST's folder, ending in a slash; the other data sets' folders are beside it. */
  dataUrl: string;
}

/** The folder of a data set of the site. */
export function folderOf(dataUrl: string, folder: string): string {
  return new URL(`../${folder}/`, dataUrl).href;
}

export function createDataSets({ labStore, workers, dataUrl }: Parts): DataSets {
  const { getState, setState } = labStore;

  async function fetchShipped(id: keyof typeof SHIPPED): Promise<DataSet> {
    setState({ dataProgress: { status: 'loading', loadedBytes: 0, totalBytes: 0, name: SHIPPED[id].name } });
    try {
      return await workers.loadData({
        id,
        baseUrl: folderOf(dataUrl, SHIPPED[id].folder),
        deliver: false,
        onProgress: ({ loadedBytes, totalBytes }) =>
          setState({
            dataProgress: { status: 'loading', loadedBytes, totalBytes, name: SHIPPED[id].name },
          }),
      });
    } finally {
      setState(({ dataProgress }) => ({ dataProgress: { ...dataProgress, status: 'ready' } }));
    }
  }

  return {
    async get(id, known) {
      const { data } = getState();
      if (data?.id === id) return data;
      if (isShippedId(id)) return fetchShipped(id);
      throw absent(id, known);
    },
    async give(data) {
      if (getState().data !== data) await workers.giveData(data);
    },
  };
}

function absent(id: string, known: DataDescription | undefined): Error {
  const named = known ? `“${known.name}” (SHA-256 ${known.sha256.slice(0, 12)}…)` : id;
  return new CallError(
    'data',
    `expected the images ${named}, and this browser does not have them. Drop their files on the page, then open the run again`,
  );
}
