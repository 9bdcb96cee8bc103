import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DataError } from '../../../src/ml/data/dataError.ts';
import { pixelsOf } from '../../../src/ml/data/dataset.ts';
import {
  type DataCache,
  type LoadOptions,
  type LoadProgress,
  loadIdxFiles,
} from '../../../src/ml/data/idxFiles.ts';
import { loadShipped } from '../../../src/ml/data/load.ts';
import { MNIST } from '../../../src/ml/data/shipped.ts';

type Answer = (response: ServerResponse, file: string) => void;

const files = Object.values(MNIST.files);
const gzipped = new Map<string, Buffer>(
  files.map(({ name }) => [name, readFileSync(`public/mnist/${name}`)]),
);
const bytesOf = (name: string) => gzipped.get(name) ?? Buffer.alloc(0);
const damaged = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes);
  copy[at] ^= 0x55;
  return copy;
};

const plain: Answer = (response, file) => response.end(bytesOf(file));
const labeled: Answer = (response, file) => response.setHeader('Content-Encoding', 'gzip').end(bytesOf(file));
const page: Answer = (response) =>
  response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Not found</title>');
const longPage: Answer = (response) => response.end(`<html>${' '.repeat(50_000)}</html>`);
const status =
  (code: number): Answer =>
  (response) => {
    response.statusCode = code;
    response.end('sorry');
  };
const cut: Answer = (response, file) => response.end(bytesOf(file).subarray(0, 3000));
const cutUnpacked: Answer = (response, file) => response.end(gunzipSync(bytesOf(file)).subarray(0, 3000));
const dropped: Answer = (response, file) => {
  response.setHeader('Content-Length', bytesOf(file).length);
  response.write(bytesOf(file).subarray(0, 3000), () => response.destroy());
};
const brokenGzip: Answer = (response, file) => response.end(damaged(bytesOf(file), 2000));
const otherBytes: Answer = (response, file) =>
  response.end(gzipSync(damaged(gunzipSync(bytesOf(file)), 2000)));
const tooLong: Answer = (response, file) =>
  response.end(gzipSync(Buffer.concat([gunzipSync(bytesOf(file)), Buffer.alloc(9)])));
const empty: Answer = (response) => response.end();

let server: Server;
let baseUrl: string;
let answers: Partial<Record<string, Answer>> = {};
let usual: Answer = plain;

