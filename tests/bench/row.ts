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

/** Median milliseconds of n runs, after one that is not timed, so that compilation is not either. */
export function medianOf(run: () => unknown, n: number): number {
  run();
  return middle(
    Array.from({ length: n }, () => {
      const start = performance.now();
      run();
      return performance.now() - start;
    }),
  );
}
