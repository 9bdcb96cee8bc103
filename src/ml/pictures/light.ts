import { deviation } from './filters.ts';
import type { Gray } from './resample.ts';

/** The picture is sampled in this many cells along its longer side. */
const CELLS = 24;
const TERMS = 6;
const ROUNDS = 4;
/** Illumination is smooth if most of the picture lies this close to the surface. */
const SMOOTH = 0.04;
const MOST = 0.8;

/**
 * Fits a quadratic surface to the illumination of the whole picture. Each round excludes samples more than two
 * deviations below the surface (ink) or above it (glare). Returns undefined if the illumination is not smooth,
 * because a surface fits badly beside a shadow's edge.
 */
export function smoothLight({ values, width, height }: Gray): Float32Array | undefined {
  const step = Math.max(1, Math.floor(Math.max(width, height) / (2 * CELLS)));
  const samples: { terms: number[]; value: number }[] = [];
  for (let y = step >> 1; y < height; y += step) {
    for (let x = step >> 1; x < width; x += step) {
      samples.push({ terms: termsAt(x / width, y / height), value: values[y * width + x] });
    }
  }
  let used = samples;
  let surface = fitted(used);
  for (let round = 0; round < ROUNDS; round++) {
    const rests = Float32Array.from(samples, ({ terms, value }) => value - dot(terms, surface));
    const spread = Math.max(1e-3, deviation(rests));
    const kept = samples.filter((_, i) => Math.abs(rests[i]) < 2 * spread);
    if (kept.length < 4 * TERMS) break;
    used = kept;
    surface = fitted(used);
  }
  const close = samples.filter(({ terms, value }) => Math.abs(value - dot(terms, surface)) < SMOOTH);
  if (close.length < MOST * samples.length) return undefined;
  const light = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) light[y * width + x] = dot(termsAt(x / width, y / height), surface);
  }
  return light;
}

function termsAt(x: number, y: number): number[] {
  const [u, v] = [x - 0.5, y - 0.5];
  return [1, u, v, u * u, u * v, v * v];
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < TERMS; i++) sum += a[i] * b[i];
  return sum;
}

/** Least squares by the normal equations, with a small ridge in case samples are few. */
function fitted(samples: readonly { terms: number[]; value: number }[]): number[] {
  const rows = Array.from({ length: TERMS }, (_, i) =>
    Array.from({ length: TERMS + 1 }, (__, j) => {
      const sum = samples.reduce(
        (total, { terms, value }) => total + terms[i] * (j < TERMS ? terms[j] : value),
        0,
      );
      return i === j ? sum + 1e-9 * samples.length : sum;
    }),
  );
  for (let pivot = 0; pivot < TERMS; pivot++) {
    for (let row = 0; row < TERMS; row++) {
      if (row === pivot) continue;
      const factor = rows[row][pivot] / rows[pivot][pivot];
      for (let column = pivot; column <= TERMS; column++) rows[row][column] -= factor * rows[pivot][column];
    }
  }
  return rows.map((row, i) => row[TERMS] / row[i]);
}
