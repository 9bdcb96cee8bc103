/**
 * An error whose message is written for people: what was expected, what was found, what to do. `caller` names the function
 * or the setting that found it, for people who write scripts; `String(error)` puts it first.
 */
export class CallError extends Error {
  readonly caller: string;

  constructor(caller: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.caller = caller;
  }

  override toString(): string {
    return `${this.caller}: ${this.message}`;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
