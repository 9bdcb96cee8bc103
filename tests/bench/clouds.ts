import { gaussianMatrix, randomStream } from '../../src/ml/geometry/gaussian.ts';
import type { Manifold } from '../../src/ml/geometry/index.ts';

const cache = new Map<string, Manifold[]>();

/** Gaussian clouds of radius about 1 around Gaussian centers, created once. */
export function clouds(manifolds: number, points: number, dimensions: number): Manifold[] {
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
