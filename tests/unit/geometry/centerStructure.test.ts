import { describe, expect, it } from 'vitest';
import { centerStructure } from '../../../src/ml/geometry/centerStructure.ts';
import { CorrelationCost } from '../../../src/ml/geometry/correlationCost.ts';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import { rowGram, rowMean } from '../../../src/ml/linear/gram.ts';
import type { Matrix } from '../../../src/ml/linear/matrix.ts';
import { minimize } from '../../../src/ml/linear/quasiNewton.ts';
import { mftmaArray, mftmaCases, mftmaManifolds } from './golden.ts';

function centeredCenters(manifolds: readonly Matrix[]): Matrix {
  const columns = manifolds[0].columns;
  const centers = { data: new Float64Array(manifolds.length * columns), rows: manifolds.length, columns };
  manifolds.forEach((manifold, i) => {
    centers.data.set(rowMean(manifold), i * columns);
  });
  const mean = rowMean(centers);
  for (let i = 0; i < centers.data.length; i++) centers.data[i] -= mean[i % columns];
  return centers;
}

describe('the cost', () => {
  it.each([1, 2, 3])('has the gradient that finite differences show, rank %i', (rank) => {
    const centers = gaussianMatrix(7, 6, randomStream(1));
    const cost = new CorrelationCost(centers, rank);
    // The basis is not orthonormal, because the cost depends only on the span.
    const point = gaussianMatrix(rank, 6, randomStream(2)).data;
    const gradient = new Float64Array(point.length);
    cost.evaluate(point, gradient);
    for (let i = 0; i < point.length; i++) {
      const up = point.slice();
      const down = point.slice();
      up[i] += 1e-5;
      down[i] -= 1e-5;
      expect(gradient[i]).toBeCloseTo((cost.evaluate(up) - cost.evaluate(down)) / 2e-5, 6);
    }
  });

  it('equals the reference’s at the reference’s solutions', () => {
    const centers = centeredCenters(mftmaManifolds('linear'));
    const basis = mftmaArray('linear/Proj');
    for (const rank of [1, 2]) {
      const V = mftmaArray(`linear/fa_V_K${rank}`);
      const directions = new Float64Array(rank * centers.columns);
      for (let k = 0; k < rank; k++) {
        for (let i = 0; i < centers.columns; i++) {
          for (let j = 0; j < V.rows; j++) {
            directions[k * centers.columns + i] += basis.data[i * basis.columns + j] * V.data[j * rank + k];
          }
        }
      }
      const found = new CorrelationCost(centers, rank).evaluate(directions);
      expect(found).toBeCloseTo(mftmaCases.linear.fa_cost_per_K[rank - 1], 9);
    }
  });

  it('depends on neither the centers’ lengths nor the basis of the span', () => {
    const centers = gaussianMatrix(6, 5, randomStream(3));
    const point = gaussianMatrix(2, 5, randomStream(4)).data;
    const expected = new CorrelationCost(centers, 2).evaluate(point);
    const scaled = { ...centers, data: centers.data.map((value, i) => value * (1 + Math.floor(i / 5))) };
    const mixed = point.map((value, i) => (i < 5 ? 2 * value + point[i + 5] : value - point[i - 5]));
    expect(new CorrelationCost(scaled, 2).evaluate(mixed)).toBeCloseTo(expected, 11);
  });

  it('is NaN for dependent directions', () => {
    const cost = new CorrelationCost(gaussianMatrix(5, 4, randomStream(3)), 2);
    expect(cost.evaluate(Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0))).toBeNaN();
  });
});

