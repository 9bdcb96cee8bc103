import type { LogEntry } from '../../src/ml/training/log.ts';

/** Everything that the page has shown of one run, as bits; all of it must be shown again after any event. */
export class ShownRun {
  /** Id of the saved run, once known. */
  id?: string;
  /** A crash may have set the run back to a checkpoint; continuing must show the same steps again. */
  wentBack = false;
  /** The log does not contain the run's starting point. */
  readonly replayable: boolean;
  /** The recorded run of the site: training starts a new run. */
  readonly recorded: boolean;
  readonly #losses: number[];

  constructor({ replayable = true, recorded = false, losses = [] as number[] } = {}) {
    this.replayable = replayable;
    this.recorded = recorded;
    this.#losses = losses;
  }

  get length(): number {
    return this.#losses.length;
  }

  get losses(): readonly number[] {
    return this.#losses;
  }

  /** Records losses shown from step `first` on; returns the first step that differs from what was shown before. */
  see(first: number, losses: readonly number[]): number | undefined {
    const other = losses.findIndex((bits, i) => (this.#losses[first + i] ?? bits) !== bits);
    this.#losses.splice(first, losses.length, ...losses);
    return other < 0 ? undefined : first + other;
  }

  /** From here on, the run differs from the steps that a crash undid. */
  forgetFrom(step: number): void {
    this.#losses.splice(step);
  }

  /** The same run under another id, for an imported file. */
  copy(): ShownRun {
    return new ShownRun({ replayable: this.replayable, losses: [...this.#losses] });
  }
}

/** A complete run, to be repeated on an undisturbed page. */
export interface MadeRun {
  log: LogEntry[];
  losses: readonly number[];
  /** SHA-256 of each parameter. */
  weights: string[];
}
