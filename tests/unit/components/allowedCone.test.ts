import { describe, expect, test } from 'vitest';
import { coneEdges, conePaths } from '../../../src/components/geometry/allowedCone.ts';
import { screenAxes } from '../../../src/components/geometry/oneLabeling.ts';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import { glueSample, type Manifold } from '../../../src/ml/geometry/index.ts';

const points = (...rows: number[][]): Manifold => ({
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
  columns: 3,
});
const SPLIT = Int8Array.of(1, -1);
const sorted = (vectors: readonly (readonly number[])[]) =>
  vectors.map((vector) => vector.map((value) => (value + 0).toFixed(6)).join(' ')).sort();

/** Two clouds on either side of a plane. */
function clouds(seed: number, count: number): Manifold[] {
  const random = randomStream(seed);
  return [1, -1].map((side) => {
    const cloud = gaussianMatrix(count, 3, random);
    for (let p = 0; p < count; p++) cloud.data[3 * p] += 2.5 * side;
    return cloud;
  });
}

/** Every direction in two planes at once that no point forbids. */
function edgesByPairs(manifolds: readonly Manifold[], labels: Int8Array): number[][] {
  const normals = manifolds.flatMap(({ data, rows }, m) =>
    Array.from({ length: rows }, (_, p) =>
      [...data.subarray(3 * p, 3 * p + 3)].map((value) => labels[m] * value),
    ),
  );
  return normals.flatMap((a, i) =>
    normals.slice(0, i).flatMap((b) => {
      const across = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
      return [1, -1]
        .map((sign) => across.map((value) => (sign * value) / Math.hypot(...across)))
        .filter((edge) => normals.every((n) => n[0] * edge[0] + n[1] * edge[1] + n[2] * edge[2] < 1e-9));
    }),
  );
}

describe('the cone of allowed directions', () => {
  test('has the axes as edges where the points lie on them', () => {
    const manifolds = [points([1, 0, 0], [0, 2, 0], [0.1, 0.1, 0]), points([0, 0, -3])];
    expect(sorted(coneEdges(manifolds, SPLIT))).toEqual(
      sorted([
        [-1, 0, 0],
        [0, -1, 0],
        [0, 0, -1],
      ]),
    );
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'has the edges that all pairs of planes give, for clouds of seed %i',
    (seed) => {
      const manifolds = clouds(seed, 12);
      for (const labels of [SPLIT, Int8Array.of(-1, 1), Int8Array.of(1, 1)]) {
        expect(sorted(coneEdges(manifolds, labels))).toEqual(sorted(edgesByPairs(manifolds, labels)));
      }
    },
  );

  test('contains the nearest allowed vector of GLUE in one of its faces, in order around the cone', () => {
    const manifolds = clouds(1, 12);
    const { v, isSeparable } = glueSample(manifolds, Float64Array.of(1.2, 0.9, 0.6), SPLIT);
    expect(isSeparable).toBe(true);
    const edges = coneEdges(manifolds, SPLIT);
    const volumes = edges.map((a, i) => {
      const b = edges[(i + 1) % edges.length];
      return Math.abs(
        v[0] * (a[1] * b[2] - a[2] * b[1]) +
          v[1] * (a[2] * b[0] - a[0] * b[2]) +
          v[2] * (a[0] * b[1] - a[1] * b[0]),
      );
    });
    expect(Math.min(...volumes)).toBeLessThan(1e-6);
  });

  test('has no edges for an inseparable labeling, for too few points, and for points in a plane', () => {
    const around = points([1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]);
    expect(coneEdges([around, points([1, 1, 1])], SPLIT)).toEqual([]);
    expect(coneEdges([points([1, 0, 0]), points([0, 1, 0])], SPLIT)).toEqual([]);
    expect(coneEdges([points([1, 0, 0], [1, 1, 0]), points([0, 1, 0], [0, 0, 0])], SPLIT)).toEqual([]);
  });

  test('is drawn with a face and an edge for each pair of neighbors', () => {
    const edges = coneEdges([points([1, 0, 0], [0, 1, 0]), points([0, 0, -1])], SPLIT);
    const { faces, outline } = conePaths(edges, screenAxes(3, 0), 2);
    expect(faces).toHaveLength(3);
    expect(outline.match(/M0 0/g)).toHaveLength(3);
    expect(faces.join(' ')).toContain('-2.000 0.000');
  });
});
