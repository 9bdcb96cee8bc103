import { expect, it } from 'vitest';
import {
  analyzeManifolds,
  FIGURES,
  type FigureName,
  figuresOf,
  type PreparedCenters,
  resampleSteps,
  samplesOfResample,
} from '../../src/ml/geometry/index.ts';
import { drain } from '../../src/ml/linear/steps.ts';
import { notebookNetwork, shapeAt, sizeOf } from '../../src/ml/model/network.ts';
import { type Analysis, checkVerdicts, redraw } from './redraws.ts';

/** Tests the verdicts of "Tangled or untangled?": untrained against trained, on 100 redraws of the images. */
const DRAWS = 100;
const SAMPLES = 300;

const titles: Record<FigureName, string> = {
  capacity: 'capacity',
  radius: 'mean radius',
  radiusMedian: 'median radius',
  dimension: 'dimension',
  centerCorrelation: 'center correlation',
};

it.each(['conv', 'relu', 'fc'])(
  'makes at most 10 of 100 verdicts at %s that redrawn images do not support',
  {
    timeout: 3_600_000,
  },
  async (layer) => {
    const samples = samplesOfResample(SAMPLES, sizeOf(shapeAt(notebookNetwork(), layer)));
    const redrawn = await redraw({ layer, draws: DRAWS }, meanField(samples));
    for (const name of FIGURES) {
      checkVerdicts(redrawn, name, { title: titles[name], noiseShare: samples / SAMPLES });
    }
    expect(redrawn.estimates.model_trained).toHaveLength(DRAWS);
  },
);

/** The mean-field analysis as in the page: a redraw's search also starts at the solutions on the notebook's images. */
function meanField(samples: number): Analysis<FigureName> {
  const warmStarts = new Map<string, PreparedCenters['candidates'][number]['weights'][]>();
  return {
    prepare(manifolds, moment) {
      const { candidates } = analyzeManifolds(manifolds, { samples: 2 }).centers;
      warmStarts.set(
        moment,
        candidates.map(({ weights }) => weights),
      );
    },
    estimate(manifolds) {
      const result = analyzeManifolds(manifolds, { samples: SAMPLES });
      return { figures: figuresOf(result), standardErrors: result.standardErrors };
    },
    resample: (manifolds, seed, moment) =>
      drain(resampleSteps(manifolds, { samples, seed, warmStart: warmStarts.get(moment) })),
  };
}
