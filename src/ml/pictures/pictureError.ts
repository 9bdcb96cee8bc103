import { CallError } from '../callError.ts';
export type PictureErrorKind =
  /** The file is empty. */
  | 'empty'
  /** The file's kind is not a supported picture format. */
  | 'notPicture'
  /** The file begins as a picture but cannot be read. */
  | 'damaged'
  /** The picture has too many pixels to decode. */
  | 'tooLarge'
  /** The picture has too few pixels to show a digit. */
  | 'tooSmall'
  /** Every pixel is transparent. */
  | 'transparent'
  /** Every pixel has the same color. */
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
