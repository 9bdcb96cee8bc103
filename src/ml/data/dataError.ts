import { CallError } from '../callError.ts';
export type DataErrorKind =
  /** The server has no such file. */
  | 'missing'
  /** The server answered with an error of its own. */
  | 'server'
  /** Nothing answered, or the connection broke. */
  | 'offline'
  /** The file ends too early. */
  | 'truncated'
  /** Something else came, such as a web page. */
  | 'notData'
  /** The bytes are not those that were published. */
  | 'corrupt';

/** A data file could not be had. The message says which and what to do. */
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
