import { dot } from '../linear/dot.ts';
import type { Matrix } from '../linear/matrix.ts';
import { mapProgress, type Steps } from '../linear/steps.ts';
import { randomStream } from './gaussian.ts';
import { GlueCone } from './glueCone.ts';
import { drawLabeling, type Ensemble } from './glueLabelings.ts';
import type { GlueSpan } from './glueSpan.ts';

/** The source of t and y: given values, or else a seed. */
export interface GlueDraws {
  seed: number;
  ensemble: Ensemble;
  /** In the span's coordinates, [samples, rank]. */
  tVectors?: Matrix;
  /** [P], or [samples, P]. */
  labels?: Int8Array;
}

/** Solved samples, as plain data for workers. */
export interface GlueSamples {
  /** In the span's coordinates, [samples, rank]. */
  tVectors: Matrix;
  /** |G^T lambda|^2 of each sample. */
  a: Float64Array;
  /** 1 if the labeling is inseparable, so that the anchors are not unique. */
  isInseparable: Uint8Array;
  /** Largest violation of the conditions of the optimum, relative to |t|. */
  violations: Float64Array;
  /** Sample k's anchors have the entries from starts[k] to starts[k + 1]; [samples + 1]. */
  starts: Int32Array;
  /** Points in the anchors. */
  support: Int32Array;
  /** Their weights; within a sample and a manifold they add up to 1. */
  weights: Float64Array;
}

/** Consecutive samples, of which `from` is the first. */
export interface GluePiece {
  from: number;
  samples: GlueSamples;
}

/** The samples that a thread solves: a fixed range, or whatever is left when it asks. */
export type GlueWork =
  | { from: number; to: number }
  /** `next`: number of the first sample that no thread has taken yet, in memory that the threads share. */
  | { next: Int32Array; samples: number };

/** Samples that a thread takes at a time: few, so that all threads end together. */
const PIECE = 2;

/**
 * Solves the samples from `from` to `to`. A sample depends only on its number and the draws, so that samples can be spread
 * over workers. Yields the fraction done after each sample.
 */
export function glueSamplesSteps(
  span: GlueSpan,
  draws: GlueDraws,
  range: { from: number; to: number },
): Steps<number, GlueSamples> {
  return rangeSteps(span, draws, new GlueCone(span.points, span.sizes), range);
}

/**
 * Solves one thread's samples. Yields the fraction done: of the range, or of all samples, whichever thread took them.
 */
export function* glueWorkSteps(span: GlueSpan, draws: GlueDraws, work: GlueWork): Steps<number, GluePiece[]> {
  if ('from' in work) return [{ from: work.from, samples: yield* glueSamplesSteps(span, draws, work) }];
  const { next, samples } = work;
  const pieces: GluePiece[] = [];
  let cone: GlueCone | undefined;
  for (;;) {
    const from = Atomics.add(next, 0, PIECE);
    if (from >= samples) return pieces;
    cone ??= new GlueCone(span.points, span.sizes);
    const to = Math.min(samples, from + PIECE);
    const steps = rangeSteps(span, draws, cone, { from, to });
    const done = (part: number) => (from + part * (to - from)) / samples;
    pieces.push({ from, samples: yield* mapProgress(steps, done) });
  }
}

function* rangeSteps(
  span: GlueSpan,
  draws: GlueDraws,
  cone: GlueCone,
  { from, to }: { from: number; to: number },
): Steps<number, GlueSamples> {
  const { points, sizes } = span;
  const rank = points.columns;
  const anchors = new AnchorWeights(sizes, cone.lengths);
  const count = to - from;
  const tVectors: Matrix = { data: new Float64Array(count * rank), rows: count, columns: rank };
  const a = new Float64Array(count);
  const isInseparable = new Uint8Array(count);
  const violations = new Float64Array(count);
  const labels = new Int8Array(sizes.length);
  for (let k = 0; k < count; k++) {
    const t = tVectors.data.subarray(k * rank, (k + 1) * rank);
    drawSample(t, labels, span, draws, from + k);
    const { projection, squared, isSeparable, violation } = cone.solve(t, 0, labels);
    a[k] = squared;
    isInseparable[k] = isSeparable ? 0 : 1;
    violations[k] = violation;
    anchors.add(projection);
    yield (k + 1) / count;
  }
  return { tVectors, a, isInseparable, violations, ...anchors.result() };
}

