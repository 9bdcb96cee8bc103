/** A problem with a user's file. The message is full sentences without a function's name. */
export class FileError extends Error {
  override readonly name = 'FileError';
}
