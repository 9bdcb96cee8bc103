import type {
  OverTrainingFinding,
  RobustnessFinding,
} from '../../../../src/lab/adversarial/robustnessFinding.ts';
import type { GeometryFinding } from '../../../../src/lab/geometry/geometryFinding.ts';
import type { SimulationFinding } from '../../../../src/lab/geometry/simulationFinding.ts';
import type { Finding } from '../../../../src/lab/keep/findings.ts';
import type { MetamersFinding } from '../../../../src/lab/metamers/metamersFinding.ts';
import type { Judgement } from '../../../../src/ml/metamers/judge.ts';
import { notebookNetwork } from '../../../../src/ml/model/network.ts';
import type { LayerGlue } from '../../../../src/workers/geometryProtocol.ts';

/** A run at step 40, and one finding of every kind about the run. */
export const run = { network: notebookNetwork(), step: 40 };

const glueFigures = {
  ...{ capacity: 0.1 + 0.2, dimension: 3.5, radius: Number.POSITIVE_INFINITY, utility: 0.7 },
  ...{ centerAlignment: 3, centerAlignmentCosine: 0.3, axisAlignment: 2, axisAlignmentCosine: 0.2 },
  ...{ centerAxisAlignment: 1, centerAxisAlignmentCosine: 0.1 },
};

const glue: LayerGlue = {
  ...{ ensemble: 'balanced', center: false, ...glueFigures, standardErrors: glueFigures },
  ...{ inseparableShare: 0.01, rank: 9, dimensions: 10, lowestCapacity: 0.2, samples: 300 },
  worstViolation: 1e-14,
  companions: {
    neuralCollapse: 1 / 3,
    fewShot: {
      ...{ shots: 5, error: 0.1, standardError: 0.01, theory: 0.11 },
      ...{ radius: 2, dimension: 7, distance: 1.5 },
    },
  },
  imageErrors: glueFigures,
  resampled: {
    kind: 'halves',
    samples: 100,
    resamples: [1, 2].map((capacity) => {
      const figures = { ...glueFigures, capacity };
      return { figures, halves: [figures, figures] };
    }),
  },
};

export const geometry: GeometryFinding = {
  kind: 'geometry',
  settings: {
    ...{ split: 'test', draw: 'seeded', examplesPerClass: 50, kappa: 0.1, samples: 300, projection: 5000 },
    ...{ indices: undefined, resamples: 2, rule: 'reference', restarts: 12, seed: 7 },
    ...{ estimator: 'glue', ensemble: 'balanced', center: false },
  },
  step: 40,
  result: {
    layer: 'fc',
    labels: [3, 1],
    capacity: 0.1 + 0.2,
    radius: 1 / 3,
    radiusMedian: 0.5,
    dimension: 4.5,
    centerCorrelation: 0.3,
    rank: 1,
    perManifold: [0.25, 0.75].map((capacity) => ({
      capacity,
      radius: 1,
      dimension: 2,
      standardErrors: { capacity: 0.01, radius: 0.02, dimension: 0.03 },
      points: 50,
      centerNorm: 2,
      centerNormRatio: 0.9,
    })),
    standardErrors: { capacity: 0.01, radius: 0.02, radiusMedian: 0.02, dimension: 0.03 },
    search: { starts: 12, finds: 3 },
    exampleErrors: { capacity: 0.1, radius: 0.2, radiusMedian: 0.2, dimension: 0.3, centerCorrelation: 0.4 },
    resampled: {
      kind: 'redraws',
      samples: 100,
      resamples: [1, 2].map((value) => {
        const figures = {
          ...{ capacity: value, radius: value, radiusMedian: value, dimension: value },
          centerCorrelation: 0.5,
        };
        return { figures, halves: [figures, { ...figures, capacity: 0.25 }] };
      }),
    },
    warmStart: [{ rows: 1, columns: 2, data: Float64Array.of(0.5, -0.25) }],
    glue,
    simulation: {
      ...{ capacity: 0.4, standardError: 0.05, dichotomies: 50 },
      dimensions: Int32Array.of(1, 2),
      fraction: Float64Array.of(0.5, 1),
    },
  },
};

export const simulation: SimulationFinding = {
  kind: 'simulation',
  settings: geometry.settings,
  step: 40,
  layer: 'fc',
  offset: true,
  result: {
    capacity: 0.4,
    standardError: 0.05,
    dimensions: Int32Array.of(1, 2, 3),
    fraction: Float64Array.of(0, 0.5, 1),
    dichotomies: 50,
  },
};

const points = [0, 0.1].map((epsilon) => ({
  epsilon,
  correctBefore: 9,
  correct: 5,
  correctAs8Bit: 6,
  count: 10,
}));

export const robustness: RobustnessFinding = {
  kind: 'robustness',
  step: 40,
  drawn: 1_700_000_000_000,
  method: 'fgsm',
  norm: 'linf',
  count: 10,
  points: [...points, { ...points[1], epsilon: 0.2, reachedTarget: 4 }],
};

const overTraining: OverTrainingFinding = {
  kind: 'overTraining',
  step: 8,
  attack: {
    method: 'pgd',
    norm: 'l2',
    epsilon: 1.5,
    steps: 40,
    randomStart: true,
    target: 3,
    count: 10,
  },
  correctBefore: 9,
  correct: 5,
  correctAs8Bit: 6,
};

const image = (value: number) => Float32Array.from({ length: 784 }, (_, i) => value + i / 1000);
const match = { spearman: 0.99, pearson: 0.98, snr: Number.POSITIVE_INFINITY };
const classification = { prediction: 4, probabilities: Float64Array.from({ length: 10 }, (_, i) => i / 45) };

const judgement: Judgement = {
  layers: [
    {
      layer: 'fc',
      match,
      threshold: { ...match, snr: 12 },
      thresholdError: { spearman: 0.01, pearson: 0.02, snr: 0.5 },
      reachedBy: { spearman: 0.001, pearson: 0, snr: 0.25 },
      outside: { spearman: true, pearson: true, snr: true },
    },
  ],
  pixelCorrelation: 0.1,
  similarity: 0.2,
  reference: classification,
  metamer: classification,
  isMetamer: false,
  nulls: { images: 50, pairs: 1225, passingPairs: 2, passingImages: 3 },
  failures: ['it is read as 3'],
};

export const metamers: MetamersFinding = {
  kind: 'metamers',
  step: 40,
  reference: {
    id: 'train:0',
    name: 'training image 0',
    label: 5,
    pixels: image(0),
    origin: { kind: 'dataSet', split: 'train', index: 0 },
  },
  recipe: {
    start: { kind: 'image', image: image(-2) },
    iterations: 100,
    learningRate: 0.01,
    loss: 'mean((b - a)^2)',
    totalVariation: 0,
    clip: false,
    accumulate: false,
  },
  rows: [
    {
      layer: 'fc',
      losses: [2, 1.5, 0.25],
      answer: {
        count: 1,
        losses: [Float64Array.of(2, 1.5, 0.25)],
        last: { iteration: 100, images: image(1), losses: Float64Array.of(0.25) },
        best: { images: image(2), losses: Float64Array.of(0.2), iterations: Int32Array.of(90) },
        kept: [{ iteration: 0, images: image(3) }],
        pairs: 1225,
        judgements: [judgement],
        clipped: [{ ...judgement, isMetamer: true, failures: [] }],
      },
    },
  ],
};

export const findings: Finding[] = [geometry, simulation, robustness, overTraining, metamers];
