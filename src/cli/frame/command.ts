import type { StartThread } from '../threads/threadTypes.ts';
import type { GivenOptions, OptionSpec } from './options.ts';

/** The environment of a command: its outputs and the signal of Ctrl-C. */
export interface Host {
  version: string;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether standard error is a terminal, in which the line of progress can be overwritten. */
  isTerminal: boolean;
  /** Aborted by the first Ctrl-C. The command then writes its finished results and ends. */
  signal: AbortSignal;
  /** Cores that the process may use. */
  cores: number;
  startThread: StartThread;
}

/** A command of the tool. To add a command, add a folder with its `Command` and a line in `commands.ts`. */
export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** The usage, after `untangle NAME`. */
  usage: string;
  options: Readonly<Record<string, OptionSpec>>;
  /** Further lines of `--help`: examples and formats. */
  notes: readonly string[];
  /**
   * @returns the process's exit code.
   * @throws UsageError, or another error whose message is for people.
   */
  run(given: GivenOptions, host: Host): Promise<number>;
}

export const EXIT = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;
