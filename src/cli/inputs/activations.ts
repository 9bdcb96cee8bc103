import { readFile } from 'node:fs/promises';
import { isLabelsName } from '../../ml/formats/activationFile.ts';
import type { StoredArray } from '../../ml/formats/index.ts';
import { UsageError } from '../frame/usageError.ts';
import { type Classes, classesOf, firstRows } from './classes.ts';
import { isFile, withArrays } from './files.ts';

/** A layer's activations, [rows, columns], in memory that threads share. */
export interface Layer {
  name: string;
  data: Float32Array | Float64Array;
  rows: number;
  columns: number;
}

export interface Layers {
  layers: Layer[];
  /** Names of arrays that are not layers, for a note in the report. */
  skipped: string[];
}

interface Wanted {
  /** A file of labels, or the name of an array in the activations' file. */
  labels?: string;
  /** Names of layers in the wanted order. Default: every array with a row per label. */
  layers?: readonly string[];
  /** Number of examples of each class to use, the first in the file. */
  points?: number;
}

/**
 * Reads layers and the classes of their rows. Each array with one row per label is a layer; further axes are flattened.
 * @throws UsageError that names the file and says what to do.
 */
export function readLabeledLayers(
  path: string,
  { labels, layers: wanted, points }: Wanted,
): Promise<Layers & { classes: Classes }> {
  return withArrays(path, async (arrays) => {
    const found = await labelTexts(path, arrays, labels);
    const all = classesOf(found.texts, labels ?? path);
    const others = arrays.filter((array) => array !== found.array);
    const { chosen, skipped } = chooseLayers(path, others, { count: found.texts.length, wanted });
    const rows = points === undefined ? undefined : firstRows(all, points);
    const classes = rows
      ? {
          ...all,
          labels: Int32Array.from(rows, (row) => all.labels[row]),
          counts: all.names.map(() => points ?? 0),
        }
      : all;
    return { layers: await readAll(path, chosen, rows), skipped, classes };
  });
}

/** Reads layers without labels. @throws UsageError that names the file and says what to do. */
export function readLayers(path: string, wanted?: readonly string[]): Promise<Layers> {
  return withArrays(path, async (arrays) => {
    const { chosen, skipped } = chooseLayers(path, arrays, { wanted });
    return { layers: await readAll(path, chosen), skipped };
  });
}

/** The labels as texts, and the array of the activations' file that holds them. */
async function labelTexts(
  path: string,
  arrays: readonly StoredArray[],
  labels: string | undefined,
): Promise<{ texts: string[]; array?: StoredArray }> {
  const array = arrays.find(({ name }) => (labels === undefined ? isLabelsName(name) : name === labels));
  if (labels !== undefined && (await isFile(labels))) return { texts: await readLabelFile(labels) };
  if (array) return { texts: await textsOf(path, array), array };
  if (labels === undefined) {
    throw new UsageError(
      `${path}: expected labels, found none; give --labels FILE (.npy, .npz, or text with a label per line).`,
    );
  }
  throw new UsageError(
    `expected the labels in a file ${labels} or in an array of ${path} (${namesOf(arrays)}), found neither; check --labels.`,
  );
}

async function readLabelFile(path: string): Promise<string[]> {
  if (/\.(txt|csv|tsv)$/i.test(path)) {
    const lines = (await readFile(path, 'utf8')).split(/\r?\n/).map((line) => line.trim());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }
  return withArrays(path, (arrays) => {
    const found = arrays.length === 1 ? arrays[0] : arrays.find(({ name }) => isLabelsName(name));
    if (found) return textsOf(path, found);
    throw new UsageError(
      `${path}: expected one array, or one with the name labels or y, found ${namesOf(arrays)}; save the labels alone.`,
    );
  });
}

