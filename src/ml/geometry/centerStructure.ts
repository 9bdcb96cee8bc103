import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { minimize } from '../linear/quasiNewton.ts';
import { jacobiEigen } from '../linear/symmetricEigen.ts';
import { CorrelationCost } from './correlationCost.ts';
import { type RandomStream, randomStream } from './gaussian.ts';

/** A solution of ours is admissible if it leaves every center at least this share of its norm. */
const SMALLEST_NORM_RATIO = 0.05;
/** A restart that has nearly removed a center is heading for a singular point: it is not followed further. */
const HOPELESS_NORM_RATIO = 0.01;

/** Which of several local minima is taken: the lowest cost (ours), or the reference's largest smallest residual norm. */
export type CenterRule = 'lowestCost' | 'reference';

export interface CenterOptions {
  seed?: number;
  /** Random starts per rank: 40, by the reference's rule 10. Ours takes a quarter from rank 3 on. */
  restarts?: number;
  rule?: CenterRule;
  /** `weights` of an earlier moment's `candidates`: further starts, so that curves over a run do not jump. */
  warmStart?: readonly Matrix[];
}

/** The best directions found for one rank. */
export interface CenterCandidate {
  rank: number;
  /** Half the sum of squared cosines between residual centers, the diagonal included. */
  cost: number;
  /** Mean |cosine| between residual centers; the rank with the smallest is removed. */
  meanAbsoluteCosine: number;
  /** Smallest share of a center's norm that is left. */
  smallestNormRatio: number;
  /** Orthonormal direction k is the sum of weights[k, m] times centered center m: [rank, centers]. */
  weights: Matrix;
}

/** The low-rank structure of the class centers. */
export interface CenterStructure {
  /** Directions to remove; 0 where no admissible removal exists (three centers or fewer). */
  rank: number;
  /** Mean |cosine| between centered centers before the removal. */
  correlation: number;
  /** One per rank tried that has an admissible solution. */
  candidates: CenterCandidate[];
}

/**
 * Finds the low-rank structure of class centers: for each rank the directions in their span that minimize the squared
 * cosines between what is left, then the rank with the smallest mean |cosine| (Cohen et al. 2020; the reference's
 * `fun_FA`). Ranks end when the mean |cosine| rose three times in a row past rank 4, as there.
 * Yields the rank finished, so that a caller can cancel.
 * @param gram inner products of the centered centers, [m, m].
 */
export function* centerStructureSteps(
  gram: Matrix,
  {
    seed = 0,
    rule = 'lowestCost',
    restarts = rule === 'reference' ? 10 : 40,
    warmStart = [],
  }: CenterOptions = {},
): Generator<number, CenterStructure, void> {
  const { coordinates, toWeights, spectrum } = centerCoordinates(gram);
  const dimension = coordinates.columns;
  // Two dimensions must be left: in one, all cosines are 1 or -1 and say nothing.
  const highest = Math.min(highestRank(spectrum), dimension - 2);
  const random = randomStream(seed, -1);
  const candidates: CenterCandidate[] = [];
  const cosines: number[] = [];
  for (let rank = 1; rank <= highest; rank++) {
    const cost = new CorrelationCost(coordinates, rank);
    const count = rank <= 2 || rule === 'reference' ? restarts : Math.ceil(restarts / 4);
    const starts = startingPoints(rank, count, coordinates, warmStart, random);
    const best = bestOfStarts(cost, starts, rule);
    if (best) {
      const weights = multiply({ data: best.directions, rows: rank, columns: dimension }, toWeights);
      const { meanAbsoluteCosine, smallestNormRatio } = best;
      candidates.push({ rank, cost: best.cost, meanAbsoluteCosine, smallestNormRatio, weights });
    }
    cosines.push(best ? best.meanAbsoluteCosine : 1);
    yield rank;
    const [d, c, b, a] = cosines.slice(-4);
    if (rank > 4 && a > b && b > c && c > d) break;
  }
  const chosen = candidates.reduce<CenterCandidate | undefined>(
    (best, next) => (best && best.meanAbsoluteCosine <= next.meanAbsoluteCosine ? best : next),
    undefined,
  );
  return { rank: chosen?.rank ?? 0, correlation: meanCosine(gram), candidates };
}

