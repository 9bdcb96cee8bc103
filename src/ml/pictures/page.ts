import { componentsOf } from './components.ts';
import { cropped, median, quantile, range } from './filters.ts';
import { borderOf } from './paper.ts';
import type { Box, Gray } from './resample.ts';

/** A step between two tones of at least this size is an edge, not a gradual change of light. */
const STEP = 0.08;
/** Grays this close count as one tone of a ring. */
const EVEN = 0.12;
const MOST_OF_RING = 0.8;
/** A frame lies within this share of the shorter side. */
const DEEPEST_FRAME = 0.08;
/** Smaller pictures have no frames. */
const SMALLEST_FRAMED = 16;
/** A sheet fills this share of its box: a rectangle, slightly rotated or with round corners. */
const RECTANGLE = 0.88;
const SMALLEST_SHEET = 0.2;
/** A sheet ends inside the picture on at least this many sides; an area that ends on two sides is light or shadow. */
const FREE_SIDES = 3;
/** The writing on a sheet covers between these shares of the sheet. */
const WRITTEN = [0.002, 0.4];
/** Maximum number of nested pages: a sheet on a table, in a window, on a desktop. */
const MOST_NESTED = 3;

/** Finds the part of the picture that is paper with writing: inside frames, without the table around the sheet. */
export function findPage(gray: Gray): Box {
  let page: Box = { left: 0, top: 0, width: gray.width, height: gray.height };
  for (let i = 0; i < MOST_NESTED; i++) {
    const part = cropped(gray, page);
    const inner = withoutFrame(part) ?? sheetOf(part);
    if (!inner) break;
    page = { ...inner, left: page.left + inner.left, top: page.top + inner.top };
  }
  return page;
}

/** The area inside a frame, found where the tone of pixel rings, from the edge inward, changes abruptly. */
function withoutFrame(gray: Gray): Box | undefined {
  const { width, height } = gray;
  const shorter = Math.min(width, height);
  if (shorter < SMALLEST_FRAMED) return undefined;
  const deepest = Math.max(2, Math.round(DEEPEST_FRAME * shorter));
  const rings = Array.from({ length: deepest + 3 }, (_, depth) => ringAt(gray, depth));
  const steps = (a: Ring, b: Ring) => a.even && b.even && Math.abs(a.tone - b.tone) > STEP;
  let depth = 0;
  for (let i = 0; i < deepest; i++) {
    if (steps(rings[i], rings[i + 1]) || steps(rings[i], rings[i + 2])) depth = i + 1;
  }
  if (depth === 0) return undefined;
  // Skip the pixels next to the frame, which are mixed with its tone.
  return inset({ width, height }, Math.min(depth + 1, Math.floor(shorter / 4)));
}

interface Ring {
  tone: number;
  /** Whether nearly all of the ring has this tone. The sides of a narrow zero make up half of a ring. */
  even: boolean;
}

function ringAt(gray: Gray, depth: number): Ring {
  const ring = borderOf(gray, depth);
  const tone = median(ring);
  const near = ring.reduce((count, value) => count + (Math.abs(value - tone) < EVEN ? 1 : 0), 0);
  return { tone, even: near > MOST_OF_RING * ring.length };
}

function inset({ width, height }: { width: number; height: number }, by: number): Box {
  return { left: by, top: by, width: width - 2 * by, height: height - 2 * by };
}

/** A bright or dark rectangle with writing on it, which does not extend to all sides of the picture. */
function sheetOf(gray: Gray): Box | undefined {
  const { values, width, height } = gray;
  const threshold = otsu(values);
  if (threshold === undefined) return undefined;
  for (const bright of [true, false]) {
    const mask = Uint8Array.from(values, (value) => (value > threshold === bright ? 1 : 0));
    const { labels, components } = componentsOf(mask, width, height);
    for (const { label, box, area } of components) {
      const share = (box.width * box.height) / (width * height);
      if (share < SMALLEST_SHEET || area < SMALLEST_SHEET * width * height * 0.5) continue;
      if (freeSides(box, gray) < FREE_SIDES) continue;
      const full = filledArea(labels, label, width, box);
      const written = (full - area) / full;
      if (written < WRITTEN[0] || written > WRITTEN[1]) continue;
      if (full < RECTANGLE * smallestRectangle(labels, label, width, box)) continue;
      const edge = 2 + Math.round(0.01 * Math.max(box.width, box.height));
      const { width: w, height: h } = box;
      return { left: box.left + edge, top: box.top + edge, width: w - 2 * edge, height: h - 2 * edge };
    }
  }
  return undefined;
}

