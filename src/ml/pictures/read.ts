import { type Component, componentsOf } from './components.ts';
import { type Group, groupMarks, inReadingOrder, sizeOf } from './digits.ts';
import { boxMean, cropped, dilated, quantile } from './filters.ts';
import { grayOf, MIN_CONTRAST, type Raster } from './gray.ts';
import { fitPicture, MIN_INK_SIZE, placeInk } from './normalize.ts';
import { findPage, inkIsDark } from './page.ts';
import { estimatePaper, type Paper } from './paper.ts';
import { PictureError } from './pictureError.ts';
import type { Box, Gray } from './resample.ts';
import { withoutRulings } from './rulings.ts';

export interface ReadOptions {
  /** Whether to crop, scale and center as in MNIST; otherwise the whole picture is only scaled to fit. */
  normalize?: boolean;
  /** Whether to turn dark ink on light paper into MNIST's light ink on black; `auto` decides from the picture. */
  invert?: 'auto' | boolean;
  /** The part of the picture to read, in pixels; by default the whole picture. */
  crop?: Box;
}

interface ReadDigit {
  /** The digit's box in the picture, in pixels. */
  box: Box;
  /** The network's input: [28, 28] in [0, 1], ink bright. */
  pixels: Float32Array<ArrayBuffer>;
}

/** The classes of pixels in `PictureReading.parts`. */
export const PARTS = { paper: 0, ink: 1, outside: 2, line: 3, mark: 4 } as const;

/** A picture with every step of its conversion to 28 x 28. Maps are [height, width] of the picture. */
export interface PictureReading {
  width: number;
  height: number;
  /** Whether dark ink was turned into light ink. */
  inverted: boolean;
  /** The digits in reading order; at least one. */
  digits: ReadDigit[];
  /** The digit that stands out, otherwise the first. */
  chosen: number;
  /** The paper's level, from 0 black to 255 white. */
  paper: Uint8Array<ArrayBuffer>;
  /** The ink's strength, from 0 to 255. */
  ink: Uint8Array<ArrayBuffer>;
  /** The class of each pixel, an index of `PARTS`. */
  parts: Uint8Array<ArrayBuffer>;
}

/** Ink exceeds the paper's noise by this many standard deviations. */
const STANDS_OUT = 4.5;
/** On uneven paper, anything fainter than this is paper. */
const FAINTEST_UNEVEN = 0.07;
/** Marks fainter than this share of the digit's ink do not belong to the digit. */
const FAINT = 0.2;
/** Smaller marks, as a share of the digit's size, are specks if they are at least this far away. */
const SPECK = 0.06;
const SPECK_AWAY = 0.3;
/** Any mark smaller than this is a speck, wherever it is. */
const TINIEST = 0.028;
/** A mark of this share of the largest one's size can be a digit of its own. */
const DIGIT_SIZE = 0.45;
/** One digit stands out if it is this many times larger than the next. */
const STANDS_OUT_SIZE = 1.6;

/**
 * Reads the digits of a picture: finds the page and its paper, removes frames, lines and specks, and converts each
 * digit to MNIST's form.
 * @throws PictureError `blank`, `transparent`, `tooSmall` or `damaged`.
 */
export function readDigits(raster: Raster, options: ReadOptions = {}): PictureReading {
  const { normalize = true, invert = 'auto' } = options;
  const gray = grayOf(raster);
  const whole = { left: 0, top: 0, width: gray.width, height: gray.height };
  const crop = within(options.crop ?? whole, whole);
  if (!normalize) return onlyScaled(gray, crop, invert);
  if (Math.max(crop.width, crop.height) < 2 * MIN_INK_SIZE) {
    throw new PictureError(
      'tooSmall',
      'readDigits',
      `expected a picture of at least ${2 * MIN_INK_SIZE} pixels a side, found ${crop.width} x ${crop.height}. Use a larger one.`,
    );
  }
  const page = moved(findPage(cropped(gray, crop)), crop);
  const reading = readPage(gray, page, invert);
  if (reading) return reading;
  const all = page.width < crop.width || page.height < crop.height ? readPage(gray, crop, invert) : undefined;
  if (all) return all;
  throw new PictureError(
    'blank',
    'readDigits',
    'expected ink that stands out, found none. Use a picture with more contrast, or switch inverting.',
  );
}

