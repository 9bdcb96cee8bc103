import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { DataSet } from '../../ml/data/dataset.ts';
import { loadShipped } from '../../ml/data/load.ts';
import { sha256Hex } from '../../ml/data/sha256.ts';
import { MNIST, SHIPPED, type ShippedId } from '../../ml/data/shipped.ts';
import { UsageError } from '../frame/usageError.ts';

/** The data sets of the site. */
const IDS: readonly ShippedId[] = ['mnist', 'fashion-mnist'];

/**
 * Loads MNIST or Fashion-MNIST from a folder with its four IDX files, gzipped or not, and checks every byte.
 * @throws UsageError that names the file and says what to do.
 */
export async function readDataFolder(folder: string, signal: AbortSignal): Promise<DataSet> {
  // The files of both sets have the same names; the small file of labels tells them apart.
  const labels = await readEither(folder, MNIST.files.trainLabels.name);
  const sha256 = await sha256Hex(unpacked(labels));
  const id = IDS.find((each) => SHIPPED[each].files.trainLabels.sha256 === sha256);
  if (!id) {
    const names = IDS.map((each) => SHIPPED[each].name).join(' or ');
    throw new UsageError(
      `${folder}: expected the IDX files of ${names}, found other labels in ${MNIST.files.trainLabels.name}; check --data.`,
    );
  }
  const fetch = async (url: string | URL | Request) =>
    new Response(await readEither(folder, String(url).split('/').at(-1) ?? ''));
  const baseUrl = `${pathToFileURL(folder).href}/`;
  return (await loadShipped(id, { baseUrl, cache: null, signal, fetch })).data;
}

function unpacked(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? new Uint8Array(gunzipSync(bytes)) : bytes;
}

/** A file of the folder, packed or not. */
async function readEither(folder: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  for (const each of [name, name.replace(/\.gz$/, '')]) {
    const bytes = await readFile(join(folder, each)).catch(() => undefined);
    if (bytes) return new Uint8Array(bytes);
  }
  throw new UsageError(`${folder}: expected the file ${name} (or without .gz), found neither; check --data.`);
}
