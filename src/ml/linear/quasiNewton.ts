/** A function of a point that also writes its gradient; may return NaN outside its domain. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

interface MinimizeOptions {
  /** Stop when no entry of the gradient exceeds this value. */
  tolerance?: number;
  maxIterations?: number;
  /** Number of stored step pairs. */
  memory?: number;
  /** Called after each step; returning true stops the search. */
  abandon?: () => boolean;
}

/**
 * Finds a local minimum by L-BFGS with backtracking (Nocedal & Wright, algorithm 7.5). `point` is updated in place.
 * @returns the value there and the number of iterations.
 */
export function minimize(
  objective: Objective,
  point: Float64Array,
  { tolerance = 1e-9, maxIterations = 500, memory = 20, abandon = () => false }: MinimizeOptions = {},
): { value: number; iterations: number } {
  const n = point.length;
  const gradient = new Float64Array(n);
  const nextGradient = new Float64Array(n);
  const next = new Float64Array(n);
  const direction = new Float64Array(n);
  const alphas = new Float64Array(memory);
  const pairs: { step: Float64Array; change: Float64Array; curvature: number }[] = [];
  let value = objective(point, gradient);
  let iteration = 0;
  let stalled = 0;
  for (; iteration < maxIterations && maxSize(gradient) > tolerance && stalled < 3; iteration++) {
    quasiNewtonDirection(direction, gradient, pairs, alphas);
    let slope = dot(gradient, direction);
    if (!(slope < 0)) {
      pairs.length = 0;
      for (let i = 0; i < n; i++) direction[i] = -gradient[i];
      slope = -dot(gradient, gradient);
    }
    let length = pairs.length > 0 ? 1 : Math.min(1, 0.1 / Math.sqrt(-slope));
    let nextValue = Number.NaN;
    for (let attempt = 0; attempt < 40; attempt++) {
      for (let i = 0; i < n; i++) next[i] = point[i] + length * direction[i];
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + 1e-4 * length * slope + 1e-15 * Math.abs(value)) break;
      const fitted = (-slope * length) / (2 * (nextValue - value - slope * length));
      length *= fitted > 0.1 && fitted < 0.5 ? fitted : 0.3;
      nextValue = Number.NaN;
    }
    if (Number.isNaN(nextValue)) {
      if (pairs.length === 0) break;
      pairs.length = 0;
      continue;
    }
    const pair = pairs.length === memory ? pairs.shift() : undefined;
    const step = pair?.step ?? new Float64Array(n);
    const change = pair?.change ?? new Float64Array(n);
    for (let i = 0; i < n; i++) {
      step[i] = next[i] - point[i];
      change[i] = nextGradient[i] - gradient[i];
    }
    const curvature = dot(step, change);
    if (curvature > 1e-14 * dot(change, change)) pairs.push({ step, change, curvature });
    stalled = value - nextValue <= 1e-15 * Math.abs(value) ? stalled + 1 : 0;
    point.set(next);
    gradient.set(nextGradient);
    value = nextValue;
    if (abandon()) break;
  }
  return { value, iterations: iteration };
}

function quasiNewtonDirection(
  direction: Float64Array,
  gradient: Float64Array,
  pairs: readonly { step: Float64Array; change: Float64Array; curvature: number }[],
  alphas: Float64Array,
): void {
  const n = gradient.length;
  for (let i = 0; i < n; i++) direction[i] = -gradient[i];
  for (let p = pairs.length - 1; p >= 0; p--) {
    const { step, change, curvature } = pairs[p];
    alphas[p] = dot(step, direction) / curvature;
    for (let i = 0; i < n; i++) direction[i] -= alphas[p] * change[i];
  }
  if (pairs.length > 0) {
    const { change, curvature } = pairs[pairs.length - 1];
    const scale = curvature / dot(change, change);
    for (let i = 0; i < n; i++) direction[i] *= scale;
  }
  for (let p = 0; p < pairs.length; p++) {
    const { step, change, curvature } = pairs[p];
    const beta = dot(change, direction) / curvature;
    for (let i = 0; i < n; i++) direction[i] += (alphas[p] - beta) * step[i];
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function maxSize(values: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}
