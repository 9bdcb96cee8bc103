import { UsageError } from '../frame/usageError.ts';
import type { Layer } from '../inputs/activations.ts';

/** Rows by class: the classes in the order of their first row. */
export interface Classes {
  names: string[];
  /** Index of each row's class. */
  labels: Int32Array;
  /** Rows of each class. */
  counts: number[];
}

/** A layer with more classes than this is hardly labeled by class. */
const MOST_CLASSES = 1000;

/** @throws UsageError for fewer than two classes, or more than a thousand. */
export function classesOf(texts: readonly string[], path: string): Classes {
  const names = [...new Set(texts)];
  if (names.length < 2) {
    throw new UsageError(`${path}: expected labels of at least two classes, found ${names.length}.`);
  }
  if (names.length > MOST_CLASSES) {
    throw new UsageError(
      `${path}: expected at most ${MOST_CLASSES} classes, found ${names.length} different labels; check that the labels are classes.`,
    );
  }
  const places = new Map(names.map((name, i) => [name, i]));
  const labels = Int32Array.from(texts, (text) => places.get(text) ?? 0);
  const counts = names.map(() => 0);
  for (const label of labels) counts[label]++;
  return { names, labels, counts };
}

/** The first rows of each class, as many as asked for. @throws UsageError for a class with fewer. */
export function firstOfEach(
  layers: readonly Layer[],
  { names, labels, counts }: Classes,
  points: number,
): { layers: Layer[]; classes: Classes } {
  const few = counts.findIndex((count) => count < points);
  if (few >= 0) {
    throw new UsageError(
      `expected at least ${points} examples of each class, found ${counts[few]} of “${names[few]}”; lower --points.`,
    );
  }
  const seen = names.map(() => 0);
  const rows: number[] = [];
  labels.forEach((label, row) => {
    if (seen[label]++ < points) rows.push(row);
  });
  return {
    layers: layers.map((layer) => chosenRows(layer, rows)),
    classes: { names, labels: Int32Array.from(rows, (row) => labels[row]), counts: names.map(() => points) },
  };
}

function chosenRows({ name, data, columns }: Layer, rows: readonly number[]): Layer {
  const bytes = new SharedArrayBuffer(rows.length * columns * data.BYTES_PER_ELEMENT);
  const chosen = data instanceof Float32Array ? new Float32Array(bytes) : new Float64Array(bytes);
  rows.forEach((row, i) => {
    chosen.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { name, data: chosen, rows: rows.length, columns };
}