function freeSides({ left, top, width, height }: Box, picture: Gray): number {
  const free = [left, top, picture.width - left - width, picture.height - top - height];
  return free.filter((gap) => gap >= 2).length;
}

/** Candidate rotations of a sheet, in radians. */
const TURNS = Array.from({ length: 13 }, (_, i) => (i - 6) * 0.04);

/** The area of the smallest rectangle around a component, upright or slightly rotated. */
function smallestRectangle(labels: Int32Array, label: number, width: number, box: Box): number {
  const ends: [number, number][] = [];
  for (let y = box.top; y < box.top + box.height; y++) {
    const row = labels.subarray(y * width + box.left, y * width + box.left + box.width);
    const [first, last] = [row.indexOf(label), row.lastIndexOf(label)];
    if (first >= 0) ends.push([first, y], [last + 1, y]);
  }
  const areas = TURNS.map((angle) => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const across = range(Float32Array.from(ends, ([x, y]) => cos * x + sin * y));
    const along = range(Float32Array.from(ends, ([x, y]) => cos * y - sin * x));
    return (across.max - across.min) * (along.max - along.min + 1);
  });
  return Math.min(...areas);
}

/** The component's pixels and those it encloses. */
function filledArea(labels: Int32Array, label: number, width: number, box: Box): number {
  // A border of one pixel around the box connects everything outside.
  const [w, h] = [box.width + 2, box.height + 2];
  const outside = new Uint8Array(w * h).fill(1);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      if (labels[(box.top + y) * width + box.left + x] === label) outside[(y + 1) * w + x + 1] = 0;
    }
  }
  // Diagonal neighbors would leak through a thin edge. That is rare and only makes the sheet less rectangular.
  const { components } = componentsOf(outside, w, h);
  const around = components[0]?.area ?? 0;
  return w * h - around;
}

/** The threshold that best separates the grays into two classes (Otsu 1979), if they are separable. */
function otsu(values: Float32Array): number | undefined {
  const { min, max } = range(values);
  if (max - min < 2 * STEP) return undefined;
  const bins = new Float64Array(128);
  for (const value of values) bins[Math.min(127, Math.floor((128 * (value - min)) / (max - min)))]++;
  let [total, best, threshold] = [0, 0, 0];
  bins.forEach((count, i) => {
    total += i * count;
  });
  let [below, sum] = [0, 0];
  for (let i = 0; i < 127; i++) {
    below += bins[i];
    sum += i * bins[i];
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (sum / below - (total - sum) / above) ** 2;
    if (between > best) [best, threshold] = [between, i + 1];
  }
  return min + (threshold / 128) * (max - min);
}

/** A border is clean if this share of it is close to its median. */
const CLEAN = 0.85;

/**
 * Whether the ink is darker than the paper. A clean border is paper, and the ink differs most from it. Otherwise the
 * light is uneven, and the pixels that differ most from a plane fitted to the whole picture are ink.
 */
export function inkIsDark(gray: Gray): boolean {
  const border = borderOf(gray);
  const paper = median(border);
  const near = border.reduce((count, value) => count + (Math.abs(value - paper) < 0.06 ? 1 : 0), 0);
  if (near >= CLEAN * border.length) {
    const low = quantile(gray.values, 0.001);
    const high = quantile(gray.values, 0.999);
    if (Math.abs(paper - low - (high - paper)) > 1 / 255) return paper - low > high - paper;
    const { min, max } = range(gray.values);
    return paper - min > max - paper;
  }
  return skewFromPlane(gray) < 0;
}

/** Sum of the cubed residuals of the least-squares plane. */
function skewFromPlane({ values, width, height }: Gray): number {
  let [mean, alongX, alongY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = values[y * width + x];
      mean += value;
      alongX += value * (x - (width - 1) / 2);
      alongY += value * (y - (height - 1) / 2);
    }
  }
  const count = width * height;
  mean /= count;
  alongX /= Math.max(1, (count * (width ** 2 - 1)) / 12);
  alongY /= Math.max(1, (count * (height ** 2 - 1)) / 12);
  let skew = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const rest =
        values[y * width + x] - mean - alongX * (x - (width - 1) / 2) - alongY * (y - (height - 1) / 2);
      skew += rest ** 3;
    }
  }
  return skew;
}
