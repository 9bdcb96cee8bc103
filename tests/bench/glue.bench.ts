import { gaussianMatrix, randomStream } from '../../src/ml/geometry/gaussian.ts';
import { glueGeometry, type Manifold } from '../../src/ml/geometry/index.ts';
import { clouds } from './clouds.ts';
import { manifoldsOf, notebookImages } from './geometry.bench.ts';
import { type BenchRow, medianOf, processorTime } from './row.ts';

/** Sizes for the growth of the time: one of the three numbers changes, the others stay at 10, 50 and 784. */
const SIZES: readonly [manifolds: number, points: number, dimensions: number][] = [
  ...[25, 50, 100].map((points): [number, number, number] => [10, points, 784]),
  ...[5, 20].map((manifolds): [number, number, number] => [manifolds, 50, 784]),
  ...[10, 84, 5000].map((dimensions): [number, number, number] => [10, 50, dimensions]),
];
/** The hardest points: without classes, and with about as many dimensions as a labeling touches. */
const SPANS = [250, 300, 400];

/**
 * Times GLUE with 300 samples: MNIST's pixels, its growth, and the hardest points, in processor time, which other programs do
 * not change.
 */
export function benchGlue({ repeats = 3 } = {}): BenchRow[] {
  const images = notebookImages();
  const row = (name: string, run: () => unknown, most: number, reference?: number): BenchRow => {
    const n = Math.min(most, repeats);
    return { name, median: medianOf(run, n, processorTime), n, reference };
  };
  const pixels = manifoldsOf({ data: images, columns: 784 });
  return [
    // The reference is scipy's non-negative least squares, a sample at a time.
    row('MNIST pixels, 10 manifolds x 50 points x 784 dimensions', () => glueGeometry(pixels), 3, 24_000),
    ...SIZES.map(([manifolds, points, dimensions]) =>
      row(
        `${manifolds} manifolds x ${points} points x ${dimensions} dimensions`,
        () => glueGeometry(clouds(manifolds, points, dimensions)),
        1,
      ),
    ),
    ...SPANS.map((span) =>
      row(`10 x 50 points without classes in a span of ${span}`, () => glueGeometry(noise(span)), 1),
    ),
  ];
}

/** Independent Gaussian points, in ten manifolds of fifty. */
function noise(columns: number): Manifold[] {
  return Array.from({ length: 10 }, (_, m) => gaussianMatrix(50, columns, randomStream(5, m)));
}
