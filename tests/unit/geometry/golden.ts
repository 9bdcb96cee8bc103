import { readFileSync } from 'node:fs';
import type { Matrix } from '../../../src/ml/linear/matrix.ts';

const folder = new URL('../../golden/', import.meta.url);

interface Entry {
  offset: number;
  nbytes: number;
  dtype: string;
  shape: number[];
}

interface MftmaCase {
  N: number;
  P: number[];
  n_manifolds: number;
  kappa: number;
  n_t: number;
  summary: { alpha_harmonic_mean: number; R_mean: number; D_mean: number; rho: number; K: number };
  a: number[];
  R: number[];
  D: number[];
  rho: number;
  fa_cost_per_K: number[];
  t_spread_with_this_V11: {
    mean: { alpha: number; R: number; D: number };
    std: { alpha: number; R: number; D: number };
  };
}

export interface MftmaNotebook {
  indices: Record<string, number[]>;
  fa_landscape_float64: Record<
    string,
    { distinct: Record<string, [string, number][]>; min_norm_ratio_quantiles: number[] }
  >;
}

export function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T;
}

const mftma = readJson<{ cases: Record<string, MftmaCase>; manifest: Record<string, Entry> }>('mftma.json');
const bytes = readFileSync(new URL('mftma.bin', folder));

export const mftmaCases = mftma.cases;

/** An array of mftma.bin as a float64 matrix in its stored orientation (a vector becomes one column). */
export function mftmaArray(name: string): Matrix {
  const { offset, nbytes, dtype, shape } = mftma.manifest[name];
  const buffer = bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + nbytes);
  const data = dtype === 'float32' ? Float64Array.from(new Float32Array(buffer)) : new Float64Array(buffer);
  return { data, rows: shape[0], columns: shape[1] ?? 1 };
}

export function transpose({ data, rows, columns }: Matrix): Matrix {
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j];
  return { data: result, rows: columns, columns: rows };
}

/** The case's points, one matrix per manifold, one row per point. */
export function mftmaManifolds(name: string): Matrix[] {
  const all = mftmaArray(name.startsWith('synthetic') ? 'synthetic/X_concat' : `${name}/X_concat`);
  let row = 0;
  return mftmaCases[name].P.map((rows) => {
    const data = all.data.slice(row * all.columns, (row + rows) * all.columns);
    row += rows;
    return { data, rows, columns: all.columns };
  });
}
