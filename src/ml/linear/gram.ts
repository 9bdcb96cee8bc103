import { CallError } from '../callError.ts';
import type { Matrix } from './matrix.ts';
import { zeros } from './matrix.ts';
import { drain } from './steps.ts';

/** Data with one row per example, row-major: float64, or float32 as engines give activations. */
export interface RowData {
  data: Float32Array | Float64Array;
  rows: number;
  columns: number;
}

interface GramOptions {
  /** Subtracted from every row of `source`, such as the rows' mean; `columns` values. */
  shift?: Float64Array;
  /** Further rows, not shifted, that become rows `source.rows` onward. */
  extra?: Matrix;
}

/** Bytes of one packed block, chosen to stay in a core's second-level cache. */
const BLOCK_BYTES = 512 * 1024;

/**
 * Inner products of all rows with each other, accumulated in float64.
 * @returns symmetric [n, n] with n = source.rows + extra.rows.
 */
export function rowGram(source: RowData, options: GramOptions = {}): Matrix {
  return drain(rowGramSteps(source, options));
}

/** `rowGram` in steps: yields the fraction done after each block of columns, so that a caller can cancel. */
export function* rowGramSteps(
  source: RowData,
  { shift, extra }: GramOptions = {},
): Generator<number, Matrix, void> {
  const count = source.rows + (extra?.rows ?? 0);
  const groups = Math.ceil(count / 4);
  const width = Math.max(16, Math.min(source.columns, Math.floor(BLOCK_BYTES / (32 * Math.max(groups, 1)))));
  const block = new Float64Array(groups * 4 * width);
  const padded = zeros(groups * 4, groups * 4);
  for (let start = 0; start < source.columns; start += width) {
    const length = Math.min(width, source.columns - start);
    packRows(block, 0, source, start, length, shift);
    if (extra) packRows(block, source.rows, extra, start, length);
    addBlockGram(block, groups, length, padded);
    yield (start + length) / source.columns;
  }
  return symmetricCorner(padded, count);
}

/** Copies columns [start, start + length) with four rows interleaved: value (row, k) is at (row >> 2, k, row & 3). */
function packRows(
  block: Float64Array,
  firstRow: number,
  { data, rows, columns }: RowData,
  start: number,
  length: number,
  shift?: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    const target = firstRow + row;
    let write = (target >> 2) * length * 4 + (target & 3);
    const read = row * columns + start;
    if (shift) {
      for (let k = 0; k < length; k++, write += 4) block[write] = data[read + k] - shift[start + k];
    } else {
      for (let k = 0; k < length; k++, write += 4) block[write] = data[read + k];
    }
  }
}

/** Adds a block's inner products to the lower triangle, in tiles of 4 x 4 whose sums stay in registers. */
function addBlockGram(block: Float64Array, groups: number, length: number, gram: Matrix): void {
  const out = gram.data;
  const stride = gram.columns;
  const end = 4 * length;
  for (let i = 0; i < groups; i++) {
    const a = i * end;
    for (let j = 0; j <= i; j++) {
      const b = j * end;
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      let s20 = 0;
      let s21 = 0;
      let s22 = 0;
      let s23 = 0;
      let s30 = 0;
      let s31 = 0;
      let s32 = 0;
      let s33 = 0;
      for (let k = 0; k < end; k += 4) {
        const x0 = block[a + k];
        const x1 = block[a + k + 1];
        const x2 = block[a + k + 2];
        const x3 = block[a + k + 3];
        const y0 = block[b + k];
        const y1 = block[b + k + 1];
        const y2 = block[b + k + 2];
        const y3 = block[b + k + 3];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s02 += x0 * y2;
        s03 += x0 * y3;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s12 += x1 * y2;
        s13 += x1 * y3;
        s20 += x2 * y0;
        s21 += x2 * y1;
        s22 += x2 * y2;
        s23 += x2 * y3;
        s30 += x3 * y0;
        s31 += x3 * y1;
        s32 += x3 * y2;
        s33 += x3 * y3;
      }
      let g = i * 4 * stride + j * 4;
      out[g] += s00;
      out[g + 1] += s01;
      out[g + 2] += s02;
      out[g + 3] += s03;
      g += stride;
      out[g] += s10;
      out[g + 1] += s11;
      out[g + 2] += s12;
      out[g + 3] += s13;
      g += stride;
      out[g] += s20;
      out[g + 1] += s21;
      out[g + 2] += s22;
      out[g + 3] += s23;
      g += stride;
      out[g] += s30;
      out[g + 1] += s31;
      out[g + 2] += s32;
      out[g + 3] += s33;
    }
  }
}

function symmetricCorner(padded: Matrix, count: number): Matrix {
  const gram = zeros(count, count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      const value = padded.data[i * padded.columns + j];
      gram.data[i * count + j] = value;
      gram.data[j * count + i] = value;
    }
  }
  return gram;
}

/** Mean of the rows, in float64; `columns` values. */
export function rowMean({ data, rows, columns }: RowData): Float64Array {
  const mean = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const offset = row * columns;
    for (let k = 0; k < columns; k++) mean[k] += data[offset + k];
  }
  for (let k = 0; k < columns; k++) mean[k] /= rows;
  return mean;
}

/**
 * Checks the shape and that every value is finite. `what` starts the error's message.
 * @returns the largest absolute value.
 */
export function assertFiniteRows(source: RowData, caller: string, what?: string): number {
  const { data, rows, columns } = source;
  const of = what === undefined ? '' : `${what}: `;
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1) {
    throw new CallError(caller, `${of}expected at least one row and one column, found ${rows} x ${columns}`);
  }
  if (data.length !== rows * columns) {
    throw new CallError(
      caller,
      `${of}expected ${rows} x ${columns} = ${rows * columns} values, found ${data.length}`,
    );
  }
  // Squares of larger values overflow.
  let largest = 0;
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i]);
    if (!(size < 1e100)) {
      const place = `row ${Math.floor(i / columns)}, column ${i % columns}`;
      throw new CallError(caller, `${of}expected finite values below 1e100, found ${data[i]} at ${place}`);
    }
    if (size > largest) largest = size;
  }
  return largest;
}
