import { rasterizeStrokes } from '../../../src/ml/pictures/strokes.ts';
import { drawnDigits } from '../../page/digits.ts';
import { mnist } from '../engines/golden.ts';

/** The ink at a point of the digit's box, both coordinates from 0 to 1. */
export interface Digit {
  digit: number;
  ink(u: number, v: number): number;
}

/** Digits of MNIST's test set, enlarged smoothly, and drawings with a pen. */
export function digitSources(): Digit[] {
  const { images, labels } = mnist('t10k', 40);
  const written = Array.from(labels, (digit, index): Digit => {
    const at = (x: number, y: number) =>
      x < 0 || y < 0 || x > 27 || y > 27 ? 0 : images[index * 784 + y * 28 + x] / 255;
    return { digit, ink: (u, v) => sharpened(between(at, 28 * u - 0.5, 28 * v - 0.5)) };
  });
  const drawn = drawnDigits().map(({ digit, strokes }): Digit => {
    const side = 280;
    const { data } = rasterizeStrokes(
      strokes.map((stroke) => stroke.flat()),
      { side, pen: 0.055 },
    );
    const at = (x: number, y: number) =>
      x < 0 || y < 0 || x >= side || y >= side ? 0 : data[4 * (y * side + x)] / 255;
    return { digit, ink: (u, v) => between(at, side * u - 0.5, side * v - 0.5) };
  });
  return [...written, ...drawn];
}

function sharpened(value: number): number {
  return Math.min(1, Math.max(0, (value - 0.25) * 2));
}

function between(at: (x: number, y: number) => number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, low] = [x - left, y - top];
  return (
    (1 - low) * ((1 - right) * at(left, top) + right * at(left + 1, top)) +
    low * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1))
  );
}
