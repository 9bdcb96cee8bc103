import { type AnalyzeOptions, analyzeManifoldsSteps, type GeometryResult } from './analyzeManifolds.ts';
import type { Manifold } from './centers.ts';
import { type RandomStream, randomStream } from './gaussian.ts';

/** Standard errors of the figures over the choice of examples. */
export interface ExampleErrors {
  capacity: number;
  radius: number;
  radiusMedian: number;
  dimension: number;
  centerCorrelation: number;
}

const FIGURES = ['capacity', 'radius', 'radiusMedian', 'dimension', 'centerCorrelation'] as const;

/**
 * Standard deviations of the figures over several analyses, such as of freshly drawn examples.
 * @throws for fewer than two results.
 */
export function spreadOfResults(
  results: readonly Pick<GeometryResult, (typeof FIGURES)[number]>[],
): ExampleErrors {
  if (results.length < 2) {
    throw new Error(`spreadOfResults: expected at least two results, found ${results.length}`);
  }
  const spread = { capacity: 0, radius: 0, radiusMedian: 0, dimension: 0, centerCorrelation: 0 };
  for (const figure of FIGURES) {
    const mean = results.reduce((sum, result) => sum + result[figure], 0) / results.length;
    const squares = results.reduce((sum, result) => sum + (result[figure] - mean) ** 2, 0);
    spread[figure] = Math.sqrt(squares / (results.length - 1));
  }
  return spread;
}

/**
 * How much the figures owe to the choice of examples: analyzes random halves of every manifold's examples. The spread
 * between halves estimates the standard error of the whole (delete-half jackknife, Shao & Wu 1989); repeats would make
 * duplicate points, so examples are drawn without. Yields the fraction done, so that a caller can cancel.
 * @param options as `analyzeManifolds`; give `warmStart` from the whole's result, so that halves land in its minimum.
 * @throws if a manifold has fewer than four examples.
 */
export function* resampleExamplesSteps(
  manifolds: readonly Manifold[],
  {
    resamples = 10,
    ...options
  }: Omit<AnalyzeOptions, 'tVectors' | 'onProgress'> & { resamples?: number } = {},
): Generator<number, ExampleErrors, void> {
  const caller = 'resampleExamples';
  if (!Number.isInteger(resamples) || resamples < 2) {
    throw new Error(`${caller}: expected at least two resamples, found ${resamples}`);
  }
  const few = manifolds.findIndex(({ rows }) => rows < 4);
  if (few >= 0) {
    throw new Error(
      `${caller}: expected at least four examples to draw halves of, found ${manifolds[few].rows} in manifold ${few}`,
    );
  }
  const results: GeometryResult[] = [];
  for (let i = 0; i < resamples; i++) {
    const random = randomStream(options.seed ?? 0, -1000 - i);
    const halves = manifolds.map((manifold) => randomHalf(manifold, random));
    const steps = analyzeManifoldsSteps(halves, options);
    let step = steps.next();
    while (!step.done) {
      yield (i + step.value.fraction) / resamples;
      step = steps.next();
    }
    results.push(step.value);
  }
  return spreadOfResults(results);
}

function randomHalf({ data, rows, columns }: Manifold, random: RandomStream): Manifold {
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
