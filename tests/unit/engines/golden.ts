import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { openParameters } from '../../../src/ml/formats/open/openFile.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';

/** The reference values of tests/golden, and MNIST. */

export function goldenJson<T>(name: string): T {
  return JSON.parse(readFileSync(goldenPath(`${name}.json`), 'utf8'));
}

export function goldenModel(name: 'model_init' | 'model_trained'): Parameters {
  const file = new Uint8Array(readFileSync(goldenPath(`${name}.safetensors`)));
  return openParameters(file, notebookNetwork(), { freeSizes: false }).parameters;
}

interface Manifest {
  manifest: Record<string, { offset: number; nbytes: number; dtype: string }>;
}

/** Reads one array of a .bin file, using the manifest in the .json file of the same name. */
export function goldenArray(file: string, name: string): Float32Array | Float64Array | Int8Array {
  const { offset, nbytes, dtype } = goldenJson<Manifest>(file).manifest[name];
  const bytes = new Uint8Array(readFileSync(goldenPath(`${file}.bin`))).slice(offset, offset + nbytes).buffer;
  switch (dtype) {
    case 'float32':
      return new Float32Array(bytes);
    case 'float64':
      return new Float64Array(bytes);
    case 'int8':
      return new Int8Array(bytes);
    default:
      throw new Error(`goldenArray: expected float32, float64 or int8, found ${dtype}`);
  }
}

/** The first images [count, 784], as bytes, and their labels. */
export function mnist(split: 'train' | 't10k', count: number): { images: Uint8Array; labels: Uint8Array } {
  const unpack = (name: string) =>
    new Uint8Array(
      gunzipSync(readFileSync(new URL(`../../../public/mnist/${split}-${name}-ubyte.gz`, import.meta.url))),
    );
  return {
    images: unpack('images-idx3').slice(16, 16 + 784 * count),
    labels: unpack('labels-idx1').slice(8, 8 + count),
  };
}

function goldenPath(name: string): URL {
  return new URL(`../../golden/${name}`, import.meta.url);
}
