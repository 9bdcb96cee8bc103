/** Milliseconds and chunks of training that a number of workers is measured on. */
const MEASURED_MILLISECONDS = 200;
const MEASURED_CHUNKS = 5;
/** The first chunks on new workers compile and fill caches. */
const WARM_UP_CHUNKS = 2;
/** Another number of workers has to be faster by this factor: less is noise. */
const WORTH_IT = 0.95;
/** A new search starts when the time of a step, relative to its time at the last choice, is beyond these limits. */
const SLOWER = 1.3;
const FASTER = 0.7;
/** Number of measurements in a row that must be beyond the limits, because other work comes and goes. */
const CHANGED_FOR = 3;
/** Milliseconds of training between two searches. */
const LEAST_BETWEEN = 10_000;
/** Milliseconds of training until one more worker is tried again, first after a slowdown; doubled by each failure. */
const FIRST_RETRY = 1500;
const LAST_RETRY = 60_000;

interface Measured {
  workers: number;
  /** Milliseconds a step. */
  each: number;
}

/**
 * Finds the number of workers that trains fastest under the page's real load: measures the present number, then one more,
 * and on while that is faster; else one less. Searches again when steps have become slower or faster, and tries one more
 * from time to time, because what made it slow may be over.
 */
export class WorkerTuning {
  /** The number to train on. */
  wanted: number;
  #most: number;
  #chunks: { each: number; milliseconds: number }[] = [];
  #toSkip = WARM_UP_CHUNKS;
  #best?: Measured;
  /** Where the search began. */
  #from = 1;
  #direction: 1 | -1 = 1;
  #isSettled = false;
  #sinceSearch = 0;
  /** Measurements in a row that were much slower or faster than the best. */
  #changed = 0;
  #retryAfter = LEAST_BETWEEN;

  constructor({ first, most }: { first: number; most: number }) {
    this.#most = most;
    this.wanted = Math.min(first, most);
    this.#isSettled = most === 1;
  }

  /** Reports a chunk of steps and the number of workers that made the steps. */
  made(workers: number, steps: number, milliseconds: number): void {
    // Training goes on while the wanted workers start.
    if (workers !== this.wanted || steps === 0 || this.#most === 1) return;
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return;
    }
    this.#chunks.push({ each: milliseconds / steps, milliseconds });
    if (this.#isSettled) this.#sinceSearch += milliseconds;
    const total = this.#chunks.reduce((sum, chunk) => sum + chunk.milliseconds, 0);
    if (this.#chunks.length < MEASURED_CHUNKS || total < MEASURED_MILLISECONDS) return;
    const measured = { workers, each: median(this.#chunks.map(({ each }) => each)) };
    this.#chunks = [];
    if (this.#isSettled) this.#watch(measured);
    else this.#compare(measured);
  }

  /** Reports the largest number of workers for which the engine has work. */
  limit(workers: number): void {
    if (workers >= this.wanted) return;
    this.#most = workers;
    this.#want(this.#best?.workers ?? workers);
    this.#isSettled = true;
  }

  #compare(measured: Measured): void {
    const best = this.#best;
    if (!best) {
      this.#best = measured;
      this.#from = measured.workers;
      this.#direction = measured.workers < this.#most ? 1 : -1;
      this.#want(measured.workers + this.#direction);
      return;
    }
    const isFaster = measured.each < WORTH_IT * best.each;
    if (isFaster) this.#best = measured;
    const next = measured.workers + this.#direction;
    if (isFaster && next >= 1 && next <= this.#most) {
      this.#want(next);
      return;
    }
    if (!isFaster && this.#direction === 1 && best.workers === this.#from && best.workers > 1) {
      this.#direction = -1;
      this.#want(best.workers - 1);
      return;
    }
    this.#want((this.#best ?? best).workers);
    this.#isSettled = true;
    this.#sinceSearch = 0;
  }

  #watch(measured: Measured): void {
    const { each } = this.#best ?? measured;
    const isSlower = measured.each > SLOWER * each;
    this.#changed = isSlower || measured.each < FASTER * each ? this.#changed + 1 : 0;
    if (measured.workers < this.#most && this.#sinceSearch >= this.#retryAfter) {
      this.#retryAfter = Math.min(LAST_RETRY, 2 * this.#retryAfter);
      this.#search(measured);
    } else if (this.#changed >= CHANGED_FOR && this.#sinceSearch >= LEAST_BETWEEN) {
      this.#retryAfter = isSlower ? FIRST_RETRY : LEAST_BETWEEN;
      this.#search(measured);
    }
  }

  #search(measured: Measured): void {
    this.#changed = 0;
    this.#best = undefined;
    this.#isSettled = false;
    this.#compare(measured);
  }

  #want(workers: number): void {
    if (workers !== this.wanted) this.#toSkip = WARM_UP_CHUNKS;
    this.wanted = workers;
    this.#chunks = [];
  }
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
