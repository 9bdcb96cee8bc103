import { CallError } from '../callError.ts';
import type { Resample } from './resampling.ts';
import { studentQuantile } from './student.ts';

/** Differences below this share of the figure are rounding, and count as 0: inseparable labelings give equal capacities. */
const ROUNDING = 1e-10;

/** A figure at two moments of a run, compared on the same images. */
export interface Change {
  difference: number;
  /** Standard error of the difference over the draw of images, the t-vectors and the center problem's minima. */
  error: number;
  /** A difference is clear if it exceeds this many errors (Student's 95 % quantile). */
  quantile: number;
  isClear: boolean;
}

/**
 * Standard errors of the figures over the draw of images and the center problem's minima: the resamples' standard
 * deviations, minus the noise of the resamples' t-vectors.
 * @throws for fewer than two resamples.
 */
export function imageErrors<Name extends string>(resamples: readonly Resample<Name>[]): Record<Name, number> {
  assertSeveral(resamples.length);
  return mapFigures(resamples[0].figures, (name) => {
    const { spread, noise } = variances(resamples, name);
    return Math.sqrt(Math.max(0, spread - noise));
  });
}

/** The data of one moment in a comparison. */
export interface ComparedMoment<Name extends string> {
  figures: Record<Name, number>;
  resamples: readonly Resample<Name>[];
}

/**
 * How the figures change from one moment to another, judged on the same resampled images: a change is clear beyond
 * Student's 95 % quantile of the difference's error.
 * @param noiseShare t-vectors of a resample for each of the figures' own: the figures have that much of the noise.
 * @returns undefined unless both moments have the same number of resamples, two at least.
 */
export function changesBetween<Name extends string>(
  before: ComparedMoment<Name>,
  after: ComparedMoment<Name>,
  noiseShare: number,
): Record<Name, Change> | undefined {
  const count = before.resamples.length;
  if (count < 2 || after.resamples.length !== count) return undefined;
  const differences = before.resamples.map(
    (one, i): Resample<Name> => ({
      figures: minus(after.resamples[i].figures, one.figures),
      halves: [
        minus(after.resamples[i].halves[0], one.halves[0]),
        minus(after.resamples[i].halves[1], one.halves[1]),
      ],
    }),
  );
  const quantile = studentQuantile(count - 1);
  return mapFigures(before.figures, (name) => {
    const { spread, noise } = variances(differences, name);
    const error = Math.sqrt(Math.max(spread - (1 - noiseShare) * noise, noiseShare * noise));
    const found = after.figures[name] - before.figures[name];
    const difference = Math.abs(found) < ROUNDING * Math.abs(after.figures[name]) ? 0 : found;
    return { difference, error, quantile, isClear: Math.abs(difference) > quantile * error };
  });
}

/** Variance of a figure over resamples, and the part due to the t-vectors. */
function variances<Name extends string>(
  resamples: readonly Resample<Name>[],
  name: Name,
): { spread: number; noise: number } {
  const values = resamples.map(({ figures }) => figures[name]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  // The mean of two halves has a fourth of the squared difference's expectation as its variance.
  const noise = resamples.reduce((sum, { halves: [a, b] }) => sum + (a[name] - b[name]) ** 2 / 4, 0);
  const spread = squares / (values.length - 1);
  // An infinite capacity (no t-vector touches a manifold) has no error.
  return Number.isFinite(spread + noise)
    ? { spread, noise: noise / resamples.length }
    : { spread: Infinity, noise: 0 };
}

function minus<Name extends string>(a: Record<Name, number>, b: Record<Name, number>): Record<Name, number> {
  return mapFigures(a, (name) => a[name] - b[name]);
}

function mapFigures<Name extends string, T>(
  like: Readonly<Record<Name, number>>,
  of: (name: Name) => T,
): Record<Name, T> {
  const names = Object.keys(like) as Name[];
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, T>;
}

function assertSeveral(count: number): void {
  if (count < 2) throw new CallError('imageErrors', `expected at least two resamples, found ${count}`);
}