function onlyScaled(gray: Gray, crop: Box, invert: 'auto' | boolean): PictureReading {
  const { width, height } = gray;
  const inverted = invert === 'auto' ? inkIsDark(cropped(gray, crop)) : invert;
  const seen = inverted ? { ...gray, values: gray.values.map((value) => 1 - value) } : gray;
  return {
    width,
    height,
    inverted,
    digits: [{ box: crop, pixels: fitPicture(seen, crop) }],
    chosen: 0,
    paper: bytesOf(gray.values, 1),
    ink: bytesOf(seen.values, 1),
    parts: new Uint8Array(width * height).fill(PARTS.ink),
  };
}

/** Ink on one page, with its marks. All maps are of the page. */
interface PageInk {
  page: Gray;
  paper: Paper;
  strength: Float32Array;
  lines: Uint8Array;
  /** The strength, smoothed if the paper is noisy. */
  smooth: Float32Array;
  noise: number;
}

function readPage(gray: Gray, box: Box, invert: 'auto' | boolean): PictureReading | undefined {
  const part = cropped(gray, box);
  const inverted = invert === 'auto' ? inkIsDark(part) : invert;
  const dark = inverted ? part : { ...part, values: part.values.map((value) => 1 - value) };
  const unruled = inkOf(dark, inverted);
  // If the ink is nothing but one straight line, the line is the digit.
  const ink = unruled.lines.includes(1) && !marksOf(unruled) ? withLines(unruled) : unruled;
  const marks = marksOf(ink);
  if (!marks) return undefined;
  const { digits, chosen } = chooseDigits(marks.groups, part);
  const read = digits.map((group) => placeGroup(ink, marks, group));
  const { width, height } = gray;
  const paper = bytesOf(gray.values, 1);
  const strength = new Uint8Array(width * height);
  const parts = new Uint8Array(width * height).fill(PARTS.outside);
  const kept = new Set(digits.flatMap(({ labels }) => labels));
  const level = inverted ? ink.paper.level : ink.paper.level.map((value) => 1 - value);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const from = y * box.width + x;
      const to = (box.top + y) * width + box.left + x;
      paper[to] = Math.round(255 * Math.min(1, Math.max(0, level[from])));
      strength[to] = Math.round(255 * Math.min(1, Math.max(0, ink.strength[from] / marks.contrast)));
      const label = marks.labels[from];
      const own = label === 0 ? PARTS.paper : kept.has(label) ? PARTS.ink : PARTS.mark;
      parts[to] = ink.lines[from] === 1 && own !== PARTS.ink ? PARTS.line : own;
    }
  }
  return {
    width,
    height,
    inverted,
    digits: read.map((digit) => ({ ...digit, box: moved(digit.box, box) })),
    chosen,
    paper,
    ink: strength,
    parts,
  };
}

function inkOf(dark: Gray, lit: boolean): PageInk {
  const { width, height } = dark;
  const paper = estimatePaper(dark, { lit });
  const { strength, lines } = withoutRulings(paper.strength, width, height, paper.noise);
  const smooth = paper.flat ? strength : boxMean({ values: strength, width, height }, 1);
  return { page: dark, paper, strength, lines, smooth, noise: paper.noise };
}

function withLines(ink: PageInk): PageInk {
  const { strength } = ink.paper;
  return { ...ink, strength, smooth: strength, lines: new Uint8Array(strength.length) };
}

interface Marks {
  /** [height, width] of the page. Marks outside all groups have labels, too. */
  labels: Int32Array;
  groups: Group[];
  /** The strength of full ink. */
  contrast: number;
}

/** The marks that may be digits, in groups; undefined if no ink stands out. */
function marksOf(ink: PageInk): Marks | undefined {
  const { paper, smooth, page } = ink;
  const lowest = paper.flat ? MIN_CONTRAST : Math.max(FAINTEST_UNEVEN, STANDS_OUT * ink.noise);
  const first = componentsAbove(ink, lowest);
  const main = mainMark(first.components, page);
  if (!main) return undefined;
  const strongest = smooth.filter((_, i) => first.labels[i] === main.label);
  const contrast = paper.flat ? quantile(strongest, 1) : quantile(strongest, 0.9);
  const { labels, components } = componentsAbove(ink, Math.max(lowest, FAINT * contrast));
  const largest = mainMark(components, page);
  if (!largest) return undefined;
  const size = sizeOf(largest.box);
  const usable = components.filter(
    (mark) =>
      mark === largest ||
      (!isSpeck(mark, largest, size) && !touchesEdge(mark.box, page) && !isFrame(mark, components, page)),
  );
  return { labels, groups: groupMarks(usable), contrast };
}

