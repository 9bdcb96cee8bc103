/** Milliseconds and chunks of training that the present number of workers is measured on. */
const MEASURED_MILLISECONDS = 200;
const MEASURED_CHUNKS = 5;
/** A trial of a number that has trained before is shorter, because it is slower most often. */
const TRIAL_MILLISECONDS = 100;
const TRIAL_CHUNKS = 3;
/** Such a trial ends after so many chunks if even the fastest is slower than steps on the present number. */
const LOST_AFTER = 2;
/** Chunks that do not count after a change: new workers compile, known ones only fill their caches. */
const NEW_WARM_UP = 2;
const KNOWN_WARM_UP = 1;
/** Another number of workers has to be faster by this factor: less is noise. */
const WORTH_IT = 0.95;
/** A known number has to win so many trials in a row, each against a measurement just before it. */
const WINS = 2;
/** Number of measurements in a row in which steps take longer than fewer workers need, until these are tried. */
const PROMISING_FOR = 3;
/** A verdict is outdated when the time of a step, relative to its time at the verdict, is beyond these limits. */
const SLOWER = 1.3;
const FASTER = 0.7;
/** Milliseconds of training until a number that the run has left, or that lost its first trial, is tried again. */
const FIRST_RETRY = 2000;
/** The longest such time: every lost trial doubles it. */
const LAST_RETRY = 20_000;
/** Fewer workers that do not promise to be faster are tried so many times as rarely, and at least this late. */
const UNPROMISING = 4;
const LEAST_UNPROMISING = 20_000;

/** What is known of a number of workers that does not train at present. */
interface Known {
  /** Milliseconds a step in the fastest chunk when it trained last: nothing promises less. */
  fastest: number;
  /** Milliseconds a step of the number that was faster. */
  against: number;
  /** Milliseconds of training when it trained last, and after which it may be tried again. */
  at: number;
  retryAfter: number;
}

interface Chunk {
  each: number;
  milliseconds: number;
}

interface Trial {
  workers: number;
  wins: number;
  /** Whether this number has not trained before. */
  isNew: boolean;
}

/**
 * Finds the number of workers that trains fastest under the page's real load. The present number trains; a number of one more
 * or one less is tried for some chunks and takes over if it is faster each time, in trials that alternate with measurements of
 * the present number, so that a moment of other work decides nothing. Fewer workers are tried when steps take longer than they
 * took on fewer workers, and more workers from time to time, because other programs end. The longer a verdict holds, the rarer are trials.
 */
export class WorkerTuning {
  #present: number;
  #most: number;
  #trial?: Trial;
  /** Whether the present number is measured again between two trials. */
  #isBack = false;
  #chunks: Chunk[] = [];
  #toSkip = NEW_WARM_UP;
  /** Milliseconds a step in the present number's latest measurement, and in its fastest chunk. */
  #each?: number;
  #fastest = 0;
  readonly #known = new Map<number, Known>();
  /** Measurements in a row in which fewer workers promised to be faster. */
  #promising = 0;
  /** Milliseconds of training so far. */
  #clock = 0;

  constructor({ first, most }: { first: number; most: number }) {
    this.#most = most;
    this.#present = Math.min(first, most);
  }

  /** The number to train on now. */
  get wanted(): number {
    return this.#trial && !this.#isBack ? this.#trial.workers : this.#present;
  }

  /** The number that training stays on, as far as is known. */
  get settled(): number {
    return this.#present;
  }