/** Sample number `index`: t in the span's coordinates, and y. */
function drawSample(
  t: Float64Array,
  y: Int8Array,
  { basis }: GlueSpan,
  { seed, ensemble, tVectors, labels }: GlueDraws,
  index: number,
): void {
  if (tVectors) t.set(tVectors.data.subarray(index * t.length, (index + 1) * t.length));
  else drawT(t, basis, seed, index);
  if (!labels) drawLabeling(y, ensemble, randomStream(seed, 2 * index + 1));
  else if (labels.length === y.length) y.set(labels);
  else y.set(labels.subarray(index * y.length, (index + 1) * y.length));
}

function drawT(t: Float64Array, basis: Matrix, seed: number, index: number): void {
  const random = randomStream(seed, 2 * index);
  const { data, columns } = basis;
  const normal = Float64Array.from({ length: columns }, () => random.normal());
  for (let r = 0; r < t.length; r++) t[r] = dot(data, r * columns, normal, 0, columns);
}

/** Collects the anchors of many samples: an anchor is the mean of its manifold's points, weighted by the multipliers. */
class AnchorWeights {
  private readonly manifoldOf: number[];
  private readonly lengths: Float64Array;
  private readonly totals: Float64Array;
  private readonly starts = [0];
  private readonly support: number[] = [];
  private readonly weights: number[] = [];

  constructor(sizes: readonly number[], lengths: Float64Array) {
    this.manifoldOf = sizes.flatMap((size, m) => Array.from({ length: size }, () => m));
    this.lengths = lengths;
    this.totals = new Float64Array(sizes.length);
  }

  add({
    size,
    support,
    multipliers,
  }: {
    size: number;
    support: Int32Array;
    multipliers: Float64Array;
  }): void {
    const { totals, manifoldOf, lengths } = this;
    totals.fill(0);
    // The rows were scaled to length 1, so divide each multiplier by the point's length.
    for (let i = 0; i < size; i++) totals[manifoldOf[support[i]]] += multipliers[i] / lengths[support[i]];
    for (let i = 0; i < size; i++) {
      const point = support[i];
      const total = totals[manifoldOf[point]];
      if (!(total > 0)) continue;
      this.support.push(point);
      this.weights.push(multipliers[i] / lengths[point] / total);
    }
    this.starts.push(this.support.length);
  }

  result(): Pick<GlueSamples, 'starts' | 'support' | 'weights'> {
    return {
      starts: Int32Array.from(this.starts),
      support: Int32Array.from(this.support),
      weights: Float64Array.from(this.weights),
    };
  }
}

/** Joins the pieces of all threads, as if one thread had solved all samples. */
export function joinPieces(pieces: readonly GluePiece[]): GlueSamples {
  return joinSamples([...pieces].sort((a, b) => a.from - b.from).map(({ samples }) => samples));
}

/** Joins consecutive parts, as if they had been solved at once. */
export function joinSamples(parts: readonly GlueSamples[]): GlueSamples {
  const whole = (of: (part: GlueSamples) => Float64Array): Float64Array => {
    const result = new Float64Array(parts.reduce((sum, part) => sum + of(part).length, 0));
    let offset = 0;
    for (const part of parts) {
      result.set(of(part), offset);
      offset += of(part).length;
    }
    return result;
  };
  const starts = [0];
  for (const part of parts) {
    const first = starts[starts.length - 1];
    for (const start of part.starts.subarray(1)) starts.push(first + start);
  }
  const { columns } = parts[0].tVectors;
  const t = whole(({ tVectors }) => tVectors.data);
  return {
    tVectors: { data: t, rows: t.length / columns, columns },
    a: whole(({ a }) => a),
    isInseparable: Uint8Array.from(parts.flatMap((part) => [...part.isInseparable])),
    violations: whole(({ violations }) => violations),
    starts: Int32Array.from(starts),
    support: Int32Array.from(parts.flatMap((part) => [...part.support])),
    weights: whole(({ weights }) => weights),
  };
}
