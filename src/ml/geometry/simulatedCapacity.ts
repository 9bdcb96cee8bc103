import { CallError } from '../callError.ts';
import { assertFiniteRows } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { drain } from '../linear/steps.ts';
import { type Manifold, manifoldName } from './centers.ts';
import { randomStream } from './gaussian.ts';
import { isStrictlySeparable } from './separability.ts';
import { spanCoordinatesSteps, timesLowerTriangle } from './spanCoordinates.ts';

export interface SimulationOptions {
  /** Number of random dichotomies, each with its own random projection. */
  dichotomies?: number;
  seed?: number;
  /** Whether the plane may have an offset from the mean of all points; the theory's may not. */
  bias?: boolean;
  /** The theory's capacity, if known, as the start of the search. Affects only the speed. */
  expected?: number;
}

/** The fraction of random dichotomies that are linearly separable, against the number of dimensions. */
export interface SimulatedCapacity {
  /** Manifolds per dimension where half of the dichotomies are separable; undefined if fewer than half ever are. */
  capacity: number | undefined;
  /** Standard error of `capacity`, from the order statistics; undefined where one of the bounds is not reached. */
  standardError: number | undefined;
  /** Dimensions 1, 2, ... until all dichotomies are separable or all dimensions are used. */
  dimensions: Int32Array;
  /** Fraction of dichotomies separable with that many dimensions. */
  fraction: Float64Array;
  dichotomies: number;
}

/**
 * Measures capacity without the theory: labels the manifolds at random, projects all points onto random directions, and
 * looks for the fewest directions that keep the two sides linearly separable. Each dichotomy keeps the directions it
 * had, so that separability can only grow with their number and bisection finds where it begins. Deterministic for a
 * seed.
 * @throws for fewer than two manifolds, unequal widths, or values that are not finite.
 */
export function simulateCapacity(
  manifolds: readonly Manifold[],
  options: SimulationOptions = {},
): SimulatedCapacity {
  return drain(simulateCapacitySteps(manifolds, options));
}

/** `simulateCapacity` in steps: yields the fraction done, so that a caller can cancel. */
export function* simulateCapacitySteps(
  manifolds: readonly Manifold[],
  { dichotomies = 50, seed = 0, bias = false, expected }: SimulationOptions = {},
): Generator<number, SimulatedCapacity, void> {
  assertSimulationInput(manifolds, dichotomies);
  const points = yield* spanCoordinatesSteps(manifolds, { centered: true });
  const sizes = manifolds.map(({ rows }) => rows);
  const highest = Math.min(manifolds[0].columns, points.rows - 1);
  const thresholds: number[] = [];
  let guess = Math.round(manifolds.length / (expected ?? 0.2));
  for (let i = 0; i < dichotomies; i++) {
    const dichotomy = new Dichotomy(points, sizes, seed, i, bias);
    const found = yield* fewestDimensions(dichotomy, highest, guess, i / dichotomies);
    thresholds.push(found);
    const sorted = [...thresholds].sort((a, b) => a - b);
    guess = Math.min(highest, sorted[Math.floor(sorted.length / 2)]);
  }
  return summarize(thresholds, manifolds.length, highest);
}

/** One labeling of the manifolds with its own sequence of random directions. */
class Dichotomy {
  private readonly points: Matrix;
  private readonly bias: boolean;
  private readonly signs: Float64Array;
  private readonly random: ReturnType<typeof randomStream>;
  /** Projections of all points onto the directions drawn so far. */
  private readonly projections: Float64Array[] = [];

  constructor(points: Matrix, sizes: readonly number[], seed: number, index: number, bias: boolean) {
    this.points = points;
    this.bias = bias;
    this.random = randomStream(seed, index);
    this.signs = new Float64Array(points.rows);
    let labels: number[];
    // A side without manifolds is no dichotomy.
    do labels = sizes.map(() => (this.random.uniform() < 0.5 ? -1 : 1));
    while (labels.every((label) => label === labels[0]));
    let row = 0;
    sizes.forEach((size, manifold) => {
      this.signs.fill(labels[manifold], row, row + size);
      row += size;
    });
  }

