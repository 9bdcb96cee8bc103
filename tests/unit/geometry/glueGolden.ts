import { readFileSync } from 'node:fs';
import type { Manifold } from '../../../src/ml/geometry/index.ts';
import type { Matrix } from '../../../src/ml/linear/matrix.ts';
import { readJson } from './golden.ts';
import { readImages } from './network.ts';

interface Entry {
  offset: number;
  nbytes: number;
  dtype: string;
  shape: [number, number];
}

/** A case of tests/golden/deeper/glue.json; see tests/golden/README.md. */
interface GlueCase {
  labels: string;
  centered: boolean;
  points: number[];
  dimensions: number;
  trainImages: number[][];
  rank: number;
  a: number[];
  b: number[];
  c: number[];
  summary: Record<string, number>;
  kktWorst: number;
}

const { cases, manifest } = readJson<{
  cases: Record<string, GlueCase>;
  manifest: Partial<Record<string, Entry>>;
}>('deeper/glue.json');
const bytes = readFileSync(new URL('../../golden/deeper/glue.bin', import.meta.url));

export const glueCases = cases;

function entryOf(name: string): Entry {
  const entry = manifest[name];
  if (!entry) throw new Error(`expected ${name} in glue.json`);
  return entry;
}

function bufferOf({ offset, nbytes }: Entry): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + nbytes) as ArrayBuffer;
}

export function glueInput(name: string): { manifolds: Manifold[]; tVectors: Matrix; labels: Int8Array } {
  const { points, trainImages, dimensions } = cases[name];
  const t = entryOf(`${name}/t`);
  const tVectors = {
    data: Float64Array.from(new Float32Array(bufferOf(t))),
    rows: t.shape[0],
    columns: t.shape[1],
  };
  const stored = manifest[`${name}/X_concat`];
  // The reference divides bytes by 255 in float64.
  const data = stored
    ? new Float32Array(bufferOf(stored))
    : Float64Array.from(readImages(trainImages.flat()), (pixel) => Math.round(255 * pixel) / 255);
  let row = 0;
  const manifolds = points.map((rows) => {
    const own = data.slice(row * dimensions, (row + rows) * dimensions);
    row += rows;
    return { data: own, rows, columns: dimensions };
  });
  return { manifolds, tVectors, labels: new Int8Array(bufferOf(entryOf(`${name}/y`))) };
}
