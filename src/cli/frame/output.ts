import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../ml/callError.ts';
import type { Host } from './command.ts';
import type { GivenOptions, OptionSpec } from './options.ts';
import { UsageError } from './usageError.ts';

/** A command's result in every form. A form is computed only when requested. */
export interface Report {
  /** For people, in a terminal. */
  table(): string;
  json(): object;
  /** Rows for a spreadsheet; the first has the columns' names. */
  csv(): Cell[][];
}

export type Cell = string | number | undefined;

/** The options of every command that reports. */
export const OUTPUT_OPTIONS = {
  json: { help: 'write JSON to standard output instead of tables' },
  csv: { help: 'write CSV to standard output instead of tables' },
  out: {
    value: 'FILE',
    repeats: true,
    help: 'also write a file: .json, .csv or .txt; may be given several times',
  },
  quiet: { help: 'no progress on standard error' },
} as const satisfies Record<string, OptionSpec>;

type Form = 'table' | 'json' | 'csv';

const FORMS: Readonly<Record<string, Form>> = { json: 'json', csv: 'csv', txt: 'table' };

/** The destinations of a report. */
export interface Destinations {
  stdout: Form;
  files: { path: string; form: Form }[];
}

/** Reads the output options before any work is done. @throws UsageError. */
export function destinationsOf(given: GivenOptions): Destinations {
  if (given.has('json') && given.has('csv')) {
    throw given.fault('expected --json or --csv, found both');
  }
  const files = given.all('out').map((path) => {
    const form = FORMS[/\.(\w+)$/.exec(path)?.[1].toLowerCase() ?? ''];
    if (!form)
      throw given.fault(`expected a name that ends in .json, .csv or .txt after --out, found ${path}`);
    return { path, form };
  });
  return { stdout: given.has('json') ? 'json' : given.has('csv') ? 'csv' : 'table', files };
}

export async function writeReport(
  report: Report,
  { stdout, files }: Destinations,
  host: Host,
): Promise<void> {
  host.stdout(textOf(report, stdout));
  for (const { path, form } of files) await writeWhole(path, textOf(report, form));
}

/** Writes a file, and the folders above it. @throws UsageError that names the path. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFile(path, content);
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(
      `expected to write ${path}, found that this fails (${reason}); choose another place.`,
    );
  }
}

/** Makes a folder and those above it. Node's own recursive form never ends in a place such as /proc. */
async function makeFolder(path: string): Promise<void> {
  const above = dirname(path);
  if (above === path) return;
  try {
    await makeUnlessThere(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeFolder(above);
    await makeUnlessThere(path);
  }
}

async function makeUnlessThere(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function textOf(report: Report, form: Form): string {
  switch (form) {
    case 'table':
      return report.table();
    case 'json':
      return `${JSON.stringify(report.json(), jsonValue, 2)}\n`;
    case 'csv':
      return `${report
        .csv()
        .map((row) => row.map(csvCell).join(','))
        .join('\n')}\n`;
    default:
      return form satisfies never;
  }
}

/** Replaces typed arrays by lists, for JSON. */
function jsonValue(_key: string, value: unknown): unknown {
  return value instanceof Float64Array || value instanceof Float32Array || value instanceof Int32Array
    ? Array.from(value)
    : value;
}

function csvCell(cell: Cell): string {
  if (cell === undefined) return '';
  const text = String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Aligns rows in columns: the first column left, the others right. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A figure with its standard error, rounded to two digits of the error. */
export function withError(value: number | undefined, error?: number): string {
  if (value === undefined) return '–';
  // An error below this share of the value is a rounding error of float64.
  const isKnown = error !== undefined && error > 1e-9 * Math.abs(value) && Number.isFinite(error);
  if (!isKnown || !Number.isFinite(value)) return rounded(value, 4);
  const digits = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(error))));
  return `${value.toFixed(digits)} ± ${error.toFixed(digits)}`;
}

/** A number with this many significant digits. */
export function rounded(value: number, digits: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : String(value);
  return String(Number(value.toPrecision(digits)));
}
