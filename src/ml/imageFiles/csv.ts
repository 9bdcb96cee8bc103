import type { LabeledImages } from '../data/dataset.ts';
import { FileError } from '../formats/fileError.ts';
import { classesOf } from './classes.ts';
import {
  breathe,
  checkBytes,
  checkTestShape,
  type GivenFile,
  isTestName,
  type ReadContext,
  type ReadImages,
  wholeFile,
} from './given.ts';
import { asPlanes, type Layout, layoutOf } from './layout.ts';
import { pixelBytes } from './pixelBytes.ts';
import { scaledRemark, withinLimits } from './resize.ts';

interface Table {
  path: string;
  labels: string[];
  /** The rows' numbers in the file, from 1. */
  lines: number[];
  pixels: Uint8Array<ArrayBuffer>;
  layout: Layout;
}

const ROWS_BETWEEN_BREATHS = 2000;
const LABEL_NAMES = ['label', 'class', 'target', 'y'];

/** Whether a text looks like rows of numbers with a label. */
export function isCsv(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head).replace(/^\ufeff/, '');
  const [line = ''] = text.split(/\r?\n/);
  return /^[^\0<{]*$/.test(line) && line.split(/[,;\t]/).length > 16;
}

/** Reads CSV: a label and the pixels of a square image in every row, with or without a row of names. */
export async function readCsv(files: readonly GivenFile[], context: ReadContext): Promise<ReadImages> {
  if (files.length > 2)
    throw new FileError(`Expected one CSV for training and perhaps one for testing, found ${files.length}.`);
  const tables: Table[] = [];
  for (const file of files) tables.push(await readTable(file, context));
  tables.sort((a, b) => Number(isTestName(a.path)) - Number(isTestName(b.path)));
  const classes = classesOf(
    tables.map(({ labels }) => labels),
    tables.map(({ path }) => path).join(' and '),
  );
  const parts = tables.map(({ pixels, layout }, i): LabeledImages => {
    const { count, channels, height, width } = layout;
    const images = asPlanes(pixels, layout);
    return withinLimits({ images, labels: classes.labels[i], count, channels, height, width });
  });
  checkTestShape(parts[0], parts.at(1), tables[tables.length - 1].path);
  const [{ layout }] = tables;
  const scaled = parts[0].width !== layout.width;
  const remarks = scaled ? [scaledRemark(layout, parts[0])] : [];
  return { format: 'CSV', classNames: classes.classNames, train: parts[0], test: parts.at(1), remarks };
}

async function readTable(file: GivenFile, context: ReadContext): Promise<Table> {
  const { path } = file;
  const bytes = await wholeFile(file);
  const text = decoded(bytes, path);
  const separator = separatorOf(text);
  const rows = rowsOf(text, separator);
  const labels: string[] = [];
  const lines: number[] = [];
  const values: Float64Array[] = [];
  let labelColumn = 0;
  let width: number | undefined;
  for (const { cells, line } of rows) {
    if (cells.length === 1 && cells[0].trim() === '') continue;
    if (width === undefined) {
      width = cells.length;
      const named = cells.findIndex((cell) => LABEL_NAMES.includes(cell.trim().toLowerCase()));
      if (named >= 0) labelColumn = named;
      // A row of names has text in cells other than the label.
      if (cells.some((cell, i) => i !== labelColumn && Number.isNaN(numberOf(cell)) && !isNan(cell)))
        continue;
    }
    if (cells.length !== width) {
      throw new FileError(
        `${path}, row ${line}: expected ${width} cells, as in the first row, found ${cells.length}.`,
      );
    }
    labels.push(labelOf(cells[labelColumn], path, line));
    lines.push(line);
    values.push(pixelsOf(cells, labelColumn, path, line));
    if (labels.length % ROWS_BETWEEN_BREATHS === 0) {
      context.progress({ done: line, total: 0, what: 'rows' });
      await breathe(context);
    }
  }
  if (labels.length === 0 || width === undefined) {
    throw new FileError(`${path}: expected rows of a label and pixels, found none.`);
  }
  const layout = layoutOf([labels.length, width - 1], path, context.axes);
  checkBytes(labels.length, width - 1, path);
  return { path, labels, lines, layout, pixels: joined(values, { path, lines, pixels: width - 1 }) };
}

/** Floats in [0, 1] if any value is not a whole number, else whole numbers up to 255. */
function joined(
  values: readonly Float64Array[],
  { path, lines, pixels }: { path: string; lines: readonly number[]; pixels: number },
): Uint8Array<ArrayBuffer> {
  const whole = !values.some((row) =>
    row.some((value) => Number.isFinite(value) && !Number.isInteger(value)),
  );
  const bytes = new Uint8Array(values.length * pixels);
  values.forEach((row, i) => {
    const form = { where: path, pixels, whole, row: { name: 'row', first: lines[i] } };
    bytes.set(pixelBytes(row, form), i * pixels);
  });
  return bytes;
}

function decoded(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FileError(`${path}: expected text in UTF-8, found other bytes.`);
  }
}

function separatorOf(text: string): string {
  const head = text.slice(0, text.indexOf('\n') + 1 || undefined);
  return [',', ';', '\t'].reduce((best, each) =>
    head.split(each).length > head.split(best).length ? each : best,
  );
}

function labelOf(cell: string | undefined, path: string, line: number): string {
  const label = cell?.trim() ?? '';
  if (label === '' || isNan(label))
    throw new FileError(`${path}, row ${line}: expected a label, found ${label || 'none'}.`);
  // "3.0", as pandas writes a column with gaps, is class 3.
  return /^-?\d+\.0+$/.test(label) ? label.replace(/\.0+$/, '') : label;
}

function pixelsOf(cells: readonly string[], labelColumn: number, path: string, line: number): Float64Array {
  const row = new Float64Array(cells.length - 1);
  let at = 0;
  cells.forEach((cell, i) => {
    if (i === labelColumn) return;
    const value = numberOf(cell);
    if (!Number.isFinite(value)) {
      throw new FileError(
        `${path}, row ${line}, column ${i + 1}: expected a pixel, found ${cell.trim() === '' ? 'nothing' : JSON.stringify(cell.slice(0, 20))}.`,
      );
    }
    row[at++] = value;
  });
  return row;
}

function numberOf(cell: string): number {
  const text = cell.trim();
  return text === '' ? Number.NaN : Number(text);
}

function isNan(cell: string): boolean {
  return /^[-+]?(nan|inf|infinity|null|none|na)$/i.test(cell.trim());
}

/** Rows of cells, each with the number of its first line; cells may be quoted (RFC 4180). */
function* rowsOf(text: string, separator: string): Generator<{ cells: string[]; line: number }> {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    const plain = text.slice(at, stop).replace(/\r$/, '');
    if (!plain.includes('"')) {
      yield { cells: plain.split(separator), line };
      at = stop + 1;
      line++;
      continue;
    }
    const quoted = quotedRow(text, at, separator);
    yield { cells: quoted.cells, line };
    line += text.slice(at, quoted.end).split('\n').length;
    at = quoted.end + 1;
  }
}

function quotedRow(text: string, start: number, separator: string): { cells: string[]; end: number } {
  const cells: string[] = [];
  let cell = '';
  let inside = false;
  let at = start;
  for (; at < text.length; at++) {
    const letter = text[at];
    if (inside) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[at++];
      else inside = false;
    } else if (letter === '"') inside = true;
    else if (letter === separator) {
      cells.push(cell);
      cell = '';
    } else if (letter === '\n') break;
    else if (letter !== '\r') cell += letter;
  }
  cells.push(cell);
  return { cells, end: at };
}