/** Finds marks of touching pixels; in a large picture, gaps of a pixel or two count as touching. */
function componentsAbove({ smooth, page }: PageInk, threshold: number) {
  const { width, height } = page;
  const mask = Uint8Array.from(smooth, (value) => (value > threshold ? 1 : 0));
  const joined = dilated(mask, width, height, Math.max(width, height) > 150 ? 1 : 0);
  const { labels, components } = componentsOf(joined, width, height);
  return { labels: labels.map((label, i) => (mask[i] === 1 ? label : 0)), components };
}

/** The largest mark that neither runs off the page nor frames others. */
function mainMark(marks: readonly Component[], page: Gray): Component | undefined {
  const score = (mark: Component) =>
    Math.sqrt(mark.area * sizeOf(mark.box)) *
    (touchesEdge(mark.box, page) || isFrame(mark, marks, page) ? 0.2 : 1);
  return marks.reduce<Component | undefined>(
    (best, mark) => (best && score(best) >= score(mark) ? best : mark),
    undefined,
  );
}

function touchesEdge({ left, top, width, height }: Box, page: Gray): boolean {
  return left <= 0 || top <= 0 || left + width >= page.width || top + height >= page.height;
}

/** Whether a thin mark encloses others: little of its box is ink. */
function isFrame({ box, area }: Component, marks: readonly Component[], page: Gray): boolean {
  if (area > 0.2 * box.width * box.height || box.width < 0.4 * page.width || box.height < 0.4 * page.height)
    return false;
  return marks.some(
    (other) =>
      other.area > 0.1 * area &&
      sizeOf(other.box) > 0.15 * sizeOf(box) &&
      other.box.left > box.left &&
      other.box.top > box.top &&
      other.box.left + other.box.width < box.left + box.width &&
      other.box.top + other.box.height < box.top + box.height,
  );
}

function isSpeck({ box }: Component, { box: main }: Component, size: number): boolean {
  const own = sizeOf(box);
  if (own < TINIEST * size) return true;
  const gapX = Math.max(box.left, main.left) - Math.min(box.left + box.width, main.left + main.width);
  const gapY = Math.max(box.top, main.top) - Math.min(box.top + box.height, main.top + main.height);
  const away = Math.hypot(Math.max(0, gapX), Math.max(0, gapY)) / size;
  return own < SPECK * size ? away > 0 : own < SPECK_AWAY * size && away > SPECK_AWAY;
}

function chooseDigits(groups: readonly Group[], page: Gray): { digits: Group[]; chosen: number } {
  const bySize = [...groups].sort((a, b) => sizeOf(b.box) - sizeOf(a.box));
  const free = bySize.filter(({ box }) => !touchesEdge(box, page));
  const sorted = free.length > 0 ? free : bySize.slice(0, 1);
  const size = sizeOf(sorted[0].box);
  const digits = inReadingOrder(sorted.filter(({ box }) => sizeOf(box) >= DIGIT_SIZE * size));
  const outstanding = sorted.length < 2 || size > STANDS_OUT_SIZE * sizeOf(sorted[1].box);
  return { digits, chosen: outstanding ? digits.indexOf(sorted[0]) : 0 };
}

/** Places one group's ink alone as MNIST places its digits. */
function placeGroup(
  { page, paper, strength, smooth, noise }: PageInk,
  { labels, contrast }: Marks,
  group: Group,
): ReadDigit {
  const { width, height } = page;
  const own = new Set(group.labels);
  const margin = Math.max(1, Math.round(sizeOf(group.box) / 20));
  const mine = dilated(
    Uint8Array.from(labels, (label) => (own.has(label) ? 1 : 0)),
    width,
    height,
    margin,
  );
  const source = noise > 0.02 * contrast ? smooth : strength;
  const cut = paper.flat ? 4 * noise : Math.max(2.5 * noise, 0.08 * contrast);
  const values = source.map((value, i) => {
    const others = labels[i] !== 0 && !own.has(labels[i]);
    return mine[i] === 1 && !others && value > cut ? Math.min(1, value / contrast) : 0;
  });
  return placeInk({ values, width, height });
}

function bytesOf(values: Float32Array, scale: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value / scale))));
}

function within(box: Box, { width, height }: Box): Box {
  const left = Math.min(width - 1, Math.max(0, Math.round(box.left)));
  const top = Math.min(height - 1, Math.max(0, Math.round(box.top)));
  return {
    left,
    top,
    width: Math.max(1, Math.min(width - left, Math.round(box.width))),
    height: Math.max(1, Math.min(height - top, Math.round(box.height))),
  };
}

function moved(box: Box, by: Box): Box {
  return { ...box, left: box.left + by.left, top: box.top + by.top };
}
