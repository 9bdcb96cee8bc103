import { CallError } from '../callError.ts';
import { mapProgress } from '../linear/steps.ts';
import { combineManifolds, type ManifoldGeometry, type ManifoldOptions } from './analyzeManifolds.ts';
import { type AnchorSet, solveAnchors, summarizeAnchors } from './anchors.ts';
import { type Manifold, type PrepareOptions, prepareCentersSteps } from './centers.ts';
import { gaussianMatrix, randomStream } from './gaussian.ts';
import { reduceManifoldSteps } from './reduceManifold.ts';

export const FIGURES = ['capacity', 'radius', 'radiusMedian', 'dimension', 'centerCorrelation'] as const;
export type FigureName = (typeof FIGURES)[number];
/** A number for each figure: its value or its error. */
export type Figures = Record<FigureName, number>;

/** Source of resampled images: new draws from the data set, or random halves of the given images. */
export type ResampleKind = 'redraws' | 'halves';

/** The figures of other images of the same classes, with few t-vectors. */
export interface Resample<Name extends string = FigureName> {
  figures: Record<Name, number>;
  /** Figures from each half of the t-vectors; their difference shows the noise of the t-vectors. */
  halves: readonly [Record<Name, number>, Record<Name, number>];
}

export type ResampleOptions = Omit<ManifoldOptions, 'tVectors'> & PrepareOptions;

/** t-vectors and random starts of a resample, a third of the figure's own. */
export const RESAMPLE_SAMPLES = 100;
export const RESAMPLE_RESTARTS = 15;

/**
 * In layers with at most this many units, the t-vectors add as much noise as the images, and samples are cheap. GLUE's radius
 * there depends on the number of samples: its errors from fewer were too small by a fourth.
 */
const SMALL_LAYER = 100;

/** Number of t-vectors per resample: few, except for small layers. */
export function samplesOfResample(own: number, units: number): number {
  return units <= SMALL_LAYER ? own : Math.min(own, RESAMPLE_SAMPLES);
}

/**
 * Analyzes one resample. The center problem is solved again, from random starts and from `warmStart`, so that resamples
 * also cover its minima. Give each resample its own seed, the same for every moment of a run, so that moments are compared
 * on the same images. Yields the fraction done.
 */
export function* resampleSteps(
  manifolds: readonly Manifold[],
  {
    kappa = 0,
    samples = RESAMPLE_SAMPLES,
    restarts = RESAMPLE_RESTARTS,
    seed = 0,
    names,
    ...centers
  }: ResampleOptions = {},
): Generator<number, Resample, void> {
  if (!Number.isInteger(samples) || samples < 2) {
    throw new CallError('resample', `expected at least two t-vectors, found ${samples}`);
  }
  const prepared = yield* mapProgress(
    prepareCentersSteps(manifolds, { ...centers, restarts, seed, names }),
    () => 0,
  );
  const middle = Math.floor(samples / 2);
  const all: ManifoldGeometry[] = [];
  const first: ManifoldGeometry[] = [];
  const second: ManifoldGeometry[] = [];
  for (const [index, manifold] of manifolds.entries()) {
    const before = () => index / manifolds.length;
    const reduced = yield* mapProgress(reduceManifoldSteps(manifold, index, prepared, { names }), before);
    const tVectors = gaussianMatrix(samples, reduced.points.columns, randomStream(seed, index));
    const anchors = yield* mapProgress(solveAnchors(reduced.points, tVectors, { kappa }), before);
    const { centerNorm, centerNormRatio } = reduced;
    const own = { points: manifold.rows, centerNorm, centerNormRatio };
    all.push({ ...summarizeAnchors(anchors), ...own });
    first.push({ ...summarizeAnchors(anchorRange(anchors, 0, middle)), ...own });
    second.push({ ...summarizeAnchors(anchorRange(anchors, middle, samples)), ...own });
  }
  const [figures, ...halves] = [all, first, second].map((list) =>
    figuresOf(combineManifolds(list, prepared)),
  );
  return { figures, halves: [halves[0], halves[1]] };
}

/** The figures of a result, without its other parts. */
export function figuresOf(result: Figures): Figures {
  const { capacity, radius, radiusMedian, dimension, centerCorrelation } = result;
  return { capacity, radius, radiusMedian, dimension, centerCorrelation };
}

function anchorRange({ anchors, distances, cosines }: AnchorSet, start: number, end: number): AnchorSet {
  const { data, columns } = anchors;
  return {
    anchors: { data: data.subarray(start * columns, end * columns), rows: end - start, columns },
    distances: distances.subarray(start, end),
    cosines: cosines.subarray(start, end),
  };
}

/**
 * A random half of every manifold's points. The spread between halves estimates the standard error of the whole
 * (delete-half jackknife, Shao & Wu 1989); a bootstrap would repeat points, which shrinks manifolds.
 * @throws if a manifold has fewer than four points.
 */
export function randomHalves(manifolds: readonly Manifold[], seed: number): Manifold[] {
  const few = manifolds.findIndex(({ rows }) => rows < 4);
  if (few >= 0) {
    throw new CallError(
      'randomHalves',
      `expected at least four examples to draw a half of, found ${manifolds[few].rows} in manifold ${few}`,
    );
  }
  return manifolds.map((manifold, index) => randomHalf(manifold, seed, index));
}

function randomHalf({ data, rows, columns }: Manifold, seed: number, index: number): Manifold {
  const random = randomStream(seed, -1000 - index);
  const order = Array.from({ length: rows }, (_, i) => i);
  const half = Math.floor(rows / 2);
  const chosen = data.slice(0, half * columns);
  for (let i = 0; i < half; i++) {
    const j = i + Math.floor(random.uniform() * (rows - i));
    [order[i], order[j]] = [order[j], order[i]];
    chosen.set(data.subarray(order[i] * columns, (order[i] + 1) * columns), i * columns);
  }
  return { data: chosen, rows: half, columns };
}
