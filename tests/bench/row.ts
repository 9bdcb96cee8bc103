/** One row of a table measured in Node on one thread. */
export interface BenchRow {
  name: string;
  /** Milliseconds. */
  median: number;
  /** Number of repeats. */
  n: number;
  /** Milliseconds of the reference on one thread of a similar machine. */
  reference?: number;
  /** Further measurements. */
  remark?: string;
}

export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
