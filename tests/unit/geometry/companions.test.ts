import { describe, expect, it } from 'vitest';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import { fewShot, glueResampleSteps, neuralCollapse } from '../../../src/ml/geometry/index.ts';
import type { Matrix } from '../../../src/ml/linear/matrix.ts';
import { drain } from '../../../src/ml/linear/steps.ts';
import {
  debiasedCka,
  debiasedCkaMatrix,
  represent,
  similaritySteps,
} from '../../../src/ml/similarity/alignment.ts';
import { randomClouds, randomRotation, transformed } from './clouds.ts';

const matrix = (rows: readonly (readonly number[])[]) => ({
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
  columns: rows[0].length,
});

describe('NC1', () => {
  it('is the ratio of variances for two classes on a line', () => {
    // Centers at -2 and 2 (variance 4 between), points 1 from their center (variance 1 within).
    const found = neuralCollapse([matrix([[-3], [-1]]), matrix([[1], [3]])]);
    expect(found).toBeCloseTo(1 / 4 / 2, 12);
  });

  it('is 0 for collapsed classes, infinite for equal centers, and unchanged by a rotation', () => {
    expect(
      neuralCollapse([
        matrix([
          [1, 0],
          [1, 0],
        ]),
        matrix([
          [0, 1],
          [0, 1],
        ]),
      ]),
    ).toBe(0);
    expect(neuralCollapse([matrix([[1], [-1]]), matrix([[2], [-2]])])).toBe(Infinity);
    const clouds = randomClouds();
    const rotation = randomRotation(20);
    const turned = clouds.map((cloud) => transformed(cloud, { rotation, shift: 1, scale: 3 }));
    expect(neuralCollapse(turned) / neuralCollapse(clouds)).toBeCloseTo(1, 9);
  });
});

describe('learning from few examples', () => {
  it('agrees with the theory on spheres of known radius, dimension and distance', () => {
    const random = randomStream(4);
    const clouds = [0, 1].map((side) => {
      const { data } = gaussianMatrix(400, 60, random);
      return {
        data: data.map((value, i) => value + (i % 60 === 0 ? 6 * side : 0)),
        rows: 400,
        columns: 60,
      };
    });
    const found = fewShot(clouds, { shots: 3, trials: 60 });
    expect(found.dimension).toBeGreaterThan(45);
    expect(found.radius).toBeCloseTo(Math.sqrt(60), 0);
    expect(found.distance).toBeCloseTo(6 / Math.sqrt(60), 1);
    expect(Math.abs(found.error - found.theory)).toBeLessThan(0.02);
    expect(fewShot(clouds, { shots: 3, trials: 60 })).toEqual(found);
  });

  it('needs more points than shots', () => {
    expect(() => fewShot(randomClouds({ points: 5 }), { shots: 5 })).toThrow('more than 5 points');
  });
});

/** Units that each see four latent directions in their own mixture, with private noise. */
function seen(latent: Matrix, units: number, seed: number) {
  const random = randomStream(seed);
  const mixing = gaussianMatrix(units, 4, random);
  const activations = gaussianMatrix(latent.rows, units, random);
  for (let i = 0; i < latent.rows; i++) {
    for (let q = 0; q < units; q++) {
      for (let l = 0; l < 4; l++) {
        activations.data[i * units + q] += latent.data[i * 4 + l] * mixing.data[q * 4 + l];
      }
    }
  }
  return represent(activations);
}

describe('debiased CKA', () => {
  const latent = gaussianMatrix(150, 4, randomStream(2));

  const independent = (seed: number, units: number) =>
    represent(gaussianMatrix(60, units, randomStream(seed)));

  it('is 1 for the same units and unchanged by shift and scale', () => {
    const x = gaussianMatrix(40, 12, randomStream(1));
    const moved = { ...x, data: x.data.map((value, i) => 3 * value + (i % 12)) };
    expect(debiasedCka(represent(x), represent(moved), { sharedUnits: true })).toBeCloseTo(1, 9);
  });

  it('recovers the alignment of many units from few', () => {
    const few = Array.from({ length: 8 }, (_, i) =>
      debiasedCka(seen(latent, 20, 10 + i), seen(latent, 20, 30 + i)),
    );
    const mean = few.reduce((sum, value) => sum + value, 0) / few.length;
    const many = debiasedCka(seen(latent, 600, 5), seen(latent, 600, 6));
    expect(Math.abs(mean - many)).toBeLessThan(0.12);
    expect(many).toBeGreaterThan(0.9);
    const other = gaussianMatrix(150, 4, randomStream(99));
    expect(Math.abs(debiasedCka(seen(latent, 600, 5), seen(other, 600, 6)))).toBeLessThan(0.1);
  });

  it('is a matrix over layers of different widths, and refuses other examples', () => {
    const layers = [5, 8, 13].map((units, seed) => gaussianMatrix(30, units, randomStream(seed)));
    const values = debiasedCkaMatrix(layers);
    const [x, y, z] = layers.map(represent);
    expect(values).toHaveLength(9);
    expect([values[1], values[5], values[6]]).toEqual([
      debiasedCka(x, y),
      debiasedCka(y, z),
      debiasedCka(x, z),
    ]);
    expect(() => debiasedCkaMatrix([layers[0], gaussianMatrix(31, 5, randomStream(4))])).toThrow(
      'the same examples on both sides, found 31 and 30',
    );
    expect(debiasedCkaMatrix([layers[1], layers[1]], { sharedUnits: true })[1]).toBeCloseTo(1, 12);
  });

  it('fills a symmetric matrix with 1 on its diagonal', () => {
    const all = [1, 2, 3].map((seed) => independent(seed, 10));
    const values = drain(similaritySteps(all, true));
    expect([0, 4, 8].map((i) => values[i])).toEqual([1, 1, 1]);
    expect(values[1]).toBe(values[3]);
    expect(values[1]).toBe(debiasedCka(all[1], all[0], { sharedUnits: true }));
  });
});

describe('GLUE on other images', () => {
  it('gives the figures of all samples and of either half', () => {
    const options = { samples: 20, seed: 3, ensemble: 'uniform', center: true } as const;
    const { figures, halves } = drain(glueResampleSteps(randomClouds(), options));
    const inverse = (halves[0].capacity ** -1 + halves[1].capacity ** -1) / 2;
    expect(1 / inverse).toBeCloseTo(figures.capacity, 12);
    expect(halves[0].capacity).not.toBe(halves[1].capacity);
  });
});