  /** Whether a plane separates the two sides in the first `dimensions` directions. */
  isSeparable(dimensions: number): boolean {
    this.drawUpTo(dimensions);
    const inner = dimensions + (this.bias ? 1 : 0);
    const signed = zeros(this.points.rows, inner + 1);
    const { data, columns } = signed;
    for (let p = 0; p < signed.rows; p++) {
      const row = p * columns;
      let squared = 0;
      for (let d = 0; d < dimensions; d++) {
        data[row + d] = this.signs[p] * this.projections[d][p];
        squared += data[row + d] ** 2;
      }
      if (squared === 0 && !this.bias) return false;
      if (this.bias) {
        // Scale the bias coordinate like the points, because otherwise one of the two would vanish numerically.
        data[row + dimensions] = this.signs[p] * this.biasScale();
        squared += data[row + dimensions] ** 2;
      }
      const scale = 1 / Math.sqrt(squared);
      for (let d = 0; d < inner; d++) data[row + d] *= scale;
      data[row + inner] = 1;
    }
    return isStrictlySeparable(signed);
  }

  private biasScale(): number {
    const first = this.projections[0];
    let squares = 0;
    for (const value of first) squares += value ** 2;
    return Math.sqrt(squares / first.length) || 1;
  }

  private drawUpTo(dimensions: number): void {
    const direction = new Float64Array(this.points.columns);
    while (this.projections.length < dimensions) {
      for (let k = 0; k < direction.length; k++) direction[k] = this.random.normal();
      const values = new Float64Array(this.points.rows);
      timesLowerTriangle(this.points, direction, values);
      this.projections.push(values);
    }
  }
}

/** The fewest separable dimensions, or highest + 1: gallops from the guess to a bracket, then bisects. */
function* fewestDimensions(
  dichotomy: Dichotomy,
  highest: number,
  guess: number,
  progress: number,
): Generator<number, number, void> {
  let inseparable = 0;
  let separable = highest + 1;
  let next = Math.min(highest, Math.max(1, guess));
  let stride = Math.max(1, Math.round(next / 8));
  while (separable - inseparable > 1) {
    if (dichotomy.isSeparable(next)) separable = next;
    else inseparable = next;
    yield progress;
    if (inseparable === 0) next = Math.max(1, separable - stride);
    else if (separable > highest) next = Math.min(highest, inseparable + stride);
    else next = Math.floor((inseparable + separable) / 2);
    stride *= 2;
  }
  return separable;
}

function summarize(thresholds: number[], manifolds: number, highest: number): SimulatedCapacity {
  const sorted = [...thresholds].sort((a, b) => a - b);
  const last = Math.min(highest, sorted[sorted.length - 1]);
  const dimensions = Int32Array.from({ length: last }, (_, i) => i + 1);
  const fraction = Float64Array.from(
    dimensions,
    (d) => sorted.filter((threshold) => threshold <= d).length / sorted.length,
  );
  const half = crossing(fraction, 0.5);
  // One standard error of a fraction of one half.
  const step = 0.5 / Math.sqrt(sorted.length);
  const early = crossing(fraction, 0.5 - step);
  const late = crossing(fraction, 0.5 + step);
  return {
    capacity: half === undefined ? undefined : manifolds / half,
    standardError:
      early === undefined || late === undefined ? undefined : (manifolds / early - manifolds / late) / 2,
    dimensions,
    fraction,
    dichotomies: sorted.length,
  };
}

/** Dimensions at which the fraction, drawn as a line through (0, 0), reaches `level`. */
function crossing(fraction: Float64Array, level: number): number | undefined {
  const index = fraction.findIndex((value) => value >= level);
  if (index < 0) return undefined;
  const before = index === 0 ? 0 : fraction[index - 1];
  return index + (level - before) / (fraction[index] - before);
}

function assertSimulationInput(manifolds: readonly Manifold[], dichotomies: number): void {
  const caller = 'simulateCapacity';
  if (manifolds.length < 2) {
    throw new CallError(caller, `expected at least two manifolds, found ${manifolds.length}`);
  }
  if (!Number.isInteger(dichotomies) || dichotomies < 1) {
    throw new CallError(caller, `expected at least one dichotomy, found ${dichotomies}`);
  }
  for (const [index, manifold] of manifolds.entries()) {
    assertFiniteRows(manifold, caller, manifoldName(index));
    if (manifold.columns !== manifolds[0].columns) {
      throw new CallError(
        caller,
        `expected ${manifolds[0].columns} values per point in ${manifoldName(index)}, found ${manifold.columns}`,
      );
    }
  }
}
