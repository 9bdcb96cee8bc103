/** A problem with the command line or its files: one line that says what to do; the process ends with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