  /** Reports a chunk of steps and the number of workers that made the steps. */
  made(workers: number, steps: number, milliseconds: number): void {
    if (this.#most === 1 || steps === 0) return;
    this.#clock += milliseconds;
    // Training goes on while the wanted workers start.
    if (workers !== this.wanted) return;
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return;
    }
    this.#chunks.push({ each: milliseconds / steps, milliseconds });
    if (this.#trial && !this.#isBack) this.#judge(this.#trial);
    else if (isEnough(this.#chunks, MEASURED_CHUNKS, MEASURED_MILLISECONDS)) this.#measured();
  }

  /** Reports the largest number of workers for which the engine has work. */
  limit(workers: number): void {
    if (workers >= this.wanted) return;
    this.#most = workers;
    this.#present = Math.min(this.#present, workers);
    this.#endTrial();
    this.#begin(KNOWN_WARM_UP);
  }

  /** Forgets what was measured, because a step does another amount of work from now on. */
  forget(): void {
    this.#known.clear();
    this.#each = undefined;
    this.#endTrial();
    this.#begin(KNOWN_WARM_UP);
  }

  /** Takes a measurement of the present number, then decides what is tried next. */
  #measured(): void {
    const chunks = this.#chunks;
    this.#each = quantile(chunks, 0.5);
    this.#fastest = fastestOf(chunks);
    this.#chunks = [];
    if (this.#trial) {
      this.#isBack = false;
      this.#begin(KNOWN_WARM_UP);
      return;
    }
    const fewer = this.#known.get(this.#present - 1);
    // What slows some of the chunks would slow fewer workers too.
    const isPromising = fewer !== undefined && fewer.fastest < WORTH_IT * quantile(chunks, 0.25);
    this.#promising = isPromising ? this.#promising + 1 : 0;
    const workers = [this.#present + 1, this.#present - 1].find((number) => this.#isDue(number));
    if (workers !== undefined) this.#try(workers);
  }

  #isDue(workers: number): boolean {
    if (workers < 1 || workers > this.#most) return false;
    const known = this.#known.get(workers);
    const each = this.#each;
    if (!known || each === undefined) return true;
    const { against, at, retryAfter } = known;
    const since = this.#clock - at;
    if (workers > this.#present) return since >= (each < FASTER * against ? FIRST_RETRY : retryAfter);
    if (this.#promising < PROMISING_FOR) {
      return since >= Math.max(LEAST_UNPROMISING, UNPROMISING * retryAfter);
    }
    return since >= (each > SLOWER * against ? FIRST_RETRY : retryAfter);
  }

  #try(workers: number): void {
    const isNew = !this.#known.has(workers);
    this.#trial = { workers, wins: 0, isNew };
    this.#begin(isNew ? NEW_WARM_UP : KNOWN_WARM_UP);
  }

  /** Compares the tried number, as far as it is measured, with the present number's latest measurement. */
  #judge(trial: Trial): void {
    const each = this.#each ?? Number.POSITIVE_INFINITY;
    const chunks = this.#chunks;
    if (!trial.isNew && chunks.length >= LOST_AFTER && fastestOf(chunks) > each) {
      this.#lost(trial.workers, each);
      return;
    }
    const isMeasured = trial.isNew
      ? isEnough(chunks, MEASURED_CHUNKS, MEASURED_MILLISECONDS)
      : isEnough(chunks, TRIAL_CHUNKS, TRIAL_MILLISECONDS);
    if (!isMeasured) return;
    if (quantile(chunks, 0.5) >= WORTH_IT * each) {
      this.#lost(trial.workers, each);
      return;
    }
    trial.wins++;
    if (trial.isNew || trial.wins >= WINS) {
      this.#won(trial.workers);
      return;
    }
    this.#isBack = true;
    this.#begin(KNOWN_WARM_UP);
  }

  #won(workers: number): void {
    const chunks = this.#chunks;
    this.#known.set(this.#present, {
      fastest: this.#fastest,
      against: quantile(chunks, 0.5),
      at: this.#clock,
      retryAfter: FIRST_RETRY,
    });
    this.#known.delete(workers);
    this.#present = workers;
    this.#endTrial();
    this.#begin(0);
  }

  #lost(workers: number, each: number): void {
    const before = this.#known.get(workers);
    const retryAfter = before ? Math.min(LAST_RETRY, 2 * before.retryAfter) : FIRST_RETRY;
    this.#known.set(workers, {
      fastest: fastestOf(this.#chunks),
      against: each,
      at: this.#clock,
      retryAfter,
    });
    this.#endTrial();
    this.#begin(KNOWN_WARM_UP);
  }

  #endTrial(): void {
    this.#trial = undefined;
    this.#isBack = false;
    this.#promising = 0;
  }

  #begin(warmUp: number): void {
    this.#toSkip = warmUp;
    this.#chunks = [];
  }
}

function isEnough(chunks: readonly Chunk[], count: number, milliseconds: number): boolean {
  return chunks.length >= count && chunks.reduce((sum, chunk) => sum + chunk.milliseconds, 0) >= milliseconds;
}

function fastestOf(chunks: readonly Chunk[]): number {
  return Math.min(...chunks.map(({ each }) => each));
}

function quantile(chunks: readonly Chunk[], part: number): number {
  return chunks.map(({ each }) => each).sort((a, b) => a - b)[Math.floor(part * chunks.length)];
}