/** Labels as texts; numbers as their decimals. */
async function textsOf(path: string, array: StoredArray): Promise<string[]> {
  const { name, shape, type } = array;
  if (shape.length !== 1) {
    throw new UsageError(
      `${path}: expected labels of one axis in “${name}”, found [${shape.join(', ')}]; save one label per row.`,
    );
  }
  if (type === '|O') {
    throw new UsageError(
      `${path}: expected numbers or texts in “${name}”, found Python objects; save labels.astype(str) instead.`,
    );
  }
  return (await array.texts()) ?? Array.from(await array.rows(allRows(array)), String);
}

function chooseLayers(
  path: string,
  arrays: readonly StoredArray[],
  { count, wanted }: { count?: number; wanted?: readonly string[] },
): { chosen: StoredArray[]; skipped: string[] } {
  const isLayer = ({ shape }: StoredArray) =>
    shape.length >= 2 && (count === undefined || shape[0] === count);
  const chosen = wanted
    ? wanted.map((name) => {
        const found = arrays.find((array) => array.name === name);
        if (found) return found;
        throw new UsageError(
          `${path}: expected the layer “${name}”, found ${namesOf(arrays)}; check --layers.`,
        );
      })
    : arrays.filter(isLayer);
  const odd = chosen.find((array) => !isLayer(array)) ?? (chosen.length === 0 ? arrays[0] : undefined);
  if (odd || chosen.length === 0) {
    const expected =
      count === undefined ? 'two axes or more, [examples, units]' : `[${count}, units], a row per label`;
    const found = odd ? `“${odd.name}” of [${odd.shape.join(', ')}]` : 'none';
    throw new UsageError(
      `${path}: expected an array of ${expected}, found ${found}; save one row per example.`,
    );
  }
  const skipped = wanted ? [] : arrays.filter((array) => !chosen.includes(array)).map(({ name }) => name);
  return { chosen, skipped };
}

async function readAll(
  path: string,
  arrays: readonly StoredArray[],
  rows?: readonly number[],
): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (const array of arrays) {
    const own = rows ?? allRows(array);
    const layer = await readLayer(array, own);
    assertFinite(path, array, own, layer);
    layers.push(layer);
  }
  return layers;
}

/** Squares of larger values overflow. */
const LARGEST = 1e100;

/** @throws UsageError with the index of the first value that is not finite, as NumPy counts in the file. */
function assertFinite(
  path: string,
  { name, shape }: StoredArray,
  rows: readonly number[],
  layer: Layer,
): void {
  const at = layer.data.findIndex((value) => !(Math.abs(value) < LARGEST));
  if (at < 0) return;
  const index: number[] = [];
  let rest = at % layer.columns;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  index.unshift(rows[Math.floor(at / layer.columns)]);
  throw layerFault(
    path,
    name,
    `expected finite values below ${LARGEST}, found ${layer.data[at]} at [${index.join(', ')}]`,
  );
}

/** An error about a layer, with the file's and the layer's name and advice. */
export function layerFault(path: string, layer: string, message: string): UsageError {
  return new UsageError(
    `${path}: layer “${layer}”: ${message}; check the network and the file, or leave the layer out by naming others in --layers.`,
  );
}

async function readLayer(array: StoredArray, rows: readonly number[]): Promise<Layer> {
  const columns = array.shape.slice(1).reduce((product, length) => product * length, 1);
  const values = await array.rows(rows);
  const size = values instanceof Float64Array ? 8 : 4;
  const bytes = new SharedArrayBuffer(size * values.length);
  const data = size === 8 ? new Float64Array(bytes) : new Float32Array(bytes);
  data.set(values);
  return { name: array.name, data, rows: rows.length, columns };
}

function allRows({ shape }: StoredArray): number[] {
  return Array.from({ length: shape[0] ?? 0 }, (_, row) => row);
}

function namesOf(arrays: readonly StoredArray[]): string {
  const shown = arrays.slice(0, 8).map(({ name }) => name);
  return `${shown.join(', ') || 'none'}${arrays.length > 8 ? `, and ${arrays.length - 8} more` : ''}`;
}
