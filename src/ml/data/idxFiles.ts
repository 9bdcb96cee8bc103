import { DataError } from './dataError.ts';
import { type DataFile, type ReceivedFile, receiveDataFile } from './dataFile.ts';
import { type Idx, parseIdx } from './idx.ts';
import { sha256Hex } from './sha256.ts';

/** The subset of `Cache` that the loader uses. */
export type DataCache = Pick<Cache, 'match' | 'put' | 'delete'>;

export interface LoadProgress {
  /** Bytes of all files so far, as gzipped. */
  loadedBytes: number;
  totalBytes: number;
  /** The file that these bytes came from. */
  file: string;
}

export interface LoadOptions {
  /** URL of the folder with the files. */
  baseUrl: string;
  fetch?: typeof globalThis.fetch;
  /** Cache for files. Default: the platform's Cache API if available; `null` for no cache. */
  cache?: DataCache | null;
  signal?: AbortSignal;
  onProgress?: (progress: LoadProgress) => void;
}

const CACHE_NAME = 'untangle-data-1';

/**
 * Loads IDX files in parallel, from the cache or the network, and checks each against its SHA-256. A cached copy that fails
 * the check is dropped and fetched again.
 * @returns the files' contents in the order given; `kept` resolves, after writing, to whether all files are cached for the
 * next visit.
 * @throws DataError for the first file that cannot be loaded; the signal's reason if it is aborted.
 */
export async function loadIdxFiles(
  files: DataFile[],
  { baseUrl, fetch = globalThis.fetch, cache, signal, onProgress }: LoadOptions,
): Promise<{ contents: Idx[]; kept: Promise<boolean> }> {
  signal?.throwIfAborted();
  const store = cache === undefined ? await openCache() : cache;
  const totalBytes = files.reduce((sum, { gzippedBytes }) => sum + gzippedBytes, 0);
  const loaded = files.map(() => 0);
  // The first failure stops the other downloads.
  const failed = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const loadOne = async (file: DataFile, index: number) => {
    const url = new URL(file.name, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`).href;
    const report = (bytes: number) => {
      loaded[index] = bytes;
      onProgress?.({
        loadedBytes: loaded.reduce((sum, value) => sum + value, 0),
        totalBytes,
        file: file.name,
      });
    };
    const idx = store && (await loadKept(store, url, file, report));
    if (idx) return { idx, kept: true as const };
    const response = await request(fetch, url, file, stop);
    const received = await receiveDataFile(response, file, report);
    const fresh = await verify(received, file);
    return { idx: fresh, kept: store ? keep(store, url, received.body) : false };
  };
  try {
    const results = await Promise.all(files.map(loadOne));
    signal?.throwIfAborted();
    const kept = Promise.all(results.map((result) => result.kept)).then((each) => each.every(Boolean));
    return { contents: results.map(({ idx }) => idx), kept };
  } catch (error) {
    signal?.throwIfAborted();
    failed.abort();
    throw error;
  }
}

/** The platform's cache; undefined if there is none (plain http) or access is forbidden (private windows). */
async function openCache(): Promise<DataCache | undefined> {
  try {
    return await globalThis.caches?.open(CACHE_NAME);
  } catch {
    return undefined;
  }
}

async function loadKept(
  cache: DataCache,
  url: string,
  file: DataFile,
  report: (bytes: number) => void,
): Promise<Idx | undefined> {
  try {
    const response = await cache.match(url);
    return response && (await verify(await receiveDataFile(response, file, report), file));
  } catch {
    // The copy is damaged or the cache failed, so load from the network.
    await cache.delete(url).catch(() => false);
    return undefined;
  }
}

/** Caches a good copy; false if storage is full or forbidden. */
async function keep(cache: DataCache, url: string, body: Blob): Promise<boolean> {
  try {
    await cache.put(url, new Response(body));
    return true;
  } catch {
    return false;
  }
}

async function request(
  fetch: typeof globalThis.fetch,
  url: string,
  file: DataFile,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    // The browser's HTTP cache must not answer a retry with the same damaged copy. The page's own files come first.
    response = await fetch(url, { signal, cache: 'no-cache', priority: 'low' });
  } catch (error) {
    throw new DataError(
      'offline',
      file.name,
      'loadIdxFiles',
      `expected ${file.name} from ${url}, but the server did not answer. Check the network and the server, then retry.`,
      { cause: error },
    );
  }
  if (response.ok) return response;
  await response.body?.cancel();
  const found = `${response.status} ${response.statusText}`.trim();
  if (response.status === 404 || response.status === 410) {
    throw new DataError(
      'missing',
      file.name,
      'loadIdxFiles',
      `expected ${file.name} at ${url}, found ${found}. Put the data files there, then retry.`,
    );
  }
  throw new DataError(
    'server',
    file.name,
    'loadIdxFiles',
    `expected ${file.name} from ${url}, but the server answered ${found}. Retry later, or check the server's log.`,
  );
}

async function verify({ bytes, tooLong }: ReceivedFile, file: DataFile): Promise<Idx> {
  const idx = parseIdx(bytes, file.name);
  if (tooLong || (await sha256Hex(bytes)) !== file.sha256) {
    throw new DataError(
      'corrupt',
      file.name,
      'loadIdxFiles',
      `expected the published bytes of ${file.name}, found different ones (${tooLong ? 'the file is too long' : 'its SHA-256 differs'}). Put a fresh copy on the server, then retry.`,
    );
  }
  return idx;
}
