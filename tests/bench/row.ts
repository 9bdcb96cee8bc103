/** One line of a table that is measured in Node, on one thread. */
export interface BenchRow {
  name: string;
  /** Milliseconds. */
  median: number;
  /** Repeats. */
  n: number;
  /** Milliseconds that the reference takes on one thread of a machine like ours. */
  reference?: number;
  /** What else was measured. */
  remark?: string;
}

export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
