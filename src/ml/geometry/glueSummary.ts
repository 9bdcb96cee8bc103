import { dot } from '../linear/dot.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { mapProgress, type Steps } from '../linear/steps.ts';
import { symmetricEigen } from '../linear/symmetricEigen.ts';
import type { GlueSamples } from './glueSamples.ts';
import type { GlueSpan } from './glueSpan.ts';

/** GLUE's figures, in the order of tables. */
export const GLUE_FIGURES = [
  'capacity',
  'dimension',
  'radius',
  'utility',
  'centerAlignment',
  'centerAlignmentCosine',
  'axisAlignment',
  'axisAlignmentCosine',
  'centerAxisAlignment',
  'centerAxisAlignmentCosine',
] as const;
export type GlueFigure = (typeof GLUE_FIGURES)[number];
export type GlueFigures = Record<GlueFigure, number>;

export interface GlueGeometry extends GlueFigures {
  /** Standard errors over t and y alone, with the points held fixed. */
  standardErrors: GlueFigures;
  /** One value for each sample: a, b and c of arXiv 2603.01879, B.3. */
  perSample: { a: Float64Array; b: Float64Array; c: Float64Array };
  /** Share of samples with v = 0 whose labeling no plane through the origin separates: their anchors are not unique. */
  inseparableShare: number;
  /** Directions that the points span, of `dimensions`. */
  rank: number;
  dimensions: number;
  /** Manifolds per dimension, P / N: capacity is never below that, since a <= |t|^2. */
  lowestCapacity: number;
  samples: number;
  /** Largest violation of the optimum's Karush-Kuhn-Tucker conditions over the samples, relative to |t|. */
  worstViolation: number;
}

/** Eigenvalues below this share of the largest are dropped from pseudo-inverses. */
const SMALLEST_EIGENVALUE = 1e-10;

/** Batches behind the errors of figures that depend on the mean anchors, which all samples share. */
const BATCHES = 10;
/** Minimum number of samples in a batch for mean anchors. */
const FEWEST_IN_BATCH = 4;
/** Figures whose errors include those of the mean anchors; the errors of the others follow from the samples' values. */
const BATCHED = GLUE_FIGURES.filter((name) => name !== 'capacity' && name !== 'dimension');

/**
 * The figures of solved samples. Yields the fraction done.
 * @param options.errors whether standard errors are needed; without, they are those of the samples' own values.
 */
export function* summarizeGlueSteps(
  span: GlueSpan,
  samples: GlueSamples,
  { errors = true }: { errors?: boolean } = {},
): Steps<number, GlueGeometry> {
  return finishGlue(span, samples, [yield* glueSummarySteps(span, samples, { errors })]);
}

/** One thread's part of the figures, as plain data for workers; `finishGlue` joins the parts. */
export interface GlueSummaryPart {
  range: Range;
  /** Figures of this part's batches, in order. */
  batches: GlueFigures[];
}

/**
 * Part number `part` of `parts` of the figures: its share of the samples, around the mean anchors of all, and its share of the
 * batches. Yields the fraction done.
 */
export function* glueSummarySteps(
  span: GlueSpan,
  samples: GlueSamples,
  { errors = true, part = 0, parts = 1 }: { errors?: boolean; part?: number; parts?: number } = {},
): Steps<number, GlueSummaryPart> {
  const count = samples.a.length;
  const anchors = new Anchors(span, samples);
  const isBatched = errors && count >= BATCHES * FEWEST_IN_BATCH;
  const share = isBatched ? 0.5 : 1;
  const edges = (of: number, i: number, pieces: number) => Math.floor((i * of) / pieces);
  const own = [edges(count, part, parts), edges(count, part + 1, parts)] as const;
  const range = yield* mapProgress(
    rangeSteps(span, samples, anchors, [0, count], own),
    (fraction) => share * fraction,
  );
  const batches: GlueFigures[] = [];
  const [first, end] = isBatched ? [edges(BATCHES, part, parts), edges(BATCHES, part + 1, parts)] : [0, 0];
  for (let i = first; i < end; i++) {
    const batch = yield* mapProgress(
      rangeSteps(span, samples, anchors, [edges(count, i, BATCHES), edges(count, i + 1, BATCHES)]),
      (fraction) => 0.5 + (0.5 * (i - first + fraction)) / (end - first),
    );
    batches.push(meansOf(batch, span.sizes.length).figures);
  }
  return { range, batches };
}

