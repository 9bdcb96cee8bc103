import { nextTask } from './nextTask.ts';

/** Milliseconds of a chunk while training gives way, and its rest after a chunk, in units of the chunk's time. */
const SHORT_CHUNK = 4;
const REST = 1.5;
/** Longest such rest in milliseconds: a step of a large network may last longer than the drag of a person. */
const LONGEST_REST = 50;

/**
 * Decides the number of steps in the next chunk: as many as fit in a chunk's time at full speed, one in slow motion, none
 * while paused. Every wait ends as soon as the answer changes.
 */
export class Pace {
  /** A pause takes effect within one chunk, so chunks are short. */
  static readonly chunkMilliseconds = 30;
  speed: number | 'fastest' = 'fastest';
  #paused = false;
  #stopped = false;
  #allowance = 0;
  #chunk = 1;
  #given = 1;
  #wake?: () => void;
  #onPaused?: () => void;
  #millisecondsPerStep?: number;
  #givesWayUntil = Number.NEGATIVE_INFINITY;
  /** Milliseconds of the newest chunk. */
  #newest = 0;

  get paused(): boolean {
    return this.#paused;
  }

  /** Whether the next chunk is short, because the page needs the cores. */
  get givesWay(): boolean {
    return performance.now() < this.#givesWayUntil;
  }

  /** Whether training goes on as fast as it can. */
  get isFull(): boolean {
    return this.speed === 'fastest' && !this.#paused && !this.givesWay;
  }

  get stepsPerSecond(): number | undefined {
    return this.#millisecondsPerStep === undefined ? undefined : 1000 / this.#millisecondsPerStep;
  }

  /** Starts a new call; if paused, it may make only `steps` steps. */
  begin(): void {
    this.#stopped = false;
    this.#paused = false;
    this.#allowance = 0;
    this.#millisecondsPerStep = undefined;
  }

  /** Resets the chunk size to one step, because another engine has another speed. */
  engineChanged(): void {
    this.#chunk = 1;
    this.#millisecondsPerStep = undefined;
  }

  pause(): void {
    this.#paused = true;
    this.#changed();
  }

  resume(): void {
    this.#paused = false;
    this.#changed();
  }

  /** Rests between short chunks for so many milliseconds: a person drags something on the page. */
  giveWay(milliseconds: number): void {
    this.#givesWayUntil = performance.now() + milliseconds;
  }

  stop(): void {
    this.#stopped = true;
    this.#changed();
  }

  setSpeed(speed: number | 'fastest'): void {
    this.speed = speed;
    this.#changed();
  }

  /** Lets a paused call make `count` more steps; resolves when they are done. */
  allow(count: number): Promise<void> {
    this.#allowance += count;
    this.#changed();
    return new Promise((resolve) => {
      const before = this.#onPaused;
      this.#onPaused = () => {
        before?.();
        resolve();
      };
    });
  }

  /** The largest number of steps to make now, or 0 to end. Waits while paused. */
  async next(): Promise<number> {
    // CPU engines never yield to the event loop, so yield here for a pause to be handled.
    await nextTask();
    const { speed } = this;
    if (this.givesWay) await this.#sleep(Math.min(LONGEST_REST, REST * this.#newest));
    if (speed !== 'fastest' && !this.#paused && !this.#stopped) await this.#sleep(1000 / speed);
    while (this.#paused && this.#allowance === 0 && !this.#stopped) {
      this.#onPaused?.();
      this.#onPaused = undefined;
      await this.#sleep();
    }
    if (this.#stopped) {
      this.#onPaused?.();
      this.#onPaused = undefined;
      return 0;
    }
    this.#given = this.speed === 'fastest' ? this.#chunk : 1;
    if (this.givesWay) this.#given = Math.min(this.#given, this.#stepsIn(SHORT_CHUNK));
    if (this.#paused) this.#given = Math.min(this.#given, this.#allowance);
    return this.#given;
  }

  /** Reports the time of a chunk, which sets the size of the next. */
  made(steps: number, milliseconds: number): void {
    if (this.#paused) this.#allowance = Math.max(0, this.#allowance - steps);
    if (steps === 0) return;
    const each = milliseconds / steps;
    this.#newest = milliseconds;
    this.#millisecondsPerStep =
      this.#millisecondsPerStep === undefined ? each : 0.8 * this.#millisecondsPerStep + 0.2 * each;
    const fitting = Math.floor(Pace.chunkMilliseconds / Math.max(each, 1e-3));
    this.#chunk = Math.max(1, Math.min(fitting, this.#chunk * 2, 200));
  }

  /** As many steps as fit in so many milliseconds, at least one. */
  #stepsIn(milliseconds: number): number {
    return Math.max(1, Math.floor((milliseconds * (this.stepsPerSecond ?? 0)) / 1000));
  }

  /** Ends the call, even if steps are left. */
  end(): void {
    this.#onPaused?.();
    this.#onPaused = undefined;
    this.#allowance = 0;
  }

  #sleep(milliseconds?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #changed(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
