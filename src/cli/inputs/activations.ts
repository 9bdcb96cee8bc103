import { readFile } from 'node:fs/promises';
import type { FileArray } from '../../ml/formats/index.ts';
import { UsageError } from '../frame/usageError.ts';
import { inFile, isFile, readArrayFile } from './files.ts';

/** A layer's activations, [rows, columns], in memory that threads share. */
export interface Layer {
  name: string;
  data: Float32Array | Float64Array;
  rows: number;
  columns: number;
}

/** Arrays of an activations file that are taken for labels if none are named. */
const LABEL_NAMES = ['labels', 'label', 'y', 'targets'];

export interface LabeledLayers {
  layers: Layer[];
  /** One text per row. */
  labels: string[];
  /** Arrays that are no layers, for a note to the person. */
  skipped: string[];
}

interface Wanted {
  /** A file of labels, or the name of an array in the activations' file. */
  labels?: string;
  /** Names of layers in the wanted order. Default: every array with a row per label. */
  layers?: readonly string[];
}

/**
 * Reads layers and their labels. Each array with one row per label is a layer; further axes are flattened.
 * @throws UsageError that names the file and says what to do.
 */
export async function readLabeledLayers(path: string, { labels, layers }: Wanted): Promise<LabeledLayers> {
  const arrays = await readArrayFile(path);
  const inside = arrays.find(({ name }) =>
    labels === undefined ? LABEL_NAMES.includes(name) : name === labels,
  );
  let texts: string[];
  if (labels !== undefined && (!inside || (await isFile(labels)))) {
    texts = await readLabelFile(labels, path, arrays);
  } else if (inside) {
    texts = labelTexts(path, inside);
  } else {
    throw new UsageError(
      `${path}: expected labels, found none; give --labels FILE (.npy, .npz, or text with a label per line).`,
    );
  }
  const others = arrays.filter((array) => array !== inside);
  return { ...chooseLayers(path, others, { rows: texts.length, wanted: layers }), labels: texts };
}

/** Reads layers alone. @throws UsageError that names the file and says what to do. */
export async function readLayers(
  path: string,
  wanted?: readonly string[],
): Promise<Pick<LabeledLayers, 'layers' | 'skipped'>> {
  return chooseLayers(path, await readArrayFile(path), { wanted });
}

async function readLabelFile(path: string, activations: string, inside: FileArray[]): Promise<string[]> {
  if (!(await isFile(path))) {
    throw new UsageError(
      `expected the labels in a file ${path} or in an array of ${activations} (${namesOf(inside)}), found neither; check --labels.`,
    );
  }
  if (/\.(txt|csv|tsv)$/i.test(path)) {
    const lines = (await readFile(path, 'utf8')).split(/\r?\n/).map((line) => line.trim());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }
  const arrays = await readArrayFile(path);
  const found = arrays.length === 1 ? arrays[0] : arrays.find(({ name }) => LABEL_NAMES.includes(name));
  if (!found) {
    throw new UsageError(
      `${path}: expected one array, or one with the name labels or y, found ${namesOf(arrays)}; save the labels alone.`,
    );
  }
  return labelTexts(path, found);
}

function labelTexts(path: string, array: FileArray): string[] {
  const { name, shape, dtype } = array;
  if (shape.length !== 1) {
    throw new UsageError(
      `${path}: expected labels of one axis in “${name}”, found [${shape.join(', ')}]; save one label per row.`,
    );
  }
  if (dtype === '|O') {
    throw new UsageError(
      `${path}: expected numbers or texts in “${name}”, found Python objects; save labels.astype(str) instead.`,
    );
  }
  return inFile(path, () => array.texts());
}

function chooseLayers(
  path: string,
  arrays: readonly FileArray[],
  { rows, wanted }: { rows?: number; wanted?: readonly string[] },
): Pick<LabeledLayers, 'layers' | 'skipped'> {
  const isLayer = ({ shape }: FileArray) => shape.length >= 2 && (rows === undefined || shape[0] === rows);
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
      rows === undefined ? 'two axes or more, [examples, units]' : `[${rows}, units], a row per label`;
    throw new UsageError(
      `${path}: expected an array of ${expected}, found “${odd?.name}” of [${odd?.shape.join(', ')}]; save one row per example.`,
    );
  }
  return {
    layers: chosen.map((array) => inFile(path, () => layerOf(array))),
    skipped: wanted ? [] : arrays.filter((array) => !chosen.includes(array)).map(({ name }) => name),
  };
}

function layerOf(array: FileArray): Layer {
  const [rows, ...rest] = array.shape;
  const columns = rest.reduce((product, length) => product * length, 1);
  const values = array.numbers();
  const bytes = new SharedArrayBuffer(values.byteLength);
  const data = values instanceof Float32Array ? new Float32Array(bytes) : new Float64Array(bytes);
  data.set(values);
  return { name: array.name, data, rows, columns };
}

function namesOf(arrays: readonly FileArray[]): string {
  const shown = arrays.slice(0, 8).map(({ name }) => name);
  return `${shown.join(', ') || 'none'}${arrays.length > 8 ? `, and ${arrays.length - 8} more` : ''}`;
}
