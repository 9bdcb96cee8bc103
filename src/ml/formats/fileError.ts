/** A problem with a person's file, in full sentences without a function's name. */
export class FileError extends Error {
  override readonly name = 'FileError';
}
