import { solveAnchors } from '../../src/ml/geometry/anchors.ts';
import { prepareCentersSteps } from '../../src/ml/geometry/centers.ts';
import { gaussianMatrix, randomStream } from '../../src/ml/geometry/gaussian.ts';
import {
  analyzeManifolds,
  type GeometryResult,
  type Manifold,
  simulateCapacity,
} from '../../src/ml/geometry/index.ts';
import { reduceManifoldSteps } from '../../src/ml/geometry/reduceManifold.ts';
import type { Matrix } from '../../src/ml/linear/matrix.ts';
import { drain } from '../../src/ml/linear/steps.ts';
import { analyzeSpectrum } from '../../src/ml/spectrum/analyzeSpectrum.ts';
import { type MftmaNotebook, readJson } from '../unit/geometry/golden.ts';
import { convolve, forward, logits, readImages, readTensors } from '../unit/geometry/network.ts';
import { clouds } from './clouds.ts';
import { type BenchRow, medianOf } from './row.ts';

const LAYERS = ['input', 'conv', 'fc'] as const;

/** Times the geometry and the spectrum on one thread: the notebook's three layers, then the growth with size. */
export function benchGeometry({ repeats = 5 } = {}): BenchRow[] {
  const images = notebookImages();
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
    return { name, median: medianOf(run, n), n, reference };
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

/** The notebook's 10 x 50 images, [500, 784]. */
export function notebookImages(): Float32Array {
  const { indices } = readJson<MftmaNotebook>('mftma_notebook.json');
  return readImages(['3', '2', '8', '4', '9', '1', '6', '7', '0', '5'].flatMap((label) => indices[label]));
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

function solveAll(reduced: readonly Matrix[], tVectors: readonly Matrix[]): void {
  reduced.forEach((points, i) => {
    drain(solveAnchors(points, tVectors[i]));
  });
}

/** Ten manifolds of fifty rows, in float32 like an engine's activations. */
export function manifoldsOf({
  data,
  columns,
}: {
  data: Float32Array | Float64Array;
  columns: number;
}): Manifold[] {
  return Array.from({ length: 10 }, (_, i) => ({
    data: new Float32Array(data.subarray(i * 50 * columns, (i + 1) * 50 * columns)),
    rows: 50,
    columns,
  }));
}
