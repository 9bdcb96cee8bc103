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

/** Milliseconds of `glueGeometry` on the same machine, to about a factor of two. `samples`: pairs of t and y. */
export function estimateGlueMilliseconds({ manifolds, points, units, samples }: AnalysisShape): number {
  const all = manifolds * points;
  const rank = Math.min(all, units);
  const products = all * rank * Math.max(all, units) * 1e-6;
  const span = rank ** 3 * 3e-6;
  // Block pivoting factors a support of a third of the points several times; the active set looks at all points at each step.
  const solve = units >= all ? 0.4 + all ** 3 * 8e-8 : 0.4 + rank * all * 6e-5;
  return products + span + samples * solve;
}
