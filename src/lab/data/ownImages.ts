import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { DataSet } from '../../ml/data/dataset.ts';
import type { AxisOrder, ReadingProgress } from '../../ml/imageFiles/given.ts';
import { checkHeldOut, DEFAULT_HELD_OUT, type HeldOut } from '../../ml/imageFiles/heldOut.ts';
import type { ImagesPreview } from '../../ml/imageFiles/ownData.ts';
import type { Workers } from '../../workers/client.ts';
import { createLatest, type Latest } from '../ask/latest.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { DataSets } from './dataSets.ts';

export interface OpenDataOptions extends Partial<HeldOut> {
  /** Display name. Default: that of the folder or the file. */
  name?: string;
  /** The order of the values of flat color images. */
  axes?: AxisOrder;
  signal?: AbortSignal;
  onProgress?(progress: ReadingProgress): void;
}

/** A file with its path inside a folder. */
export interface PathFile {
  path: string;
  file: Blob;
}

/** Finds files in folders, with the number found so far. */
export type FindFiles = (options: {
  signal: AbortSignal;
  onFound(count: number): void;
}) => Promise<readonly PathFile[]>;

/** The content of the dialog for a person's own images. */
interface OwnImagesState {
  /** Name of the images that are being read, previewed or refused. */
  name?: string;
  progress?: ReadingProgress;
  preview?: ImagesPreview;
  question?: string;
  problem?: string;
}

/** A person's own images: read, previewed, then taken. */
export interface OwnImages {
  store: StoreApi<OwnImagesState>;
  /**
   * Shows in the dialog how many files `find` has found in folders so far.
   * @returns undefined if a person canceled, or if the folders cannot be read; the dialog shows that problem.
   */
  gather(name: string, find: FindFiles): Promise<readonly PathFile[] | undefined>;
  /** Reads files for the dialog. */
  offer(files: readonly PathFile[], axes?: AxisOrder): Promise<void>;
  /** Answers the dialog's question. */
  answer(axes: AxisOrder): Promise<void>;
  /** Takes the images of the dialog; returns their id, or undefined if there are none. */
  take(heldOut: HeldOut, name: string): Promise<string | undefined>;
  /** Stops reading and drops the images that were read. */
  cancel(): void;
  /** Reads and takes at once, for scripts. */
  open(files: readonly PathFile[], options?: OpenDataOptions): Promise<string>;
}

type Reading = ReturnType<Workers['startReading']>;

interface Parts {
  workers: Pick<Workers, 'startReading'>;
  dataSets: Pick<DataSets, 'add'>;
}

export function createOwnImages({ workers, dataSets }: Parts): OwnImages {
  const store = createStore<OwnImagesState>(() => ({}));
  /** Finds files or reads them. */
  const request = createLatest({
    failed: (error) => store.setState(({ name }) => ({ name, problem: sentenceOf(error) }), true),
  });
  let reading: Reading | undefined;
  let files: readonly PathFile[] = [];

  function end(): void {
    request.cancel();
    reading?.end();
    reading = undefined;
  }

  async function offer(given: readonly PathFile[], axes?: AxisOrder): Promise<void> {
    end();
    files = given;
    const name = nameOf(given);
    store.setState({ name, progress: { done: 0, total: 0, what: 'files' } }, true);
    const own = workers.startReading();
    reading = own;
    await request.run(async (signal) => {
      const onProgress = (progress: ReadingProgress) => {
        if (!signal.aborted) store.setState({ progress });
      };
      const read = await own.call('read', { files: [...given], name, axes }, { signal, onProgress });
      signal.throwIfAborted();
      store.setState({ name, ...read }, true);
    });
  }

  return {
    store,
    gather(name, find) {
      end();
      return gather({ store, request }, name, find);
    },
    offer,
    answer: (axes) => offer(files, axes),
    async take(heldOut, name) {
      if (!reading || !store.getState().preview) return undefined;
      try {
        const { id } = await takeFrom(dataSets, reading, heldOut, name);
        end();
        store.setState({}, true);
        return id;
      } catch (error) {
        store.setState({ problem: sentenceOf(error) });
        return undefined;
      }
    },
    cancel() {
      end();
      store.setState({}, true);
    },
    open: (given, options) => openAtOnce({ workers, dataSets }, given, options),
  };
}

/** Finds files in folders, and shows their number in the dialog. */
async function gather(
  { store, request }: { store: StoreApi<OwnImagesState>; request: Latest },
  name: string,
  find: FindFiles,
): Promise<readonly PathFile[] | undefined> {
  let found: readonly PathFile[] | undefined;
  const isDone = await request.run(async (signal) => {
    const onFound = (done: number) => {
      if (signal.aborted) return;
      store.setState({ name, progress: { done, total: 0, what: 'files found' } }, true);
    };
    onFound(0);
    found = await find({ signal, onFound });
  });
  return isDone ? found : undefined;
}

/** Reads and takes images without the dialog. */
async function openAtOnce(
  { workers, dataSets }: Parts,
  given: readonly PathFile[],
  { heldOut, seed, name = nameOf(given), axes, signal, onProgress }: OpenDataOptions = {},
): Promise<string> {
  const split = checkHeldOut({
    heldOut: heldOut ?? DEFAULT_HELD_OUT.heldOut,
    seed: seed ?? DEFAULT_HELD_OUT.seed,
  });
  const own = workers.startReading();
  try {
    const read = await own.call('read', { files: [...given], name, axes }, { signal, onProgress });
    if ('question' in read) {
      throw new CallError('openData', `${read.question} Pass axes: 'planes' or axes: 'pixels'`);
    }
    return (await takeFrom(dataSets, own, split, name)).id;
  } finally {
    own.end();
  }
}

async function takeFrom(
  dataSets: Parts['dataSets'],
  from: Reading,
  heldOut: HeldOut,
  name: string,
): Promise<DataSet> {
  const data = await from.call('take', { ...checkHeldOut(heldOut), name });
  await dataSets.add(data);
  return data;
}

/** The folder that all files share, or the first file's name without its extension. */
function nameOf(files: readonly PathFile[]): string {
  const [first] = files;
  if (!first) return 'images';
  const [folder, ...rest] = first.path.split('/');
  const isShared = rest.length > 0 && files.every(({ path }) => path.startsWith(`${folder}/`));
  const name = isShared
    ? folder
    : (first.path.split('/').at(-1) ?? '').replace(/\.(gz|zip|npz|csv|bin)$/gi, '');
  return name.slice(0, 100) || 'images';
}