/** The figures of all samples from their parts, in order: the same bits for any number of parts. */
export function finishGlue(
  span: GlueSpan,
  samples: GlueSamples,
  parts: readonly GlueSummaryPart[],
): GlueGeometry {
  const count = samples.a.length;
  const join = (of: (range: Range) => Float64Array) =>
    Float64Array.from(parts.flatMap(({ range }) => [...of(range)]));
  const whole: Range = {
    centers: parts[0].range.centers,
    alignments: parts.flatMap(({ range }) => range.alignments),
    perSample: {
      a: join(({ perSample }) => perSample.a),
      b: join(({ perSample }) => perSample.b),
      c: join(({ perSample }) => perSample.c),
    },
  };
  const { figures, standardErrors } = meansOf(whole, span.sizes.length);
  const batches = parts.flatMap((part) => part.batches);
  if (batches.length > 0) {
    for (const name of BATCHED) standardErrors[name] = errorOf(batches.map((one) => one[name]));
    standardErrors.radius = radiusError(figures.radius, errorOf(batches.map(({ radius }) => radius ** -2)));
  }
  return {
    ...figures,
    standardErrors,
    perSample: whole.perSample,
    inseparableShare: samples.isInseparable.reduce((sum, one) => sum + one, 0) / count,
    rank: span.points.columns,
    dimensions: span.dimensions,
    lowestCapacity: span.sizes.length / span.dimensions,
    samples: count,
    worstViolation: samples.violations.reduce((worst, one) => Math.max(worst, one), 0),
  };
}

/**
 * The radius' error from that of radius^-2 = E[b - c] / E[c]: the noise of mean anchors of few samples adds to radius^-2 as a
 * constant, but caps large radii and their spread.
 */
function radiusError(radius: number, inverseSquareError: number): number {
  return Number.isFinite(radius) ? (radius ** 3 / 2) * inverseSquareError : Number.POSITIVE_INFINITY;
}

/** The means from which the figures of some samples are computed. */
interface Range {
  perSample: GlueGeometry['perSample'];
  alignments: Alignments[];
  /** S0 S0^T, [P, P]. */
  centers: Matrix;
}

/**
 * Samples `own` of a range, around the mean anchors of the whole range. Yields the fraction done.
 * @param own default: all samples of the range.
 */
function* rangeSteps(
  span: GlueSpan,
  samples: GlueSamples,
  anchors: Anchors,
  [from, to]: readonly [number, number],
  [ownFrom, ownTo]: readonly [number, number] = [from, to],
): Steps<number, Range> {
  const count = to - from;
  const manifolds = span.sizes.length;
  const mean = zeros(manifolds, span.points.columns);
  for (let k = 0; k < count; k++) {
    anchors.addTo(mean.data, from + k, 1 / count);
    if (k % 64 === 63) yield (0.3 * k) / count;
  }
  const centers = productsOf(mean, mean);
  const pairs = new Pairs(centers, manifolds);
  const own = ownTo - ownFrom;
  const perSample = {
    a: samples.a.slice(ownFrom, ownTo),
    b: new Float64Array(own),
    c: new Float64Array(own),
  };
  const alignments: Alignments[] = [];
  for (let k = 0; k < own; k++) {
    const axes = anchors.axesOf(ownFrom + k, mean);
    const t = {
      data: samples.tVectors.data.subarray((ownFrom + k) * mean.columns),
      rows: 1,
      columns: mean.columns,
    };
    const axisProducts = productsOf(axes, axes);
    const reach = productsOf(axes, t).data;
    perSample.b[k] = inverseForm(axisProducts, reach);
    perSample.c[k] = inverseForm(sumOf(axisProducts, centers), reach);
    alignments.push(pairs.align(axisProducts, productsOf(mean, axes)));
    yield 0.3 + (0.7 * (k + 1)) / own;
  }
  return { perSample, alignments, centers };
}

