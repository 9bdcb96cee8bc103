import { range } from './filters.ts';
import { PictureError } from './pictureError.ts';
import { type Box, type Gray, resample } from './resample.ts';

/** Side of the field, and of the box that a digit is scaled to fit (LeCun et al. 1998). */
const FIELD = 28;
const DIGIT = 20;
/**
 * MNIST moves a center halfway between two pixels to the left or up. This tolerance keeps rounding errors from
 * deciding.
 */
const TIE = 1e-5;
/** Ink this strong determines the digit's box; fainter ink near the box is included. */
const STRONG_INK = 1 / 16;
const FAINT_INK = 1 / 512;
export const MIN_INK_SIZE = 3;

export interface PlacedInk {
  /** The network's input: [28, 28] in [0, 1], ink bright. */
  pixels: Float32Array<ArrayBuffer>;
  /** The part of the picture that was used. */
  box: Box;
}

/**
 * Converts ink in [0, 1] to the network's input: crops it, scales it to fit 20 x 20 with its proportions kept, and
 * moves its center of mass to the middle of 28 x 28 by whole pixels, as in MNIST.
 * @throws PictureError `tooSmall` if the ink is less than 3 pixels wide and high.
 */
export function placeInk(ink: Gray): PlacedInk {
  const box = inkBox(ink);
  const digit = scaledToFit(ink, box, DIGIT);
  // Thin strokes of a large picture fade when scaled down; MNIST's strokes always reach white.
  const peak = range(digit.values).max;
  const bright = { ...digit, values: digit.values.map((value) => Math.min(1, value / peak)) };
  const center = centerOfMass(bright);
  const pixels = inField(bright, (free, axis) =>
    Math.min(Math.max(Math.round(FIELD / 2 - center[axis] - TIE), 0), free),
  );
  return { pixels, box };
}

/** Scales a box of a picture to fit 28 x 28, centered. */
export function fitPicture(gray: Gray, box: Box): Float32Array<ArrayBuffer> {
  return inField(scaledToFit(gray, box, FIELD), (free) => Math.floor(free / 2));
}

function scaledToFit(source: Gray, box: Box, side: number): Gray {
  const scale = side / Math.max(box.width, box.height);
  const scaled = (length: number) => Math.max(1, Math.round(length * scale));
  return resample(source, box, scaled(box.width), scaled(box.height));
}

/** Puts the picture on a black field; `place` chooses the offset within the free space. */
function inField(
  { values, width, height }: Gray,
  place: (free: number, axis: 'x' | 'y') => number,
): Float32Array<ArrayBuffer> {
  const left = place(FIELD - width, 'x');
  const top = place(FIELD - height, 'y');
  const field = new Float32Array(FIELD * FIELD);
  for (let y = 0; y < height; y++) {
    field.set(values.subarray(y * width, (y + 1) * width), (top + y) * FIELD + left);
  }
  return field;
}

/** The smallest box around strong ink, plus faint ink within a twentieth of the box's size. */
function inkBox(ink: Gray): Box {
  const strong = boundsAbove(ink, STRONG_INK, { left: 0, top: 0, width: ink.width, height: ink.height });
  if (!strong || Math.max(strong.width, strong.height) < MIN_INK_SIZE) {
    throw new PictureError(
      'tooSmall',
      'placeInk',
      `expected a digit of at least ${MIN_INK_SIZE} pixels, found only a speck. Use a larger picture.`,
    );
  }
  const margin = Math.max(1, Math.round(Math.max(strong.width, strong.height) / DIGIT));
  const left = Math.max(0, strong.left - margin);
  const top = Math.max(0, strong.top - margin);
  const around = {
    left,
    top,
    width: Math.min(ink.width, strong.left + strong.width + margin) - left,
    height: Math.min(ink.height, strong.top + strong.height + margin) - top,
  };
  return boundsAbove(ink, FAINT_INK, around) ?? strong;
}

function boundsAbove({ values, width }: Gray, threshold: number, within: Box): Box | undefined {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1];
  for (let y = within.top; y < within.top + within.height; y++) {
    for (let x = within.left; x < within.left + within.width; x++) {
      if (values[y * width + x] > threshold) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = y;
      }
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Coordinates in pixels; 0 is the center of the first pixel. */
function centerOfMass({ values, width }: Gray): { x: number; y: number } {
  let [mass, x, y] = [0, 0, 0];
  values.forEach((value, i) => {
    mass += value;
    x += value * (i % width);
    y += value * Math.floor(i / width);
  });
  return { x: x / mass, y: y / mass };
}
