import { boxExtreme, boxMean, deviation, dilated, median, quantile } from './filters.ts';
import { smoothLight } from './light.ts';
import type { Gray } from './resample.ts';

/** The paper's brightness at every pixel, and its noise. */
export interface Paper {
  /** [height, width]. */
  level: Float32Array;
  /** Standard deviation of the paper's noise, in the units of `strength`. */
  noise: number;
  /** [height, width]: how much darker than the paper each pixel is; relative to the paper in uneven light. */
  strength: Float32Array;
  /** Whether all of the paper has one level. */
  flat: boolean;
}

/** Grays closer than this count as one level of paper. */
const SAME_LEVEL = 3 / 255;
/** Half the width of the widest stroke that is told apart from a shadow, as a share of the picture's longer side. */
const REACH = 0.11;
/** Paper darker than this says nothing about its illumination. */
const DARKEST_PAPER = 0.15;

/**
 * Estimates the paper's level under darker ink. If the paper has a single level, the estimate is exactly that level.
 * Otherwise a closing (Serra 1982) fills everything dark and narrow, so that neither uneven light nor the edge of a
 * shadow counts as ink, and a local mean of the paper removes noise.
 */
export function estimatePaper(gray: Gray, { lit = true }: { lit?: boolean } = {}): Paper {
  const flat = flatLevel(gray);
  if (flat !== undefined) {
    const strength = gray.values.map((value) => flat - value);
    const border = strength.filter((value) => Math.abs(value) <= SAME_LEVEL);
    return {
      level: new Float32Array(strength.length).fill(flat),
      noise: deviation(border),
      strength,
      flat: true,
    };
  }
  const { values, width, height } = gray;
  // Remove the smooth variation over the whole picture first, because a closing takes a dark corner for ink.
  const light = smoothLight(gray) ?? new Float32Array(values.length);
  const detrended = { ...gray, values: difference(values, light) };
  const smooth = { ...gray, values: boxMean(detrended, Math.max(width, height) > 100 ? 1 : 0) };
  const reach = Math.max(3, Math.round(REACH * Math.max(width, height)));
  const closed = boxExtreme(boxExtreme(smooth, reach, 1), reach, -1).values;
  const raised = difference(closed, smooth.values);
  // The closing follows the brightest grains of the paper. Most of the picture is paper, so a quantile measures this
  // bias.
  const bias = quantile(raised, 0.4);
  const grain = deviation(raised.filter((value) => value < 2 * bias + SAME_LEVEL));
  const inked = Uint8Array.from(raised, (value) => (value - bias > Math.max(4 * grain, 0.06) ? 1 : 0));
  const bare = dilated(inked, width, height, 2).map((value) => 1 - value);
  const near = boxMean(detrended, Math.max(3, Math.round(reach / 4)), bare, 0.1);
  // `near` is NaN where too few pixels are bare, and Math.min would return that NaN.
  // biome-ignore lint/complexity/useMathMinMax: a comparison with NaN keeps the other value
  const level = closed.map((value, i) => light[i] + (near[i] < value - bias ? near[i] : value - bias));
  const strength = values.map((value, i) => {
    const darker = level[i] - value;
    return lit ? darker / Math.max(DARKEST_PAPER, level[i]) : darker;
  });
  const rest = strength.filter((_, i) => bare[i] === 1);
  return { level, strength, noise: deviation(rest.length > 0 ? rest : strength), flat: false };
}

/** The level of most of the border and much of the picture; undefined if there is none. */
function flatLevel(gray: Gray): number | undefined {
  const border = borderOf(gray);
  const level = median(border);
  const near = (values: Float32Array) =>
    values.reduce((count, value) => count + (Math.abs(value - level) <= SAME_LEVEL ? 1 : 0), 0) /
    values.length;
  return near(border) >= 0.6 && near(gray.values) >= 0.4 ? level : undefined;
}

/** The pixels up to `depth` from the edge. */
export function borderOf({ values, width, height }: Gray, depth = 0): Float32Array {
  const [right, bottom] = [width - 1 - depth, height - 1 - depth];
  const border: number[] = [];
  for (let x = depth; x <= right; x++) border.push(values[depth * width + x], values[bottom * width + x]);
  for (let y = depth; y <= bottom; y++) border.push(values[y * width + depth], values[y * width + right]);
  return Float32Array.from(border);
}

function difference(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - b[i]);
}