/** `centerStructureSteps` in one go. */
export function centerStructure(gram: Matrix, options: CenterOptions = {}): CenterStructure {
  const steps = centerStructureSteps(gram, options);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Centers in an orthonormal basis of their span, from inner products alone. */
function centerCoordinates(gram: Matrix): { coordinates: Matrix; toWeights: Matrix; spectrum: Float64Array } {
  const count = gram.rows;
  const { values, vectors } = jacobiEigen(gram);
  // Centered centers span at most count - 1 dimensions; smaller eigenvalues are rounding.
  let dimension = 0;
  while (dimension < count - 1 && values[dimension] > 1e-11 * values[0]) dimension++;
  const coordinates = zeros(count, dimension);
  const toWeights = zeros(dimension, count);
  for (let k = 0; k < dimension; k++) {
    const scale = Math.sqrt(values[k]);
    for (let m = 0; m < count; m++) {
      coordinates.data[m * dimension + k] = scale * vectors.data[k * count + m];
      toWeights.data[k * count + m] = vectors.data[k * count + m] / scale;
    }
  }
  return { coordinates, toWeights, spectrum: values };
}

/** The reference's limit: ten more than the components below 95 % of the centers' variance. */
function highestRank(spectrum: Float64Array): number {
  const total = spectrum.reduce((sum, value) => sum + Math.max(value, 0), 0);
  let sum = 0;
  let below = 0;
  for (const value of spectrum) {
    sum += value;
    if (sum < 0.95 * total) below++;
  }
  return Math.max(below, 1) + 10;
}

/** Random points, and the span of an earlier moment's directions of the same rank. */
function startingPoints(
  rank: number,
  count: number,
  coordinates: Matrix,
  warmStart: readonly Matrix[],
  random: RandomStream,
): Float64Array[] {
  const size = rank * coordinates.columns;
  const starts: Float64Array[] = [];
  for (const weights of warmStart) {
    if (weights.rows === rank && weights.columns === coordinates.rows) {
      starts.push(multiply(weights, coordinates).data);
    }
  }
  for (let i = 0; i < count; i++) {
    const start = new Float64Array(size);
    for (let k = 0; k < size; k++) start[k] = random.normal();
    starts.push(start);
  }
  return starts;
}

interface Solution {
  directions: Float64Array;
  cost: number;
  meanAbsoluteCosine: number;
  smallestNormRatio: number;
}

function bestOfStarts(
  cost: CorrelationCost,
  starts: readonly Float64Array[],
  rule: CenterRule,
): Solution | undefined {
  let best: Solution | undefined;
  for (const start of starts) {
    if (Number.isNaN(cost.evaluate(start))) continue;
    const point = cost.basis();
    minimize((at, gradient) => cost.evaluate(at, gradient), point, {
      abandon: () => cost.smallestNormRatio() < HOPELESS_NORM_RATIO,
    });
    const value = cost.evaluate(point);
    const smallestNormRatio = cost.smallestNormRatio();
    if (!Number.isFinite(value) || (rule === 'lowestCost' && smallestNormRatio < SMALLEST_NORM_RATIO))
      continue;
    const better =
      !best ||
      (rule === 'lowestCost'
        ? value < best.cost - 1e-12 * best.cost
        : smallestNormRatio > best.smallestNormRatio);
    if (better) {
      const meanAbsoluteCosine = cost.meanAbsoluteCosine();
      best = { directions: cost.basis(), cost: value, meanAbsoluteCosine, smallestNormRatio };
    }
  }
  return best;
}

function meanCosine(gram: Matrix): number {
  const count = gram.rows;
  let sum = 0;
  for (let m = 0; m < count; m++) {
    for (let n = 0; n < m; n++) {
      const scale = Math.sqrt(gram.data[m * count + m] * gram.data[n * count + n]);
      sum += Math.min(1, Math.abs(gram.data[m * count + n]) / scale);
    }
  }
  return count > 1 ? (2 * sum) / (count * (count - 1)) : 0;
}

/** The matrix product a b. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const product = zeros(a.rows, b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const value = a.data[i * a.columns + k];
      for (let j = 0; j < b.columns; j++) {
        product.data[i * b.columns + j] += value * b.data[k * b.columns + j];
      }
    }
  }
  return product;
}
