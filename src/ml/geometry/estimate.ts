/** The sizes that determine an analysis's time. */
export interface AnalysisShape {
  manifolds: number;
  /** Points per manifold. */
  points: number;
  /** Values per point. */
  units: number;
  /** t-vectors per manifold. */
  samples: number;
}

/**
 * Milliseconds of `analyzeManifolds` on one thread of the reference machine (a shared 2-core server with Node 20). On other
 * machines, multiply by the ratio measured in a first run. Accurate to about a factor of two.
 */
export function estimateMilliseconds({ manifolds, points, units, samples }: AnalysisShape): number {
  const depth = Math.min(points, units) + 1;
  const products = manifolds * points * points * units * 2.5e-7;
  // Block pivoting solves a support of up to half of the points a few times; fewer dimensions bound it.
  const support = Math.min(points / 2, depth);
  const solves = manifolds * samples * (2e-3 + points * depth * 2e-6 + support ** 3 * 3e-7);
  const centers = 20 * (manifolds / 10) ** 2.5;
  const passes = manifolds * points * units * 6e-6;
  return 1.4 * (products + solves + centers + passes);
}
