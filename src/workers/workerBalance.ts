/** Milliseconds of training that a balance is measured on. */
const MEASURED_MILLISECONDS = 1500;
/** Milliseconds of training between two changes. */
const LEAST_BETWEEN = 10_000;
/** Other shares have to bring at least this part of a step's time. */
const WORTH_IT = 0.08;
/** No worker gets less than this share of an equal one: a slow moment is not a slow core. */
const LEAST_SHARE = 0.5;

/** Finds shares of the work for workers on uneven cores, from the time that each waits for the others. */
export class WorkerBalance {
  /** Speeds of the workers in relation to each other; undefined for equal shares. */
  speeds?: readonly number[];
  #busy: number[] = [];
  #total = 0;
  #sinceChange = LEAST_BETWEEN;

  /** Reports a chunk of training, with the milliseconds that each worker waited in it. */
  made(waits: readonly number[], milliseconds: number): void {
    if (waits.length < 2) return;
    if (this.#busy.length !== waits.length) this.#begin(waits.length);
    waits.forEach((wait, worker) => {
      this.#busy[worker] += Math.max(0, milliseconds - wait);
    });
    this.#total += milliseconds;
    this.#sinceChange += milliseconds;
    if (this.#total < MEASURED_MILLISECONDS) return;
    const busy = this.#busy;
    const total = this.#total;
    this.#begin(waits.length);
    if (this.#sinceChange >= LEAST_BETWEEN) this.#balance(busy, total);
  }

  #begin(workers: number): void {
    if (this.speeds?.length !== workers) this.speeds = undefined;
    this.#busy = new Array<number>(workers).fill(0);
    this.#total = 0;
  }

  #balance(busy: readonly number[], total: number): void {
    const workers = busy.length;
    const shares = this.speeds ?? new Array<number>(workers).fill(1);
    const least = LEAST_SHARE * mean(shares.map((share, worker) => share / busy[worker]));
    const speeds = shares.map((share, worker) => Math.max(least, share / busy[worker]));
    // With shares in proportion to the speeds, all are busy for as long as all are on average.
    const gain = (Math.max(...busy) - mean(busy)) / total;
    if (!(gain > WORTH_IT)) return;
    this.speeds = speeds.map((speed) => speed / mean(speeds));
    this.#sinceChange = 0;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
