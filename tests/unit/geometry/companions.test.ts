import { describe, expect, it } from 'vitest';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import { fewShot, glueResampleSteps, neuralCollapse } from '../../../src/ml/geometry/index.ts';
import { drain } from '../../../src/ml/linear/steps.ts';
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

describe('GLUE on other images', () => {
  it('gives the figures of all samples and of either half', () => {
    const options = { samples: 20, seed: 3, ensemble: 'uniform', center: true } as const;
    const { figures, halves } = drain(glueResampleSteps(randomClouds(), options));
    const inverse = (halves[0].capacity ** -1 + halves[1].capacity ** -1) / 2;
    expect(1 / inverse).toBeCloseTo(figures.capacity, 12);
    expect(halves[0].capacity).not.toBe(halves[1].capacity);
  });
});
