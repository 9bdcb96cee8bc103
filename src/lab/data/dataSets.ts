import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { DataDescription, DataSet } from '../../ml/data/dataset.ts';
import { isShippedId, SHIPPED } from '../../ml/data/shipped.ts';
import type { Workers } from '../../workers/client.ts';
import type { RunStorage } from '../../workers/runStorage.ts';
import type { Problems } from '../state/problems.ts';
import type { LabState } from '../state/state.ts';

/** The data sets that a run can use. */
export interface DataSets {
  /** A person's own data sets in this browser, which the choice of data lists. */
  store: StoreApi<{ own: readonly DataDescription[] }>;
  /** Keeps a person's own images, in this page and in the browser's storage. */
  add(data: DataSet): Promise<void>;
  /**
   * The page's data set, or another one that is fetched now, with progress in the page's state. The page's run keeps its
   * own data until `give`.
   * @param known the description of the data in the run that needs them.
   * @throws an Error that names the data and says what to do.
   */
  get(id: string, known?: DataDescription): Promise<DataSet>;
  /** Gives a data set to the workers, unless they have it. */
  give(data: DataSet): Promise<void>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  workers: Pick<Workers, 'loadData' | 'giveData'>;
  runStorage: Promise<Pick<RunStorage, 'saveData' | 'readData' | 'listData'>>;
  problems: Pick<Problems, 'report'>;
  /** URL of MNIST's folder, ending in a slash; the other data sets' folders are beside it. */
  dataUrl: string;
}

/** The folder of a data set of the site. */
export function folderOf(dataUrl: string, folder: string): string {
  return new URL(`../${folder}/`, dataUrl).href;
}

export function createDataSets(parts: Parts): DataSets {
  const { labStore, workers, runStorage, problems } = parts;
  const { getState } = labStore;
  const store = createStore<{ own: readonly DataDescription[] }>(() => ({ own: [] }));
  /** A person's own images of this visit, which the storage may have refused. */
  const held = new Map<string, DataSet>();
  runStorage
    .then((storage) => storage.listData())
    .then((own) => store.setState((state) => ({ own: withoutTwins([...state.own, ...own]) })))
    // Without storage, no data are kept.
    .catch(() => undefined);

  async function stored(id: string): Promise<DataSet | undefined> {
    try {
      return await (await runStorage).readData(id);
    } catch {
      return undefined;
    }
  }

  return {
    store,
    async add(data) {
      // One at a time: the page's own data stay in its state.
      held.clear();
      held.set(data.id, data);
      const { id, name, sha256, classNames } = data;
      store.setState(({ own }) => ({ own: withoutTwins([{ id, name, sha256, classNames }, ...own]) }));
      try {
        await (await runStorage).saveData(data);
      } catch {
        problems.report({
          place: 'data',
          kind: 'notice',
          message: `“${data.name}” is not kept in this browser, which has no room for it or allows no storage. Its runs ask for the files after a reload.`,
        });
      }
    },
    async get(id, known) {
      const { data } = getState();
      if (data?.id === id) return data;
      if (isShippedId(id)) return fetchShipped(parts, id);
      const own = held.get(id) ?? (await stored(id));
      if (own) return own;
      throw absent(id, known);
    },
    async give(data) {
      if (getState().data !== data) await workers.giveData(data);
    },
  };
}

/** Fetches a data set of the site and shows the progress. */
async function fetchShipped(
  { labStore: { setState }, workers, dataUrl }: Parts,
  id: keyof typeof SHIPPED,
): Promise<DataSet> {
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

function withoutTwins(all: readonly DataDescription[]): DataDescription[] {
  return all.filter(({ id }, i) => all.findIndex((other) => other.id === id) === i);
}

function absent(id: string, known: DataDescription | undefined): Error {
  const named = known ? `“${known.name}” (SHA-256 ${known.sha256.slice(0, 12)}…)` : id;
  return new CallError(
    'data',
    `expected the images ${named}, and this browser does not have them. Drop their files on the page, then open the run again`,
  );
}
