import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { minimize } from '../linear/quasiNewton.ts';
import { drain } from '../linear/steps.ts';
import { jacobiEigen } from '../linear/symmetricEigen.ts';
import { CorrelationCost } from './correlationCost.ts';
import { type RandomStream, randomStream } from './gaussian.ts';

/** A solution is admissible if every center keeps at least this share of its norm. */
const SMALLEST_NORM_RATIO = 0.05;
/** A restart that has nearly removed a center is approaching a singular point and is abandoned. */
const HOPELESS_NORM_RATIO = 0.01;

/**
 * Rule for choosing among local minima: the lowest cost (ours), or the largest smallest residual norm (the reference's).
 */
export type CenterRule = 'lowestCost' | 'reference';

export const CENTER_RULES = ['lowestCost', 'reference'] as const satisfies readonly CenterRule[];

/** Default maximum number of random starts per rank. */
export const DEFAULT_RESTARTS: Readonly<Record<CenterRule, number>> = { lowestCost: 40, reference: 10 };
/**
 * The search ends when a fourth of the starts have been made and this many reached the lowest cost. Without the first
 * condition, a minimum that attracts 40 % of the starts would be mistaken for the lowest in 6 of 100 cases.
 */
export const ENOUGH_FINDS = 3;

export interface CenterOptions {
  seed?: number;
  /**
   * Maximum number of random starts per rank; default `DEFAULT_RESTARTS`. The reference's rule always makes all of them.
   */
  restarts?: number;
  rule?: CenterRule;
  /** `weights` of an earlier moment's `candidates`: further starts, so that curves over a run do not jump. */
  warmStart?: readonly Matrix[];
}

/** The best directions found for one rank. */
interface CenterCandidate {
  rank: number;
  /** Half the sum of squared cosines between residual centers, the diagonal included. */
  cost: number;
  /** Mean |cosine| between residual centers; the rank with the smallest is removed. */
  meanAbsoluteCosine: number;
  /** Smallest remaining share of a center's norm. */
  smallestNormRatio: number;
  /** Starts made, and how many reached this cost. With fewer than `ENOUGH_FINDS`, other seeds may reach another minimum. */
  starts: number;
  finds: number;
  /** Orthonormal direction k is the sum of weights[k, m] times centered center m: [rank, centers]. */
  weights: Matrix;
}

/** The low-rank structure of the class centers. */
export interface CenterStructure {
  /** Number of directions to remove; 0 if no removal is admissible (three centers or fewer). */
  rank: number;
  /** Mean |cosine| between centered centers before the removal. */
  correlation: number;
  /** One per rank tried that has an admissible solution. */
  candidates: CenterCandidate[];
}

/**
 * Finds the low-rank structure of class centers: for each rank the directions in their span that minimize the squared
 * cosines between the centers' remaining parts, then the rank with the smallest mean |cosine| (Cohen et al. 2020; the reference's
 * `fun_FA`). As in the reference, the ranks end when the mean |cosine| rose three times in a row past rank 4.
 * Yields the rank finished, so that a caller can cancel.
 * @param gram inner products of the centered centers, [m, m].
 */
export function* centerStructureSteps(
  gram: Matrix,
  { seed = 0, rule = 'lowestCost', restarts = DEFAULT_RESTARTS[rule], warmStart = [] }: CenterOptions = {},
): Generator<number, CenterStructure, void> {
  const { coordinates, toWeights, spectrum } = centerCoordinates(gram);
  const dimension = coordinates.columns;
  // Two dimensions must remain, because in one dimension all cosines are 1 or -1.
  const highest = Math.min(highestRank(spectrum), dimension - 2);
  const random = randomStream(seed, -1);
  const candidates: CenterCandidate[] = [];
  const cosines: number[] = [];
  for (let rank = 1; rank <= highest; rank++) {
    const cost = new CorrelationCost(coordinates, rank);
    const starts = startingPoints(rank, restarts, coordinates, warmStart, random);
    const best = bestOfStarts(cost, starts, { rule, fewest: restarts / 4 });
    if (best) {
      const { directions, ...solution } = best;
      const weights = multiply({ data: directions, rows: rank, columns: dimension }, toWeights);
      candidates.push({ rank, ...solution, weights });
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

/** Runs `centerStructureSteps` to the end. */
export function centerStructure(gram: Matrix, options: CenterOptions = {}): CenterStructure {
  return drain(centerStructureSteps(gram, options));
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

/**
 * The span of an earlier moment's directions of the same rank, then random points. All random points are drawn at once,
 * so that a rank's starts do not depend on where the search of the rank before ended.
 */
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

interface Solution extends Omit<CenterCandidate, 'rank' | 'weights'> {
  directions: Float64Array;
}

/** Costs with a smaller relative difference count as the same minimum. */
const SAME_COST = 1e-7;

function bestOfStarts(
  cost: CorrelationCost,
  startingPoints: readonly Float64Array[],
  { rule, fewest }: { rule: CenterRule; fewest: number },
): Solution | undefined {
  let best: Solution | undefined;
  let starts = 0;
  for (const start of startingPoints) {
    starts++;
    const found = descend(cost, start);
    if (!found || (rule === 'lowestCost' && found.smallestNormRatio < SMALLEST_NORM_RATIO)) continue;
    const isSame = best !== undefined && Math.abs(found.cost - best.cost) <= SAME_COST * best.cost;
    const finds: number = best && isSame ? best.finds + 1 : 1;
    const isBetter =
      !best ||
      (rule === 'lowestCost'
        ? found.cost < best.cost && !isSame
        : found.smallestNormRatio > best.smallestNormRatio);
    if (isBetter) {
      best = { ...found, directions: cost.basis(), finds, starts };
    } else if (best && isSame) {
      best.finds = finds;
    }
    if (rule === 'lowestCost' && starts >= fewest && best && best.finds >= ENOUGH_FINDS) break;
  }
  if (best) best.starts = starts;
  return best;
}

/** The local minimum reached from a start, where `cost` was last evaluated. Undefined if the search leaves the domain. */
function descend(
  cost: CorrelationCost,
  start: Float64Array,
): Pick<Solution, 'cost' | 'meanAbsoluteCosine' | 'smallestNormRatio'> | undefined {
  if (Number.isNaN(cost.evaluate(start))) return undefined;
  const point = cost.basis();
  minimize((at, gradient) => cost.evaluate(at, gradient), point, {
    abandon: () => cost.smallestNormRatio() < HOPELESS_NORM_RATIO,
  });
  const value = cost.evaluate(point);
  if (!Number.isFinite(value)) return undefined;
  return {
    cost: value,
    meanAbsoluteCosine: cost.meanAbsoluteCosine(),
    smallestNormRatio: cost.smallestNormRatio(),
  };
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
