import { describe, expect, it } from 'vitest';
import { anchorGeometry } from '../../../src/ml/geometry/anchors.ts';
import { mftmaArray, mftmaCases, transpose } from './golden.ts';

describe.each(Object.keys(mftmaCases))('anchorGeometry against the reference, case %s', (name) => {
  const { a, R, D, kappa } = mftmaCases[name];
  it.each(a.map((_, i) => i))('manifold %i', (i) => {
    const points = transpose(mftmaArray(`${name}/sD1_${i}`));
    const tVectors = transpose(mftmaArray(`${name}/t_vec_${i}`));
    const found = anchorGeometry(points, tVectors, { kappa });
    expect(Math.abs(found.capacity / a[i] - 1)).toBeLessThan(1e-6);
    expect(Math.abs(found.radius / R[i] - 1)).toBeLessThan(1e-6);
    expect(Math.abs(found.dimension / D[i] - 1)).toBeLessThan(1e-6);
    if (i === 0)
  });
});
