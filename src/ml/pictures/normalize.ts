import { grayOf, type Raster } from './gray.ts';
import { PictureError } from './pictureError.ts';
import { type Box, type Gray, resample } from './resample.ts';

export interface NormalizeOptions {
  /** Crop, scale and center as MNIST was made; else the whole picture is only scaled to fit. */
  normalize?: boolean;
  /** Turn dark ink on light paper into MNIST's light ink on black; `auto` looks which it is. */
  invert?: 'auto' | boolean;
}

export interface NormalizedPicture {
  /** What the network sees: [28, 28] in [0, 1], ink bright. */
  pixels: Float32Array<ArrayBuffer>;
  inverted: boolean;
  /** The part of the picture that was used. */
  box: Box;
}

/** Side of the field, and of the box that a digit is scaled to fit (LeCun et al. 1998). */
const FIELD = 28;
const DIGIT = 20;
/** MNIST moves a center halfway between two pixels to the left or up; rounding errors must not decide. */
const TIE = 1e-5;
/** Smaller contrast than this (of 1) is no picture. */
const MIN_CONTRAST = 8 / 255;
/** Ink this strong decides where the digit lies; fainter ink close to it is taken in too. */
const STRONG_INK = 1 / 16;
const FAINT_INK = 1 / 512;
const MIN_INK_SIZE = 3;

/**
 * Turns any picture of a digit into what the network expects: gray, bright ink on black, cropped to the ink,
 * scaled into 20 x 20 keeping its proportions, and moved so that its center of mass is in the middle of 28 x 28,
 * by whole pixels as in MNIST.
 * @throws PictureError `blank`, `transparent`, `tooSmall` or `damaged`.
 */
export function normalizePicture(
  raster: Raster,
  { normalize = true, invert = 'auto' }: NormalizeOptions = {},
): NormalizedPicture {
  const gray = grayOf(raster);
  const { width, height } = gray;
  const border = borderOf(gray);
  const paper = median(border);
  const { min, max } = range(gray.values);
  const inverted = invert === 'auto' ? paper - min > max - paper : invert;
  const whole = { left: 0, top: 0, width, height };
  if (!normalize) {
    const seen = inverted ? { ...gray, values: gray.values.map((value) => 1 - value) } : gray;
    const pixels = inField(scaledToFit(seen, whole, FIELD), (free) => Math.floor(free / 2));
    return { pixels, inverted, box: whole };
  }

  if (Math.max(width, height) < 2 * MIN_INK_SIZE) {
    throw new PictureError(
      'tooSmall',
      'normalizePicture',
      `expected a picture of at least ${2 * MIN_INK_SIZE} pixels a side, found ${width} x ${height}. Use a larger one.`,
    );
  }
  const contrast = inverted ? paper - min : max - paper;
  if (contrast < MIN_CONTRAST) {
    throw new PictureError(
      'blank',
      'normalizePicture',
      'expected ink that stands out, found none. Use a picture with more contrast, or switch inverting.',
    );
  }
  // Four standard deviations, from the median absolute deviation of the border, which is mostly paper.
  const noise = (4 * 1.4826 * median(border.map((value) => Math.abs(value - paper)))) / contrast;
  const ink = {
    ...gray,
    values: gray.values.map((value) => {
      const strength = (inverted ? paper - value : value - paper) / contrast;
      return strength > noise ? strength : 0;
    }),
  };
  const box = inkBox(ink);
  const digit = scaledToFit(ink, box, DIGIT);
  // Thin strokes of a large picture fade when scaled down; MNIST's always reach white.
  const peak = range(digit.values).max;
  const bright = { ...digit, values: digit.values.map((value) => Math.min(1, value / peak)) };
  const center = centerOfMass(bright);
  const pixels = inField(bright, (free, axis) =>
    Math.min(Math.max(Math.round(FIELD / 2 - center[axis] - TIE), 0), free),
  );
  return { pixels, inverted, box };
}

function scaledToFit(source: Gray, box: Box, side: number): Gray {
  const scale = side / Math.max(box.width, box.height);
  const scaled = (length: number) => Math.max(1, Math.round(length * scale));
  return resample(source, box, scaled(box.width), scaled(box.height));
}

/** Lays the picture on a black field; `place` chooses the offset from the space that is free. */
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

/** The smallest box around strong ink, and faint ink within a twentieth of its size. */
function inkBox(ink: Gray): Box {
  const strong = boundsAbove(ink, STRONG_INK, { left: 0, top: 0, width: ink.width, height: ink.height });
  if (!strong || Math.max(strong.width, strong.height) < MIN_INK_SIZE) {
    throw new PictureError(
      'tooSmall',
      'normalizePicture',
      `expected a digit of at least ${MIN_INK_SIZE} pixels, found a speck. Use a larger picture.`,
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

/** In pixels, where 0 is the middle of the first one. */
function centerOfMass({ values, width }: Gray): { x: number; y: number } {
  let [mass, x, y] = [0, 0, 0];
  values.forEach((value, i) => {
    mass += value;
    x += value * (i % width);
    y += value * Math.floor(i / width);
  });
  return { x: x / mass, y: y / mass };
}

function borderOf({ values, width, height }: Gray): Float32Array {
  const last = (height - 1) * width;
  const sides = Array.from({ length: height }, (_, y) => [values[y * width], values[y * width + width - 1]]);
  return Float32Array.from([
    ...values.subarray(0, width),
    ...values.subarray(last, last + width),
    ...sides.flat(),
  ]);
}

function median(values: Float32Array): number {
  return values.toSorted()[Math.floor(values.length / 2)];
}

function range(values: Float32Array): { min: number; max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}
