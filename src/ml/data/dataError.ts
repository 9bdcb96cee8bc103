import { CallError } from '../callError.ts';
export type DataErrorKind =
  /** The server has no such file. */
  | 'missing'
  /** The server reported an error. */
  | 'server'
  /** Nothing answered, or the connection broke. */
  | 'offline'
  /** The file ends too early. */
  | 'truncated'
  /** The content is something else, such as a web page. */
  | 'notData'
  /** The bytes differ from the published file. */
  | 'corrupt';

/** A data file could not be loaded. The message names the file and says what to do. */
export class DataError extends CallError {
  override name = 'DataError';
  readonly kind: DataErrorKind;
  readonly file: string;

  constructor(kind: DataErrorKind, file: string, caller: string, message: string, options?: ErrorOptions) {
    super(caller, message, options);
    this.kind = kind;
    this.file = file;
  }
}
