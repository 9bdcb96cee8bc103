import { CallError } from '../callError.ts';
/** A dense matrix of float64 values, row-major: entry (i, j) is `data[i * columns + j]`. */
export interface Matrix {
  data: Float64Array;
  rows: number;
  columns: number;
}

/** Makes a matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return { data: new Float64Array(rows * columns), rows, columns };
}

/** Throws unless `data` holds exactly rows x columns values. `caller` starts the error's message. */
export function assertMatrix(matrix: Matrix, caller: string): void {
  const { data, rows, columns } = matrix;
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 0 || columns < 0) {
    throw new CallError(caller, `expected whole rows and columns, found ${rows} x ${columns}`);
  }
  if (data.length !== rows * columns) {
    throw new CallError(
      caller,
      `expected ${rows} x ${columns} = ${rows * columns} values, found ${data.length}`,
    );
  }
}
