import { it } from 'vitest';
import {
  type GlueFigure,
  glueFiguresOf,
  glueGeometry,
  glueResampleSteps,
  samplesOfResample,
} from '../../src/ml/geometry/index.ts';
import { drain } from '../../src/ml/linear/steps.ts';
import { notebookNetwork, shapeAt, sizeOf } from '../../src/ml/model/network.ts';
import { type Analysis, checkErrors, checkVerdicts, redraw } from './redraws.ts';

/** Tests GLUE's errors over images and its verdicts, untrained against trained, on redraws of the images. */
const SAMPLES = 300;

const glue = (samples: number): Analysis<GlueFigure> => ({
  estimate(manifolds, seed) {
    const result = glueGeometry(manifolds, { samples: SAMPLES, seed });
    return { figures: glueFiguresOf(result), standardErrors: result.standardErrors };
  },
  resample: (manifolds, seed) =>
    drain(glueResampleSteps(manifolds, { samples, seed, ensemble: 'uniform', center: true })),
});

it.each([
  { layer: 'fc', draws: 100 },
  // At 21,632 units, a draw and its redraw take four seconds at each moment. With 12 draws chance alone failed the check.
  { layer: 'conv', draws: 60 },
])(
  'GLUE’s errors over images are those of redraws at $layer',
  { timeout: 3_600_000 },
  async ({ layer, draws }) => {
    const samples = samplesOfResample(SAMPLES, sizeOf(shapeAt(notebookNetwork(), layer)));
    const redrawn = await redraw({ layer, draws }, glue(samples));
    for (const name of ['capacity', 'dimension', 'radius'] as const) {
      checkErrors(redrawn, name, `GLUE’s ${name}`);
      checkVerdicts(redrawn, name, { title: `GLUE’s ${name}`, noiseShare: samples / SAMPLES });
    }
  },
);
