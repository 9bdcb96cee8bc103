import { UsageError } from '../frame/usageError.ts';

/** Rows by class: the classes in the order of their first row. */
export interface Classes {
  names: string[];
  /** Index of each row's class. */
  labels: Int32Array;
  /** Rows of each class. */
  counts: number[];
}

/** Maximum number of classes; more different labels are probably not classes. */
const MOST_CLASSES = 1000;

/** @throws UsageError for fewer than two classes, or more than a thousand. */
export function classesOf(texts: readonly string[], path: string): Classes {
  const names = [...new Set(texts)];
  if (names.length < 2) {
    throw new UsageError(
      `${path}: expected labels of at least two classes, found ${names.length}; check --labels.`,
    );
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

/** The first rows of each class, in the file's order. @throws UsageError for a class with fewer. */
export function firstRows({ names, labels, counts }: Classes, points: number): number[] {
  const few = counts.findIndex((count) => count < points);
  if (few >= 0) {
    throw new UsageError(
      `expected at least ${points} examples of each class, found ${counts[few]} of “${names[few]}”; lower --points.`,
    );
  }
  const seen = names.map(() => 0);
  return Array.from(labels.keys()).filter((row) => seen[labels[row]]++ < points);
}
