import { median, quantile } from './filters.ts';
import type { Gray } from './resample.ts';

/** A gray picture with its opacity, both [height, width] in [0, 1]. */
export interface Layered extends Gray {
  alpha: Float32Array;
}

const OPAQUE = 0.9;
/** An opaque pixel that differs this much from the nearby rim is ink on paper of the rim's color. */
const OTHER_TONE = 0.15;
/** With less than this share of such pixels, everything opaque is ink. */
const FEWEST_OTHERS = 0.04;

/**
 * Fills transparent pixels. The rim of the opaque area decides how: if much of the inside differs from the rim, the
 * rim is paper (or the matte of a sticker) and extends outward. Otherwise everything opaque is ink, of any tone, on a
 * background of the opposite tone.
 */
export function filled(layered: Layered): Gray {
  const { values, alpha, width, height } = layered;
  const rim = nearestRim(layered);
  let [opaque, others, sum] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    if (alpha[i] < OPAQUE) continue;
    opaque++;
    sum += values[i];
    if (rim && Math.abs(values[i] - rim.nearest[i]) > OTHER_TONE) others++;
  }
  if (rim && others > FEWEST_OTHERS * opaque) {
    const tone = toneOf(
      rim.tones,
      values.filter((_, i) => alpha[i] >= OPAQUE),
    );
    return { width, height, values: values.map((value, i) => alpha[i] * value + (1 - alpha[i]) * tone) };
  }
  const light = opaque > 0 ? sum / opaque >= 0.5 : meanTone(layered) >= 0.5;
  return { width, height, values: alpha.map((value) => (light ? value : 1 - value)) };
}

function meanTone({ values, alpha }: Layered): number {
  let [sum, weight] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += alpha[i] * values[i];
    weight += alpha[i];
  }
  return sum / weight;
}

/** The grays at the edge of the opaque area, and the nearest of them for every pixel. */
function nearestRim({
  values,
  alpha,
  width,
  height,
}: Layered): { nearest: Float32Array; tones: Float32Array } | undefined {
  const nearest = new Float32Array(values.length);
  const known = new Uint8Array(values.length);
  let front: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (alpha[i] < OPAQUE || !neighborsOf(i, width, height).some((at) => alpha[at] < OPAQUE)) continue;
    nearest[i] = values[i];
    known[i] = 1;
    front.push(i);
  }
  if (front.length === 0) return undefined;
  const tones = Float32Array.from(front, (i) => values[i]);
  while (front.length > 0) {
    const next: number[] = [];
    for (const i of front) {
      for (const neighbor of neighborsOf(i, width, height)) {
        if (known[neighbor] === 1) continue;
        known[neighbor] = 1;
        nearest[neighbor] = nearest[i];
        next.push(neighbor);
      }
    }
    front = next;
  }
  return { nearest, tones };
}

/**
 * The rim's own color: of the rim's tones, one far from the inside, because some rim pixels are mixed with the
 * inside.
 */
function toneOf(rim: Float32Array, inside: Float32Array): number {
  return quantile(rim, median(inside) < median(rim) ? 0.8 : 0.2);
}

function neighborsOf(i: number, width: number, height: number): number[] {
  const x = i % width;
  const neighbors: number[] = [];
  if (x > 0) neighbors.push(i - 1);
  if (x < width - 1) neighbors.push(i + 1);
  if (i >= width) neighbors.push(i - width);
  if (i < (height - 1) * width) neighbors.push(i + width);
  return neighbors;
}
