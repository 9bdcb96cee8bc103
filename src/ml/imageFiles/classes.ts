import { FileError } from '../formats/fileError.ts';
import { LEAST_CLASSES, MOST_CLASSES } from './given.ts';

/** Labels as a file has them: numbers or names. */
export type GivenLabels = ArrayLike<number> | readonly string[];

const WHOLE = /^-?\d{1,15}$/;

/**
 * Classes are the different labels that occur: whole numbers by size, names in the order of their characters, as Python
 * sorts them.
 * @param parts the labels of the training part, and of the test part if there is one.
 * @param names of classes 0, 1, ..., if the file has them.
 * @throws FileError for fewer than 2 or more than 100 classes.
 */
export function classesOf(
  parts: readonly GivenLabels[],
  where: string,
  names?: readonly string[],
): { classNames: string[]; labels: Uint8Array<ArrayBuffer>[] } {
  const found = new Set<string>();
  for (const part of parts) {
    for (let i = 0; i < part.length && found.size <= MOST_CLASSES; i++) found.add(String(part[i]));
  }
  if (found.size < LEAST_CLASSES || found.size > MOST_CLASSES) {
    const number = found.size > MOST_CLASSES ? `more than ${MOST_CLASSES}` : found.size;
    const which = found.size === 1 ? `: every image is of class “${[...found][0].slice(0, 40)}”` : '';
    throw new FileError(
      `${where}: expected ${LEAST_CLASSES} to ${MOST_CLASSES} classes, found ${number}${which}.`,
    );
  }
  const areNumbers = [...found].every((label) => WHOLE.test(label));
  const sorted = [...found].sort(areNumbers ? (a, b) => Number(a) - Number(b) : inOrder);
  const places = new Map(sorted.map((label, i) => [label, i]));
  const labels = parts.map((part) =>
    Uint8Array.from({ length: part.length }, (_, i) => places.get(String(part[i])) ?? 0),
  );
  const classNames = sorted.map((label) => (areNumbers ? names?.[Number(label)] : undefined) ?? label);
  return { classNames: distinct(classNames).map((name) => name.slice(0, 100)), labels };
}

/** The order of characters' codes, as in Python. */
export function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Uses a file's own names only if they differ from each other. */
function distinct(names: string[]): string[] {
  return names.map((name, i) =>
    name === '' || names.indexOf(name) !== i ? `${name || 'class'} (${i})` : name,
  );
}

/** Labels of a file as whole numbers. @throws FileError that names the first row with another label. */
export function wholeLabels(values: ArrayLike<number>, where: string): number[] {
  return Array.from(values, (value, row) => {
    if (!Number.isSafeInteger(value)) {
      throw new FileError(`${where}, row ${row}: expected a whole number as the label, found ${value}.`);
    }
    return value;
  });
}
