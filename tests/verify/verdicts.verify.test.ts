import { beforeAll, expect, it } from 'vitest';
import { samplesOfResample } from '../../src/lab/geometry/layerAnalysis.ts';
import { notebookDraw } from '../../src/ml/data/notebookDraw.ts';
import type { Engine } from '../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { randomStream } from '../../src/ml/geometry/gaussian.ts';
import {
  analyzeManifolds,
  changesBetween,
  FIGURES,
  type FigureName,
  type Figures,
  figuresOf,
  type Manifold,
  type Resample,
  resampleSteps,
} from '../../src/ml/geometry/index.ts';
import { drain } from '../../src/ml/linear/steps.ts';
import { notebookNetwork, shapeAt, sizeOf } from '../../src/ml/model/network.ts';
import { randomOrder } from '../../src/ml/random/order.ts';
import { goldenModel, mnist } from '../unit/engines/golden.ts';
import { record } from './record.ts';

/** Tests the verdicts of "Tangled or untangled?": untrained against trained, on 100 redraws of the images. */
const DRAWS = 100;
const RESAMPLES = 10;
const EXAMPLES = 50;
const SAMPLES = 300;
/** Maximum number of false verdicts per figure. */
const MOST_FALSE = 10;
const LAYERS = ['conv', 'relu', 'fc'] as const;
const MOMENTS = ['model_init', 'model_trained'] as const;
type Layer = (typeof LAYERS)[number];
type Moment = (typeof MOMENTS)[number];
type Table<T> = Record<Layer, Record<Moment, T>>;

const train = mnist('train', 60_000);
const engines = new Map<Moment, Engine>();
beforeAll(async () => {
  for (const moment of MOMENTS) {
    const engine = await createWasmEngine({ network: notebookNetwork() });
    await engine.load({ parameters: goldenModel(moment) });
    engines.set(moment, engine);
  }
});

const samplesOf = (layer: Layer) => samplesOfResample(SAMPLES, sizeOf(shapeAt(notebookNetwork(), layer)));

const titles: Record<FigureName, string> = {
  capacity: 'capacity',
  radius: 'mean radius',
  radiusMedian: 'median radius',
  dimension: 'dimension',
  centerCorrelation: 'center correlation',
};

it('makes at most 10 of 100 verdicts that redrawn images do not support', {
  timeout: 3_600_000,
}, async () => {
  const first = notebookDraw(train.labels, { classes: 10, examplesPerClass: EXAMPLES });
  const order = first.map(({ label }) => label);
  const warmStart = await tableOf(imagesOf(first.flatMap(({ indices }) => [...indices])), (manifolds) =>
    analyzeManifolds(manifolds, { samples: 2 }).centers.candidates.map(({ weights }) => weights),
  );
  const figures: Table<Figures>[] = [];
  const resamples: Table<Resample>[] = [];
  for (let i = 0; i < DRAWS; i++) {
    figures.push(
      await tableOf(imagesOf(drawOf(i, order)), (manifolds) =>
        figuresOf(analyzeManifolds(manifolds, { samples: SAMPLES })),
      ),
    );
    resamples.push(
      await tableOf(imagesOf(drawOf(DRAWS + i, order)), (manifolds, layer, moment) =>
        drain(
          resampleSteps(manifolds, {
            samples: samplesOf(layer),
            seed: DRAWS + i,
            warmStart: warmStart[layer][moment],
          }),
        ),
      ),
    );
    if (i % 10 === 9) console.log(`${i + 1} of ${DRAWS} draws`);
  }
  const worst = LAYERS.flatMap((layer) => FIGURES.map((name) => judge(layer, name, figures, resamples)));
  expect(Math.max(...worst)).toBeLessThanOrEqual(MOST_FALSE);
});

/** Counts and records the false verdicts on one figure of one layer. */
function judge(
  layer: Layer,
  name: FigureName,
  figures: readonly Table<Figures>[],
  resamples: readonly Table<Resample>[],
): number {
  const [before, after] = MOMENTS;
  const differences = figures.map((one) => one[layer][after][name] - one[layer][before][name]);
  const mean = differences.reduce((sum, value) => sum + value, 0) / DRAWS;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (DRAWS - 1));
  const isNull = Math.abs(mean) < (2 * deviation) / Math.sqrt(DRAWS);
  let verdicts = 0;
  let wrong = 0;
  figures.forEach((own, i) => {
    const others = severalOf(resamples, i).map((one) => one[layer]);
    const [a, b] = MOMENTS.map((moment) => ({
      figures: own[layer][moment],
      resamples: others.map((one) => one[moment]),
    }));
    const change = changesBetween(a, b, samplesOf(layer) / SAMPLES)?.[name];
    if (!change?.isClear) return;
    verdicts++;
    if (isNull || Math.sign(change.difference) !== Math.sign(mean)) wrong++;
  });
  record(
    `${layer}, ${titles[name]}: false verdicts on 100 redraws of the images`,
    `at most ${MOST_FALSE}`,
    `${wrong} of ${verdicts} verdicts; the change is ${mean.toPrecision(2)} on average, ${deviation.toPrecision(2)} from draw to draw`,
  );
  return wrong;
}

/** Ten of the further draws, different ones for each draw. */
function severalOf<T>(all: readonly T[], draw: number): T[] {
  const random = randomStream(draw, 5);
  const left = [...all];
  return Array.from(
    { length: RESAMPLES },
    () => left.splice(Math.floor(random.uniform() * left.length), 1)[0],
  );
}

/** Fifty images of every class, with the classes in the given order. */
function drawOf(draw: number, order: readonly number[]): number[] {
  const members = order.map((): number[] => []);
  for (const index of randomOrder(10_000 + draw, train.labels.length)) {
    const own = members[order.indexOf(train.labels[index])];
    if (own.length < EXAMPLES) own.push(index);
  }
  return members.flat();
}

function imagesOf(indices: readonly number[]): Uint8Array {
  const images = new Uint8Array(indices.length * 784);
  indices.forEach((index, row) => {
    images.set(train.images.subarray(index * 784, (index + 1) * 784), row * 784);
  });
  return images;
}

/** One value for every layer at both moments. */
async function tableOf<T>(
  images: Uint8Array,
  of: (manifolds: Manifold[], layer: Layer, moment: Moment) => T,
): Promise<Table<T>> {
  const rowOf = async (layer: Layer): Promise<Record<Moment, T>> => {
    const [init, trained] = await Promise.all(
      MOMENTS.map(async (moment) => of(await manifoldsOf(images, layer, moment), layer, moment)),
    );
    return { model_init: init, model_trained: trained };
  };
  return { conv: await rowOf('conv'), relu: await rowOf('relu'), fc: await rowOf('fc') };
}

async function manifoldsOf(images: Uint8Array, layer: Layer, moment: Moment): Promise<Manifold[]> {
  const data = await engines.get(moment)?.forward(images, layer);
  if (!data) throw new Error(`verdicts: expected an engine for ${moment}, found none`);
  const rows = EXAMPLES;
  const columns = data.length / (images.length / 784);
  const size = rows * columns;
  return Array.from({ length: data.length / size }, (_, m) => ({
    data: data.slice(m * size, (m + 1) * size),
    rows,
    columns,
  }));
}