/** The samples' anchors, made of their points on demand, because all at once would take much memory. */
class Anchors {
  private readonly span: GlueSpan;
  private readonly samples: GlueSamples;
  private readonly manifoldOf: Int32Array;
  private readonly axes: Matrix;

  constructor(span: GlueSpan, samples: GlueSamples) {
    this.span = span;
    this.samples = samples;
    this.manifoldOf = Int32Array.from(span.sizes.flatMap((size, m) => Array.from({ length: size }, () => m)));
    this.axes = zeros(span.sizes.length, span.points.columns);
  }

  /** Adds sample k's anchors, times `scale`, to [P, rank]. */
  addTo(target: Float64Array, k: number, scale: number): void {
    const { points } = this.span;
    const { starts, support, weights } = this.samples;
    const { columns } = points;
    for (let i = starts[k]; i < starts[k + 1]; i++) {
      const from = support[i] * columns;
      const to = this.manifoldOf[support[i]] * columns;
      const weight = scale * weights[i];
      for (let j = 0; j < columns; j++) target[to + j] += weight * points.data[from + j];
    }
  }

  /** S1 = S - S0 of sample k, a view that the next call overwrites. */
  axesOf(k: number, mean: Matrix): Matrix {
    const { axes } = this;
    for (let i = 0; i < axes.data.length; i++) axes.data[i] = -mean.data[i];
    this.addTo(axes.data, k, 1);
    return axes;
  }
}

/** A sample's contribution to the alignments: values whose means over samples are the figures, or their influence. */
interface Alignments {
  axis: number;
  axisCosine: number;
  centerAxis: number;
  centerAxisCosine: number;
  /** Influence of the sample on the center alignment, and on its cosine: their means are zero. */
  centerInfluence: number;
  centerCosineInfluence: number;
}

/** Pairs of different manifolds. */
class Pairs {
  /** S0 S0^T, [P, P]. */
  readonly centers: Matrix;
  private readonly count: number;

  constructor(centers: Matrix, count: number) {
    this.centers = centers;
    this.count = count;
  }

  /** Mean of `of` over ordered pairs of different manifolds. */
  mean(of: (m: number, n: number) => number): number {
    const { count } = this;
    let sum = 0;
    for (let m = 0; m < count; m++) for (let n = 0; n < count; n++) if (m !== n) sum += of(m, n);
    return count > 1 ? sum / (count * (count - 1)) : 0;
  }

  /** @param axes S1 S1^T and `crossed` S0 S1^T of one sample. */
  align(axes: Matrix, crossed: Matrix): Alignments {
    const { centers, count } = this;
    const at = ({ data }: Matrix, m: number, n: number) => data[m * count + n];
    const centerSize = Float64Array.from({ length: count }, (_, m) => Math.sqrt(at(centers, m, m)));
    const axisSize = Float64Array.from({ length: count }, (_, m) => Math.sqrt(at(axes, m, m)));
    const moved = (m: number, n: number) => at(crossed, n, m) + at(crossed, m, n);
    return {
      axis: this.mean((m, n) => Math.abs(at(axes, m, n))),
      axisCosine: this.mean((m, n) => Math.abs(ratio(at(axes, m, n), axisSize[m] * axisSize[n]))),
      centerAxis: this.mean((m, n) => Math.abs(at(crossed, m, n))),
      centerAxisCosine: this.mean((m, n) => Math.abs(ratio(at(crossed, m, n), centerSize[m] * axisSize[n]))),
      centerInfluence: this.mean((m, n) => Math.sign(at(centers, m, n)) * moved(m, n)),
      centerCosineInfluence: this.mean((m, n) => {
        const cosine = ratio(at(centers, m, n), centerSize[m] * centerSize[n]);
        const shrink =
          ratio(at(crossed, m, m), at(centers, m, m)) + ratio(at(crossed, n, n), at(centers, n, n));
        return Math.sign(cosine) * (ratio(moved(m, n), centerSize[m] * centerSize[n]) - cosine * shrink);
      }),
    };
  }

