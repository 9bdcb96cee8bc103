import { CallError } from '../callError.ts';
import { assertFiniteRows } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import { drain, mapProgress, type Steps } from '../linear/steps.ts';
import { type Manifold, manifoldName } from './centers.ts';
import { assertLabels, ENSEMBLES, type Ensemble } from './glueLabelings.ts';
import { type GlueDraws, glueSamplesSteps } from './glueSamples.ts';
import { type GlueSpan, glueSpanSteps, ontoSpan } from './glueSpan.ts';
import { type GlueGeometry, summarizeGlueSteps } from './glueSummary.ts';

export interface GlueOptions {
  /** Given t-vectors, [samples, N]: one row per sample, in the points' own coordinates. Default: drawn from the seed. */
  tVectors?: Matrix;
  /** Given labels of -1 and +1: one labeling [P] for all samples, or [samples x P]. Default: drawn from the seed. */
  labels?: Int8Array;
  /** The distribution of labelings. Default `uniform`. */
  ensemble?: Ensemble;
  /** Pairs of t and y. Default 300, or one for each given t-vector or labeling. */
  samples?: number;
  /** Seed of t and y. Sample k does not depend on the number of samples. */
  seed?: number;
  /** Whether to subtract the mean of all points first. Default true. */
  center?: boolean;
  /** The manifolds' names, for error messages. */
  names?: readonly string[];
}

/** Options with their defaults, checked. */
interface CheckedGlue {
  samples: number;
  seed: number;
  ensemble: Ensemble;
  center: boolean;
}

const caller = 'glueGeometry';

/**
 * GLUE: capacity, dimension, radius, utility and alignments of manifolds for random labelings (Chou et al., bioRxiv
 * 10.1101/2024.02.26.582157; forms of arXiv 2603.01879, B.3). Capacity is P / E[a], where a is the squared distance from a
 * Gaussian t to the vectors v with y_mu z . v <= 0 for every point z of every manifold mu. All figures hold for the label
 * ensemble and the centering asked for; with few points the dimension is a lower bound. Inputs are not modified; the same
 * seed gives the same figures.
 *
 * @param manifolds one matrix per manifold, one row per point; float64 or float32, all of the same width.
 * @param onProgress called with the fraction done every few milliseconds; an exception ends the analysis.
 * @throws for fewer than two manifolds, empty ones, unequal widths, values that are not finite, points that all coincide,
 *   and options out of their range.
 */
export function glueGeometry(
  manifolds: readonly Manifold[],
  options: GlueOptions = {},
  onProgress?: (fraction: number) => void,
): GlueGeometry {
  return drain(glueGeometrySteps(manifolds, options), onProgress);
}

/**
 * `glueGeometry` in steps of a few milliseconds, which yield the fraction done: a worker can yield between steps, and
 * cancels by stopping. To spread one analysis over workers use its parts: `glueSpanSteps`, `glueWorkSteps` on each
 * worker, `joinPieces`, `glueSummarySteps` on each worker, and `finishGlue`.
 */
export function* glueGeometrySteps(
  manifolds: readonly Manifold[],
  options: GlueOptions = {},
): Steps<number, GlueGeometry> {
  const checked = checkGlue(manifolds, options);
  const span = yield* mapProgress(glueSpanSteps(manifolds, checked.center), (part) => 0.1 * part);
  const draws = drawsOf(manifolds, span, checked, options);
  const samples = yield* mapProgress(
    glueSamplesSteps(span, draws, { from: 0, to: checked.samples }),
    (part) => 0.1 + 0.8 * part,
  );
  return yield* mapProgress(summarizeGlueSteps(span, samples), (part) => 0.9 + 0.1 * part);
}

function drawsOf(
  manifolds: readonly Manifold[],
  span: GlueSpan,
  { seed, ensemble, center }: CheckedGlue,
  { tVectors, labels }: GlueOptions,
): GlueDraws {
  const given = tVectors && ontoSpan(tVectors, span, manifolds, center);
  return { seed, ensemble, tVectors: given, labels };
}

/** Fills in defaults. @throws an Error that names the invalid manifold or option. */
function checkGlue(
  manifolds: readonly Manifold[],
  { tVectors, labels, ensemble = 'uniform', samples, seed = 0, center = true, names }: GlueOptions,
): CheckedGlue {
  assertManifolds(manifolds, names);
  const width = manifolds[0].columns;
  const rows = (labels?.length ?? 0) / manifolds.length;
  const count = samples ?? tVectors?.rows ?? (rows > 1 ? rows : 300);
  if (!Number.isInteger(count) || count < 1) {
    throw new CallError(caller, `expected at least one sample, found ${count}`);
  }
  if (!ENSEMBLES.includes(ensemble)) {
    throw new CallError(caller, `expected an ensemble among ${ENSEMBLES.join(', ')}, found "${ensemble}"`);
  }
  if (labels) assertLabels(labels, manifolds.length, count);
  if (tVectors) {
    assertFiniteRows(tVectors, caller, 't-vectors');
    if (tVectors.columns !== width || tVectors.rows < count) {
      throw new CallError(
        caller,
        `expected t-vectors of ${count} x ${width}, found ${tVectors.rows} x ${tVectors.columns}`,
      );
    }
  }
  return { samples: count, seed, ensemble, center };
}

function assertManifolds(manifolds: readonly Manifold[], names?: readonly string[]): void {
  if (manifolds.length < 2) {
    throw new CallError(caller, `expected at least two manifolds, found ${manifolds.length}`);
  }
  const width = manifolds[0].columns;
  for (const [index, manifold] of manifolds.entries()) {
    assertFiniteRows(manifold, caller, manifoldName(index, names));
    if (manifold.columns !== width) {
      throw new CallError(
        caller,
        `expected ${width} values per point in ${manifoldName(index, names)}, found ${manifold.columns}`,
      );
    }
  }
}
