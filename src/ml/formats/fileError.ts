/** What is wrong with a person's file, in whole sentences for that person: no function's name stands in front. */
export class FileError extends Error {
  override readonly name = 'FileError';
}
