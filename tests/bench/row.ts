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

/** Milliseconds by the clock. */
const byTheClock = () => performance.now();

/** Milliseconds of processor time of this process, which other programs do not change. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Median milliseconds of n runs on a clock. A first run, which compiles, is not timed. */
export function medianOf(run: () => unknown, n: number, now = byTheClock): number {
  run();
  return middle(
    Array.from({ length: n }, () => {
      const start = now();
      run();
      return now() - start;
    }),
  );
}