describe('the center problem', () => {
  it.each(['linear', 'synthetic'])('is solved no worse than by the reference, case %s', (name) => {
    const { candidates, rank, correlation } = centerStructure(
      rowGram(centeredCenters(mftmaManifolds(name))),
      {
        seed: 4,
      },
    );
    const { fa_cost_per_K: costs, summary, rho } = mftmaCases[name];
    for (const index of [0, 1]) {
      expect(candidates[index].rank).toBe(index + 1);
      expect(candidates[index].cost).toBeLessThan(costs[index] * (1 + 1e-6));
      expect(candidates[index].smallestNormRatio).toBeGreaterThanOrEqual(0.05);
    }
    expect(rank).toBe(summary.K);
    expect(correlation).toBeCloseTo(rho, 9);
  });

  it('returns orthonormal directions that reproduce its figures', () => {
    const centers = centeredCenters(mftmaManifolds('linear'));
    for (const candidate of centerStructure(rowGram(centers)).candidates) {
      const { weights, rank } = candidate;
      const directions = new Float64Array(rank * centers.columns);
      for (let k = 0; k < rank; k++) {
        for (let m = 0; m < centers.rows; m++) {
          for (let i = 0; i < centers.columns; i++) {
            directions[k * centers.columns + i] +=
              weights.data[k * centers.rows + m] * centers.data[m * centers.columns + i];
          }
        }
      }
      const gram = rowGram({ data: directions, rows: rank, columns: centers.columns });
      gram.data.forEach((value, i) => {
        expect(value).toBeCloseTo(i % (rank + 1) === 0 ? 1 : 0, 9);
      });
      const cost = new CorrelationCost(centers, rank);
      expect(cost.evaluate(directions)).toBeCloseTo(candidate.cost, 9);
      expect(cost.meanAbsoluteCosine()).toBeCloseTo(candidate.meanAbsoluteCosine, 9);
      expect(cost.smallestNormRatio()).toBeCloseTo(candidate.smallestNormRatio, 9);
    }
  });

  it('is deterministic for a seed, and stable between seeds for ranks 1 and 2', () => {
    const gram = rowGram(centeredCenters(mftmaManifolds('linear')));
    expect(centerStructure(gram, { seed: 9 })).toEqual(centerStructure(gram, { seed: 9 }));
    const [a, b] = [centerStructure(gram, { seed: 1 }), centerStructure(gram, { seed: 2 })];
    expect(a.candidates[0].cost).toBeCloseTo(b.candidates[0].cost, 9);
    expect(a.candidates[1].cost).toBeCloseTo(b.candidates[1].cost, 9);
  });

  it('ends a rank’s search at the third find of its lowest cost, after a fourth of the starts at least', () => {
    const gram = rowGram(centeredCenters(mftmaManifolds('linear')));
    const [one, two] = centerStructure(gram, { seed: 1 }).candidates;
    for (const { starts, finds } of [one, two]) {
      expect(finds).toBeGreaterThanOrEqual(3);
      expect(starts).toBeGreaterThanOrEqual(10);
      expect(starts).toBeLessThan(40);
    }
    const few = centerStructure(gram, { seed: 1, restarts: 2 }).candidates[0];
    expect(few).toMatchObject({ starts: 2 });
    expect(few.finds).toBeLessThan(3);
    // The reference always makes all of its starts.
    expect(centerStructure(gram, { seed: 1, rule: 'reference' }).candidates[0].starts).toBe(10);
  });

  it('finds its solution again from an earlier moment’s solution alone', () => {
    const gram = rowGram(centeredCenters(mftmaManifolds('linear')));
    const first = centerStructure(gram);
    const again = centerStructure(gram, {
      restarts: 0,
      warmStart: first.candidates.map(({ weights }) => weights),
    });
    expect(again.rank).toBe(first.rank);
    expect(again.candidates[1].cost).toBeCloseTo(first.candidates[1].cost, 10);
  });

  it('chooses the largest smallest residual by the reference’s rule', () => {
    const gram = rowGram(centeredCenters(mftmaManifolds('linear')));
    const ours = centerStructure(gram, { seed: 1 }).candidates[1];
    const theirs = centerStructure(gram, { seed: 1, rule: 'reference' }).candidates[1];
    expect(theirs.smallestNormRatio).toBeGreaterThan(ours.smallestNormRatio);
    expect(theirs.cost).toBeGreaterThan(ours.cost);
    // The largest that the reference's own restarts reach, from mftma_notebook.json.
    expect(theirs.smallestNormRatio).toBeGreaterThan(0.2298);
  });

  it.each([2, 3])('removes nothing from %i centers: too few dimensions would be left', (count) => {
    const centers = centeredCenters(
      Array.from({ length: count }, (_, i) => gaussianMatrix(1, 5, randomStream(i))),
    );
    const found = centerStructure(rowGram(centers));
    expect(found.rank).toBe(0);
    expect(found.candidates).toEqual([]);
    expect(found.correlation).toBeGreaterThan(0);
  });

  it('accepts centers that span fewer dimensions than their number', () => {
    const plane = gaussianMatrix(9, 2, randomStream(6));
    expect(centerStructure(rowGram(centeredCenters(rowsOf(plane)))).rank).toBe(0);
    const space = gaussianMatrix(9, 4, randomStream(6));
    const { rank, candidates } = centerStructure(rowGram(centeredCenters(rowsOf(space))));
    expect(rank).toBeGreaterThan(0);
    expect(candidates.length).toBe(2);
  });
});

describe('the minimizer', () => {
  it('finds the minimum of the Rosenbrock function', () => {
    const point = Float64Array.of(-1.2, 1);
    const { value, iterations } = minimize(([x, y], gradient) => {
      gradient[0] = -400 * x * (y - x * x) - 2 * (1 - x);
      gradient[1] = 200 * (y - x * x);
      return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
    }, point);
    expect(value).toBeLessThan(1e-18);
    expect(point[0]).toBeCloseTo(1, 8);
    expect(iterations).toBeLessThan(80);
  });
});

function rowsOf(matrix: Matrix): Matrix[] {
  const { rows, columns } = matrix;
  return Array.from({ length: rows }, (_, i) => ({
    data: matrix.data.slice(i * columns, (i + 1) * columns),
    rows: 1,
    columns,
  }));
}
