import { CallError } from '../callError.ts';
export type PictureErrorKind =
  /** The file has no bytes. */
  | 'empty'
  /** Not one of the kinds of picture that are read here. */
  | 'notPicture'
  /** It begins as a picture does but cannot be read. */
  | 'damaged'
  /** Too many pixels to decode. */
  | 'tooLarge'
  /** Too few pixels to show a digit. */
  | 'tooSmall'
  /** Every pixel is transparent. */
  | 'transparent'
  /** Every pixel is of one color. */
  | 'blank';

/** A picture cannot be used. The message says why and what to do. */
export class PictureError extends CallError {
  override name = 'PictureError';
  readonly kind: PictureErrorKind;

  constructor(kind: PictureErrorKind, caller: string, message: string) {
    super(caller, message);
    this.kind = kind;
  }
}
