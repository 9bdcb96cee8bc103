import type { LogEntry } from '../../src/ml/training/log.ts';

/** What the page has shown of one run, as bits: all of it must be shown again after whatever happens. */
export class ShownRun {
  /** Of the kept run, once it is known. */
  id?: string;
  /** A crash may have taken it back to a checkpoint; going on shows the same again. */
  wentBack = false;
  /** What it was made from is not in its log. */
  readonly replayable: boolean;
  /** The run that comes with the site: training starts a fresh one. */
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

  /** Takes in what is shown now, losses from step `first` on; gives the first step that was shown otherwise before. */
  see(first: number, losses: readonly number[]): number | undefined {
    const other = losses.findIndex((bits, i) => (this.#losses[first + i] ?? bits) !== bits);
    this.#losses.splice(first, losses.length, ...losses);
    return other < 0 ? undefined : first + other;
  }

  /** From here on the run takes another course than the one that a crash took back. */
  forgetFrom(step: number): void {
    this.#losses.splice(step);
  }

  /** The same run under another id, as an imported file has it. */
  copy(): ShownRun {
    return new ShownRun({ replayable: this.replayable, losses: [...this.#losses] });
  }
}

/** A whole run, for an undisturbed page to make again. */
export interface MadeRun {
  log: LogEntry[];
  losses: readonly number[];
  /** SHA-256 of each parameter. */
  weights: string[];
}
