import type { Host } from './command.ts';

/** Milliseconds between two updates of the line. */
const INTERVAL = 100;

/** Progress on standard error: in a terminal, one line that is overwritten; elsewhere, one line per finished piece. */
export class Progress {
  readonly #host: Pick<Host, 'stderr' | 'isTerminal'>;
  readonly #quiet: boolean;
  #shown = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(host: Pick<Host, 'stderr' | 'isTerminal'>, { quiet = false } = {}) {
    this.#host = host;
    this.#quiet = quiet;
  }

  /** Shows the present state, in a terminal only. */
  now(text: string): void {
    const time = performance.now();
    if (this.#quiet || !this.#host.isTerminal || time - this.#last < INTERVAL) return;
    this.#last = time;
    this.#host.stderr(`\r${text.padEnd(this.#shown)}`);
    this.#shown = text.length;
  }

  /** Writes a line that stays. */
  line(text: string): void {
    if (this.#quiet) return;
    this.clear();
    this.#host.stderr(`${text}\n`);
  }

  /** Removes the line of the present state. */
  clear(): void {
    if (this.#shown > 0) this.#host.stderr(`\r${' '.repeat(this.#shown)}\r`);
    this.#shown = 0;
    this.#last = Number.NEGATIVE_INFINITY;
  }
}
