import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { DataSet } from '../../ml/data/dataset.ts';
import { loadShipped } from '../../ml/data/load.ts';
import { sha256Hex } from '../../ml/data/sha256.ts';
import { MNIST, SHIPPED, type ShippedId } from '../../ml/data/shipped.ts';
import { FileError } from '../../ml/formats/index.ts';
import { AxesQuestion, type AxisOrder, type GivenFile } from '../../ml/imageFiles/given.ts';
import type { HeldOut } from '../../ml/imageFiles/heldOut.ts';
import { ownDataSet } from '../../ml/imageFiles/ownData.ts';
import { readImages } from '../../ml/imageFiles/readImages.ts';
import { UsageError } from '../frame/usageError.ts';
import { inFile, openSource } from './files.ts';

/** The data sets of the site. */
const IDS: readonly ShippedId[] = ['mnist', 'fashion-mnist'];
/** Maximum number of files in a folder of images. A folder with more files holds pictures, which the tool does not read. */
const MOST_FILES = 1000;

export interface DataOptions extends HeldOut {
  /** The order of a color image's values, if the file does not tell. */
  axes?: AxisOrder;
  signal: AbortSignal;
}

/**
 * Reads a data set from a folder or a file, as the page does: MNIST and Fashion-MNIST by their four IDX files, gzipped or not,
 * or own images (IDX, NumPy, CSV, CIFAR-10's batches).
 * @throws UsageError that names the file and says what to do.
 */
export async function readDataSet(path: string, options: DataOptions): Promise<DataSet> {
  const labels = await readEither(path, MNIST.files.trainLabels.name);
  const sha256 = labels && (await sha256Hex(unpacked(labels)));
  const id = IDS.find((each) => SHIPPED[each].files.trainLabels.sha256 === sha256);
  return inFile(path, () => (id ? readShipped(id, path, options.signal) : readOwn(path, options)));
}

async function readShipped(id: ShippedId, folder: string, signal: AbortSignal): Promise<DataSet> {
  const fetch = async (url: string | URL | Request) => {
    const bytes = await readEither(folder, basename(String(url)));
    return bytes ? new Response(bytes) : new Response(null, { status: 404, statusText: 'no such file' });
  };
  const baseUrl = `${pathToFileURL(folder).href}/`;
  return (await loadShipped(id, { baseUrl, cache: null, signal, fetch })).data;
}

async function readOwn(path: string, { axes, signal, ...heldOut }: DataOptions): Promise<DataSet> {
  const context = { signal, axes, progress: () => undefined, decode: refusePicture };
  try {
    const read = await readImages(await givenFiles(path), context);
    return await ownDataSet(basename(path).replace(/\.\w+$/, ''), read, heldOut);
  } catch (error) {
    if (error instanceof AxesQuestion) {
      throw new UsageError(`${error.message} Give --axes planes or --axes pixels.`);
    }
    throw error;
  }
}

async function refusePicture(_bytes: Uint8Array, name: string): Promise<never> {
  throw new FileError(
    `${name}: expected images as numbers, found a picture, which only the page decodes. Save all images with numpy.savez("images.npz", images=images, labels=labels).`,
  );
}

/** The file, or all files of the folder, including those in nested folders. */
async function givenFiles(path: string): Promise<GivenFile[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return [{ path: basename(path), source: await openSource(path, basename(path)) }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (files.length > MOST_FILES) {
    throw new UsageError(
      `${path}: expected at most ${MOST_FILES} files, found ${files.length}; pictures are read by the page only, so save them as one .npz.`,
    );
  }
  return Promise.all(
    files.sort().map(async (file) => {
      const name = relative(path, file).split(sep).join('/');
      return { path: name, source: await openSource(file, name) };
    }),
  );
}

function unpacked(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? new Uint8Array(gunzipSync(bytes)) : bytes;
}

/** A file of the folder, packed or not; undefined if there is neither. */
async function readEither(folder: string, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  for (const each of [name, name.replace(/\.gz$/, '')]) {
    const bytes = await readFile(join(folder, each)).catch(() => undefined);
    if (bytes) return new Uint8Array(bytes);
  }
  return undefined;
}