  centerAlignment(): number {
    return this.mean((m, n) => Math.abs(this.centers.data[m * this.count + n]));
  }

  centerAlignmentCosine(): number {
    const { data } = this.centers;
    const { count } = this;
    return this.mean((m, n) =>
      Math.abs(ratio(data[m * count + n], Math.sqrt(data[m * count + m] * data[n * count + n]))),
    );
  }
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);

/** Figures from means over samples, and their standard errors by the delta method. */
function meansOf(
  { perSample: { a, b, c }, alignments, centers }: Range,
  manifolds: number,
): { figures: GlueFigures; standardErrors: GlueFigures } {
  const pairs = new Pairs(centers, manifolds);
  const [meanA, meanB, meanC] = [a, b, c].map((values) => meanOf(values));
  const difference = meanB - meanC;
  const radius = Math.sqrt(meanC / difference);
  const utility = meanC / meanA;
  const capacity = manifolds / meanA;
  const over = (of: (one: Alignments) => number) => alignments.map(of);
  return {
    figures: {
      capacity,
      dimension: meanB / manifolds,
      radius,
      utility,
      centerAlignment: pairs.centerAlignment(),
      centerAlignmentCosine: pairs.centerAlignmentCosine(),
      axisAlignment: meanOf(over(({ axis }) => axis)),
      axisAlignmentCosine: meanOf(over(({ axisCosine }) => axisCosine)),
      centerAxisAlignment: meanOf(over(({ centerAxis }) => centerAxis)),
      centerAxisAlignmentCosine: meanOf(over(({ centerAxisCosine }) => centerAxisCosine)),
    },
    standardErrors: {
      capacity: (capacity / meanA) * errorOf(a),
      dimension: errorOf(b) / manifolds,
      // d(radius^2) = dc / (b - c) - c d(b - c) / (b - c)^2
      radius:
        errorOf(c.map((value, k) => (value - radius ** 2 * (b[k] - value)) / difference)) / (2 * radius),
      utility: errorOf(c.map((value, k) => (value - utility * a[k]) / meanA)),
      centerAlignment: errorOf(over(({ centerInfluence }) => centerInfluence)),
      centerAlignmentCosine: errorOf(over(({ centerCosineInfluence }) => centerCosineInfluence)),
      axisAlignment: errorOf(over(({ axis }) => axis)),
      axisAlignmentCosine: errorOf(over(({ axisCosine }) => axisCosine)),
      centerAxisAlignment: errorOf(over(({ centerAxis }) => centerAxis)),
      centerAxisAlignmentCosine: errorOf(over(({ centerAxisCosine }) => centerAxisCosine)),
    },
  };
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Standard error of the mean; 0 for a single value. */
function errorOf(values: ArrayLike<number>): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** Inner products of a's rows with b's rows; of a's rows with each other, every pair is computed once. */
function productsOf(a: Matrix, b: Matrix): Matrix {
  const result = zeros(a.rows, b.rows);
  const { data } = result;
  for (let m = 0; m < a.rows; m++) {
    for (let n = 0; n < b.rows; n++) {
      data[m * b.rows + n] =
        a === b && n < m
          ? data[n * b.rows + m]
          : dot(a.data, m * a.columns, b.data, n * b.columns, a.columns);
    }
  }
  return result;
}

function sumOf(a: Matrix, b: Matrix): Matrix {
  return { ...a, data: a.data.map((value, i) => value + b.data[i]) };
}

/** x^T M^+ x of a symmetric, positive semidefinite M. */
function inverseForm(matrix: Matrix, x: Float64Array): number {
  const { values, vectors } = symmetricEigen(matrix);
  const smallest = SMALLEST_EIGENVALUE * values[0];
  let sum = 0;
  for (let i = 0; i < values.length && values[i] > smallest; i++) {
    sum += dot(vectors.data, i * x.length, x, 0, x.length) ** 2 / values[i];
  }
  return sum;
}
