import { CallError } from '../callError.ts';
import { assertFiniteRows } from '../linear/gram.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';
import { drain } from '../linear/steps.ts';
import { type Manifold, manifoldName } from './centers.ts';
import { type RandomStream, randomStream } from './gaussian.ts';
import { spanCoordinatesSteps, timesLowerTriangle } from './spanCoordinates.ts';

/**
 * Projects manifolds onto random directions of length 1, as the notebook does where a layer has more than 5000 units.
 * Drawn in the points' own span: the projected points have exactly the distribution that explicit Gaussian directions
 * would give, at a small part of the cost. The analysis itself does not need it; it is here for parity.
 * @returns the manifolds as they are where they have no more than `dimensions` values per point.
 */
export function randomProjection(
  manifolds: readonly Manifold[],
  options: { dimensions?: number; seed?: number } = {},
): Manifold[] {
  return drain(randomProjectionSteps(manifolds, options));
}

/** `randomProjection` in steps: yields the fraction done, so that a caller can cancel. */
export function* randomProjectionSteps(
  manifolds: readonly Manifold[],
  { dimensions = 5000, seed = 0 }: { dimensions?: number; seed?: number } = {},
): Generator<number, Manifold[], void> {
  const caller = 'randomProjection';
  if (!Number.isInteger(dimensions) || dimensions < 1) {
    throw new CallError(caller, `expected at least one dimension, found ${dimensions}`);
  }
  if (manifolds.length < 1) throw new CallError(caller, `expected at least one manifold, found none`);
  const width = manifolds[0].columns;
  for (const [index, manifold] of manifolds.entries()) {
    assertFiniteRows(manifold, caller, manifoldName(index));
    if (manifold.columns !== width) {
      throw new CallError(
        caller,
        `expected ${width} values per point in ${manifoldName(index)}, found ${manifold.columns}`,
      );
    }
  }
  if (width <= dimensions) return [...manifolds];
  const points = yield* spanCoordinatesSteps(manifolds);
  const random = randomStream(seed, -2);
  const projected: Matrix[] = manifolds.map(({ rows }) => zeros(rows, dimensions));
  const direction = new Float64Array(points.columns);
  const spans = Array.from(direction, (_, k) => points.data[k * points.columns + k] > 0);
  const values = new Float64Array(points.rows);
  for (let d = 0; d < dimensions; d++) {
    randomUnitDirection(direction, spans, width, random);
    timesLowerTriangle(points, direction, values);
    let row = 0;
    for (const { data, rows } of projected) {
      for (let p = 0; p < rows; p++) data[p * dimensions + d] = values[row++];
    }
    if (d % 64 === 0) yield d / dimensions;
  }
  return projected;
}

/** The part inside a subspace (the coordinates that `spans` marks) of a random direction of length 1 in `width` dimensions. */
function randomUnitDirection(
  direction: Float64Array,
  spans: readonly boolean[],
  width: number,
  random: RandomStream,
): void {
  let squared = 0;
  let inside = 0;
  for (let k = 0; k < direction.length; k++) {
    direction[k] = spans[k] ? random.normal() : 0;
    squared += direction[k] ** 2;
    if (spans[k]) inside++;
  }
  const length = Math.sqrt(squared + chiSquared(width - inside, random));
  for (let k = 0; k < direction.length; k++) direction[k] /= length;
}

/** Marsaglia and Tsang's gamma variate (2000), doubled; 0 for no degrees of freedom. */
function chiSquared(degrees: number, random: RandomStream): number {
  if (degrees <= 0) return 0;
  if (degrees < 2) return random.normal() ** 2;
  const d = degrees / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return 2 * d * v;
  }
}