beforeAll(async () => {
  server = createServer((request, response) => {
    const file = request.url?.split('/').pop() ?? '';
    (answers[file] ?? usual)(response, file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sub/mnist`;
});
afterEach(() => {
  answers = {};
  usual = plain;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const load = async (options: Partial<LoadOptions> = {}) => {
  const { data, kept } = await loadShipped('mnist', { baseUrl, ...options });
  return { ...data, kept: await kept };
};

// Most tests load only the smallest file.
const file = MNIST.files.testLabels;
const loadLabels = async (options: Partial<LoadOptions> = {}) => {
  const { contents, kept } = await loadIdxFiles([file], { baseUrl, ...options });
  return { contents, kept: await kept };
};
const expectLabels = ({ contents }: { contents: { shape: number[] }[] }) =>
  expect(contents).toEqual([expect.objectContaining({ shape: [10_000] })]);
const failure = async (options: Partial<LoadOptions> = {}): Promise<DataError> => {
  const error = await loadLabels(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'DataError' });
  return error as DataError;
};

/** Counts at our side: an aborted test's requests may reach the server late. */
const counted = () => {
  const requests: string[] = [];
  const fetch = (...[url, init]: Parameters<typeof globalThis.fetch>) => {
    requests.push(String(url));
    return globalThis.fetch(url, init);
  };
  return { requests, fetch };
};

/** The Cache API over a map. */
class FakeCache implements DataCache {
  kept = new Map<string, Blob>();
  async match(url: RequestInfo | URL): Promise<Response | undefined> {
    const blob = this.kept.get(String(url));
    return blob && new Response(blob);
  }
  async put(url: RequestInfo | URL, response: Response): Promise<void> {
    this.kept.set(String(url), await response.blob());
  }
  async delete(url: RequestInfo | URL): Promise<boolean> {
    return this.kept.delete(String(url));
  }
}

describe('loadShipped', () => {
  it.each([
    ['as they are', plain],
    ['labeled Content-Encoding: gzip', labeled],
    ['unpacked', (response: ServerResponse, file: string) => response.end(gunzipSync(bytesOf(file)))],
  ])('reads files that the server sends %s', async (_, answer) => {
    usual = answer;
    const progress: LoadProgress[] = [];
    const dataSet = await load({ onProgress: (each) => progress.push(each) });
    expect(dataSet).toMatchObject({
      kept: false,
      name: 'MNIST',
      classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      train: { count: 60_000, width: 28, height: 28 },
      test: { count: 10_000, width: 28, height: 28 },
    });
    expect([...dataSet.train.labels.subarray(0, 8)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
    expect([...dataSet.test.labels.subarray(0, 8)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9]);
    expect(dataSet.train.images).toHaveLength(60_000 * 784);
    // Row 5 of the first training image, the well-known 5.
    expect([...dataSet.train.images.subarray(5 * 28 + 12, 5 * 28 + 18)]).toEqual([3, 18, 18, 18, 126, 136]);
    expect(pixelsOf(dataSet.train, 0)[5 * 28 + 16]).toBe(Math.fround(126 / 255));

    const totalBytes = files.reduce((sum, { gzippedBytes }) => sum + gzippedBytes, 0);
    const loaded = progress.map(({ loadedBytes }) => loadedBytes);
    expect(progress.length).toBeGreaterThan(20);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
    expect(progress.at(-1)).toMatchObject({ loadedBytes: totalBytes, totalBytes });
  });

  it.each([
    ['a missing file', status(404), 'missing', 'found 404 Not Found. Put the data files there, then retry.'],
    ['a server’s error', status(503), 'server', 'the server answered 503 Service Unavailable'],
    ['a web page in its place', page, 'notData', 'found a web page'],
    ['a long web page in its place', longPage, 'notData', 'found a web page'],
    ['nothing in it', empty, 'notData', 'found nothing'],
    ['a file cut short', cut, 'truncated', 'the file is cut short'],
    ['an unpacked file cut short', cutUnpacked, 'truncated', 'the file is cut short'],
    ['a broken connection', dropped, 'truncated', 'the connection broke after'],
    ['damaged gzip data', brokenGzip, 'corrupt', 'gzip data are damaged'],
    ['other bytes', otherBytes, 'corrupt', 'its SHA-256 differs'],
    ['too many bytes', tooLong, 'corrupt', 'the file is too long'],
  ] as const)('explains %s, and a retry works', async (_, answer, kind, message) => {
    usual = answer;
    const error = await failure();
    expect(error).toMatchObject({ kind, file: file.name });
    expect(error.message).toContain(message);
    expect(error.message).toContain(file.name);
    usual = plain;
    expectLabels(await loadLabels());
  });

  it('fails as a whole when one file does', async () => {
    answers = { [file.name]: status(404) };
    await expect(load()).rejects.toMatchObject({ name: 'DataError', kind: 'missing', file: file.name });
  });

  it('explains a server that does not answer', async () => {
    expect(await failure({ baseUrl: 'http://127.0.0.1:1/' })).toMatchObject({ kind: 'offline' });
  });

  it('stops at once when aborted', async () => {
    const controller = new AbortController();
    usual = (response) => {
      response.write('');
      controller.abort();
    };
    const loading = load({ signal: controller.signal });
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    await expect(load({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the cache', () => {
  it('asks for the files with low priority, so that the page comes first', async () => {
    const priorities = new Set<unknown>();
    await loadLabels({
      fetch: (url, init) => {
        priorities.add(init?.priority);
        return globalThis.fetch(url, init);
      },
    });
    expect([...priorities]).toEqual(['low']);
  });

  it.each([
    ['gzipped', plain],
    ['unpacked', labeled],
  ])('makes the second visit need no network, after %s bodies', async (_, answer) => {
    usual = answer;
    const cache = new FakeCache();
    const { requests, fetch } = counted();
    const { kept } = await load({ cache, fetch });
    expect(kept).toBe(true);
    expect(requests).toHaveLength(4);
    const progress: LoadProgress[] = [];
    const again = await load({
      cache,
      baseUrl,
      fetch: () => Promise.reject(new TypeError('no network')),
      onProgress: (each) => progress.push(each),
    });
    expect(again).toMatchObject({ kept: true, train: { count: 60_000 } });
    expect(progress.at(-1)?.loadedBytes).toBe(progress.at(-1)?.totalBytes);
  });

  it.each([
    ['damaged', (bytes: Buffer) => damaged(bytes, 2000)],
    ['cut', (bytes: Buffer) => bytes.subarray(0, 2000)],
    ['empty', () => Buffer.alloc(0)],
  ])('drops a copy that is %s and fetches the file again', async (_, damage) => {
    const cache = new FakeCache();
    await loadLabels({ cache });
    const url = `${baseUrl}/${file.name}`;
    cache.kept.set(url, new Blob([new Uint8Array(damage(bytesOf(file.name)))]));
    const { requests, fetch } = counted();
    const again = await loadLabels({ cache, fetch });
    expectLabels(again);
    expect(again.kept).toBe(true);
    expect(requests).toEqual([url]);
    expect(cache.kept.get(url)?.size).toBe(file.gzippedBytes);
  });

  it('never keeps a file that failed its check', async () => {
    const cache = new FakeCache();
    usual = otherBytes;
    await failure({ cache });
    expect(cache.kept.size).toBe(0);
  });

  it('may be full or broken', async () => {
    const cache: DataCache = {
      match: () => Promise.reject(new Error('broken')),
      put: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
      delete: () => Promise.reject(new Error('broken')),
    };
    const loaded = await loadLabels({ cache });
    expectLabels(loaded);
    expect(loaded.kept).toBe(false);
  });
});
