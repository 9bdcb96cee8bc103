import { solveAnchors } from '../../src/ml/geometry/anchors.ts';
import { prepareCentersSteps } from '../../src/ml/geometry/centers.ts';
import { gaussianMatrix, randomStream } from '../../src/ml/geometry/gaussian.ts';
import {
  analyzeManifolds,
  type GeometryResult,
  glueGeometry,
  type Manifold,
  simulateCapacity,
} from '../../src/ml/geometry/index.ts';
import { reduceManifoldSteps } from '../../src/ml/geometry/reduceManifold.ts';
import type { Matrix } from '../../src/ml/linear/matrix.ts';
import { drain } from '../../src/ml/linear/steps.ts';
import { analyzeSpectrum } from '../../src/ml/spectrum/analyzeSpectrum.ts';
import { type MftmaNotebook, readJson } from '../unit/geometry/golden.ts';
import { convolve, forward, logits, readImages, readTensors } from '../unit/geometry/network.ts';
import { type BenchRow, middle } from './row.ts';

const LAYERS = ['input', 'conv', 'fc'] as const;

/** Times the geometry and the spectrum on one thread: the notebook's three layers, then the growth with size. */
export function benchGeometry({ repeats = 5 } = {}): BenchRow[] {
  const { indices } = readJson<MftmaNotebook>('mftma_notebook.json');
  const images = readImages(
    ['3', '2', '8', '4', '9', '1', '6', '7', '0', '5'].flatMap((label) => indices[label]),
  );
  const parameters = readTensors('model_trained.safetensors');
  const activations = forward(parameters, images);
  const layers = LAYERS.map((layer) => manifoldsOf(activations[layer]));
  const reduced = layers.flatMap((manifolds) => {
    const prepared = drain(prepareCentersSteps(manifolds));
    return manifolds.map((manifold, i) => drain(reduceManifoldSteps(manifold, i, prepared)).points);
  });
  const tVectors = reduced.map((points, i) => gaussianMatrix(300, points.columns, randomStream(1, i)));
  const row = (name: string, run: () => unknown, most = repeats, reference?: number): BenchRow => {
    const n = Math.min(most, repeats);
    return { name, median: median(run, n), n, reference };
  };
  return [
    // Times of the reference's Python code on one thread.
    row(
      '9,000 solves: three layers x 10 x 50 points, 300 t-vectors',
      () => solveAll(reduced, tVectors),
      repeats,
      8000,
    ),
    row('images to figures, three layers', () => imagesToFigures(parameters, images), repeats, 12_300),
    ...LAYERS.map((layer, i) => row(`analyzeManifolds, ${layer}`, () => analyzeManifolds(layers[i]))),
    ...[25, 50, 100, 200].map((points) =>
      row(
        `10 manifolds x ${points} points x 784 dimensions`,
        () => analyzeManifolds(clouds(10, points, 784)),
        3,
      ),
    ),
    ...[5, 10, 20, 40].map((manifolds) =>
      row(
        `${manifolds} manifolds x 50 points x 784 dimensions`,
        () => analyzeManifolds(clouds(manifolds, 50, 784)),
        3,
      ),
    ),
    ...[10, 100, 1000, 10_000].map((dimensions) =>
      row(
        `10 manifolds x 50 points x ${dimensions} dimensions`,
        () => analyzeManifolds(clouds(10, 50, dimensions)),
        3,
      ),
    ),
    ...glueRows(row, layers[0]),
    row('simulated capacity, fc, 50 dichotomies', () => simulateCapacity(layers[2], { expected: 0.37 }), 3),
    row('simulated capacity, input, 50 dichotomies', () => simulateCapacity(layers[0], { expected: 0.1 }), 1),
    ...[100, 500].map((count) =>
      row(
        `spectrum, relu, ${count} images`,
        () =>
          analyzeSpectrum({
            ...activations.relu,
            data: activations.relu.data.subarray(0, count * 21632),
            rows: count,
          }),
        3,
      ),
    ),
  ];
}

/** GLUE with 300 samples: MNIST's pixels, then how it grows with points, manifolds and dimensions. */
function glueRows(
  row: (name: string, run: () => unknown, most?: number, reference?: number) => BenchRow,
  pixels: Manifold[],
): BenchRow[] {
  const sizes: [manifolds: number, points: number, dimensions: number][] = [
    ...[25, 50, 100].map((points): [number, number, number] => [10, points, 784]),
    ...[5, 20].map((manifolds): [number, number, number] => [manifolds, 50, 784]),
    ...[10, 84, 5000].map((dimensions): [number, number, number] => [10, 50, dimensions]),
  ];
  return [
    // The reference is scipy's non-negative least squares, a sample at a time.
    row('GLUE, 300 samples: MNIST pixels, 10 x 50 x 784', () => glueGeometry(pixels), 3, 24_000),
    ...sizes.map(([manifolds, points, dimensions]) =>
      row(
        `GLUE, 300 samples: ${manifolds} manifolds x ${points} points x ${dimensions} dimensions`,
        () => glueGeometry(clouds(manifolds, points, dimensions)),
        1,
      ),
    ),
  ];
}

/** A plain float32 forward pass, and the analysis of its activations. */
function imagesToFigures(parameters: Record<string, Float32Array>, images: Float32Array): GeometryResult[] {
  const rows = images.length / 784;
  const conv = new Float32Array(rows * 21632);
  convolve(parameters, Float64Array.from(images), conv);
  return [
    analyzeManifolds(manifoldsOf({ data: images, columns: 784 })),
    analyzeManifolds(manifoldsOf({ data: conv, columns: 21632 })),
    analyzeManifolds(manifoldsOf({ data: logits(parameters, conv), columns: 10 })),
  ];
}

function median(run: () => unknown, n: number): number {
  // Run once before, so that compilation is not timed.
  run();
  return middle(
    Array.from({ length: n }, () => {
      const start = performance.now();
      run();
      return performance.now() - start;
    }),
  );
}

function solveAll(reduced: readonly Matrix[], tVectors: readonly Matrix[]): void {
  reduced.forEach((points, i) => {
    drain(solveAnchors(points, tVectors[i]));
  });
}

/** Ten manifolds of fifty rows, in float32 like an engine's activations. */
function manifoldsOf({ data, columns }: { data: Float32Array | Float64Array; columns: number }): Manifold[] {
  return Array.from({ length: 10 }, (_, i) => ({
    data: new Float32Array(data.subarray(i * 50 * columns, (i + 1) * 50 * columns)),
    rows: 50,
    columns,
  }));
}

const cache = new Map<string, Manifold[]>();

/** Gaussian clouds of radius about 1 around Gaussian centers, created once. */
function clouds(manifolds: number, points: number, dimensions: number): Manifold[] {
  const key = `${manifolds} ${points} ${dimensions}`;
  const known = cache.get(key);
  if (known) return known;
  const made = Array.from({ length: manifolds }, (_, m) => {
    const random = randomStream(7, m);
    const center = gaussianMatrix(1, dimensions, random).data;
    const { data } = gaussianMatrix(points, dimensions, random);
    return {
      data: Float32Array.from(data, (value, i) => value + center[i % dimensions]),
      rows: points,
      columns: dimensions,
    };
  });
  cache.set(key, made);
  return made;
}
