import { placeOf, type Scale } from './scale.ts';

/** What takes a path: a canvas's context. */
export interface Path {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** The values of a curve. They are read where they are: a growing run's arrays need not be copied for a drawing. */
export interface CurveValues {
  /** Without it, a value's index is its place. */
  x?: ArrayLike<number | string>;
  y: ArrayLike<number | string>;
  /** The first value and the end after the last value. Default: all. */
  from?: number;
  to?: number;
  /** Whether the curve runs on across values without a place. Default: such values leave a gap, as in Plotly. */
  isBridged?: boolean;
}

/**
 * Writes a curve to a path, without more points than a canvas shows: of the points in one column of pixels the first, the
 * lowest, the highest and the last, in their order. They cover the same pixels as all of them.
 * @param column width of a column in CSS pixels
 */
export function tracePath(
  path: Path,
  { x, y, from = 0, to = y.length, isBridged = false }: CurveValues,
  { across, down, column = 1 }: { across: Scale; down: Scale; column?: number },
): void {
  const thinned = new ThinnedPath(path, column);
  for (let i = from; i < to; i++) {
    const atX = placeOf(across, x ? Number(x[i]) : i);
    const atY = placeOf(down, Number(y[i]));
    // An infinite place is no place either: the difference is NaN for both.
    if (!Number.isNaN(atX - atX + atY - atY)) thinned.add(atX, atY);
    else if (!isBridged) thinned.lift();
  }
  thinned.lift();
}

/** Holds the points of one column back until a point of another column comes. */
class ThinnedPath {
  readonly #path: Path;
  readonly #column: number;
  #isDown = false;
  #slot = 0;
  /** Points in the column, and which of them are the lowest and the highest. */
  #count = 0;
  #least = 0;
  #most = 0;
  #leastX = 0;
  #leastY = 0;
  #mostX = 0;
  #mostY = 0;
  #lastX = 0;
  #lastY = 0;

  constructor(path: Path, column: number) {
    this.#path = path;
    this.#column = column;
  }

  add(x: number, y: number): void {
    const slot = Math.floor(x / this.#column);
    if (this.#isDown && slot === this.#slot) this.#collect(x, y);
    else this.#begin(x, y, slot);
  }

  /** Ends the curve; another may begin. */
  lift(): void {
    if (this.#isDown) this.#finish();
    this.#isDown = false;
  }

  #begin(x: number, y: number, slot: number): void {
    if (this.#isDown) {
      this.#finish();
      this.#path.lineTo(x, y);
    } else this.#path.moveTo(x, y);
    this.#isDown = true;
    this.#slot = slot;
    this.#count = 1;
    this.#least = this.#most = 0;
    this.#leastY = this.#mostY = y;
  }

  #collect(x: number, y: number): void {
    if (y < this.#leastY) {
      this.#least = this.#count;
      this.#leastX = x;
      this.#leastY = y;
    } else if (y > this.#mostY) {
      this.#most = this.#count;
      this.#mostX = x;
      this.#mostY = y;
    }
    this.#lastX = x;
    this.#lastY = y;
    this.#count++;
  }

  /** Writes what the column has beyond its first point. */
  #finish(): void {
    const last = this.#count - 1;
    if (last === 0) return;
    const writesLeast = this.#least > 0 && this.#least < last;
    const writesMost = this.#most > 0 && this.#most < last;
    if (writesLeast && this.#least < this.#most) this.#path.lineTo(this.#leastX, this.#leastY);
    if (writesMost) this.#path.lineTo(this.#mostX, this.#mostY);
    if (writesLeast && this.#least > this.#most) this.#path.lineTo(this.#leastX, this.#leastY);
    this.#path.lineTo(this.#lastX, this.#lastY);
  }
}
