import { describe, expect, it } from 'vitest';
import { analyzeManifolds } from '../../../src/ml/geometry/index.ts';
import { mftmaArray, mftmaCases, mftmaManifolds, transpose } from './golden.ts';

describe.each(Object.keys(mftmaCases))('analyzeManifolds against the reference, case %s', (name) => {
  const { a, R, D, kappa, summary, fa_cost_per_K, t_spread_with_this_V11: spread } = mftmaCases[name];
  const manifolds = mftmaManifolds(name);
  const V11 = transpose(mftmaArray(name.startsWith('synthetic') ? 'synthetic/V11' : `${name}/V11`));

  it('agrees to 1e-6 with its t-vectors and directions', () => {
    const tVectors = a.map((_, i) => transpose(mftmaArray(`${name}/t_vec_${i}`)));
    const found = analyzeManifolds(manifolds, { kappa, tVectors, centerDirections: V11 });
    found.perManifold.forEach((one, i) => {
      expect(Math.abs(one.capacity / a[i] - 1)).toBeLessThan(1e-6);
      expect(Math.abs(one.radius / R[i] - 1)).toBeLessThan(1e-6);
      expect(Math.abs(one.dimension / D[i] - 1)).toBeLessThan(1e-6);
    });
    expect(found.capacity).toBeCloseTo(summary.alpha_harmonic_mean, 7);
    expect(found.radius).toBeCloseTo(summary.R_mean, 7);
    expect(found.dimension).toBeCloseTo(summary.D_mean, 6);
    expect(found.centerCorrelation).toBeCloseTo(summary.rho, 9);
    expect(found.rank).toBe(summary.K);
  });

  it('solves the center problem at least as well', () => {
    const t = performance.now();
    const found = analyzeManifolds(manifolds, { kappa, seed: 1 });
  });
});
