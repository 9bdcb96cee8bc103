import { beforeAll, describe, expect, it } from 'vitest';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { gaussianMatrix, randomStream } from '../../src/ml/geometry/gaussian.ts';
import { studentQuantile } from '../../src/ml/geometry/index.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { randomOrder } from '../../src/ml/random/order.ts';
import {
  type CkaEstimate,
  debiasedCka,
  debiasedCkaEstimate,
  type Represented,
  represent,
} from '../../src/ml/similarity/alignment.ts';
import { goldenModel, mnist } from '../unit/engines/golden.ts';
import { record } from './record.ts';
import { imagesOf } from './redraws.ts';
import { spreadOf } from './spread.ts';

/** Tests the errors of debiased CKA on draws of 200 training images, as in the page, that have no image in common. */
const IMAGES = 200;
const DRAWS = 100;
const LAYERS = ['input', 'conv', 'relu', 'fc'] as const;
const MOMENTS = ['model_init', 'model_trained'] as const;
/** Expected share of values outside their 95 % interval, and the number of its own deviations that a count may exceed it by. */
const OUTSIDE = 0.05;
const DEVIATIONS = 2.3;

type Layers = Record<(typeof LAYERS)[number], Represented>;

/** Each draw's layers at both moments, compared at once: their activations are not kept. */
async function eachDraw(
  draws: number,
  use: (layers: Record<(typeof MOMENTS)[number], Layers>) => void,
): Promise<void> {
  const { images, labels } = mnist('train', 60_000);
  const order = randomOrder(0, labels.length);
  const engines = await Promise.all(
    MOMENTS.map(async (moment) => {
      const engine = await createWasmEngine({ network: notebookNetwork() });
      await engine.load({ parameters: goldenModel(moment) });
      return engine;
    }),
  );
  for (let draw = 0; draw < draws; draw++) {
    const drawn = imagesOf(images, Array.from(order.subarray(draw * IMAGES, (draw + 1) * IMAGES)));
    const layersOf = async (engine: (typeof engines)[number]): Promise<Layers> => {
      const at = async (layer: string) => {
        const data = await engine.forward(drawn, layer);
        return represent({ data, rows: IMAGES, columns: data.length / IMAGES });
      };
      return { input: await at('input'), conv: await at('conv'), relu: await at('relu'), fc: await at('fc') };
    };
    use({ model_init: await layersOf(engines[0]), model_trained: await layersOf(engines[1]) });
    if (draw % 20 === 19) console.log(`${draw + 1} of ${draws} draws`);
  }
  for (const engine of engines) await engine.dispose();
}

/** Compares the claimed errors with the spread over the draws, and counts values outside their interval. */
function check(title: string, estimates: readonly CkaEstimate[]): void {
  const draws = estimates.length;
  const most = Math.round(OUTSIDE * draws + DEVIATIONS * Math.sqrt(OUTSIDE * (1 - OUTSIDE) * draws));
  // Three standard errors of a spread of as many values as draws.
  const highest = 1 + 3 / Math.sqrt(2 * draws);
  const { mean, deviation } = spreadOf(estimates.map(({ value }) => value));
  const ratio = spreadOf(estimates.map(({ error }) => error)).mean / deviation;
  const quantile = studentQuantile(IMAGES - 1);
  const outside = estimates.filter(({ value, error }) => Math.abs(value - mean) > quantile * error).length;
  record(
    `debiased CKA, ${title}: values outside their 95 % interval on ${draws} draws of ${IMAGES} images`,
    `${OUTSIDE * draws}, at most ${most}; errors of ${(1 / highest).toFixed(2)} to ${highest.toFixed(2)} times the spread`,
    `${outside}; ${ratio.toFixed(2)} (${mean.toFixed(3)} on average, ${deviation.toPrecision(2)} from draw to draw)`,
  );
  expect.soft(outside, title).toBeLessThanOrEqual(most);
  expect.soft(ratio, title).toBeGreaterThan(1 / highest);
  expect.soft(ratio, title).toBeLessThan(highest);
}

describe('on MNIST', () => {
  const found = new Map<string, CkaEstimate[]>();
  const add = (title: string, estimate: CkaEstimate) =>
    found.set(title, [...(found.get(title) ?? []), estimate]);

  beforeAll(async () => {
    await eachDraw(DRAWS, ({ model_init: before, model_trained: after }) => {
      for (const [i, layer] of LAYERS.entries()) {
        for (const other of LAYERS.slice(0, i)) {
          add(`${layer} and ${other}, untrained`, debiasedCkaEstimate(before[layer], before[other]));
          add(`${layer} and ${other}, trained`, debiasedCkaEstimate(after[layer], after[other]));
        }
        if (layer === 'input') continue;
        const moments = debiasedCkaEstimate(before[layer], after[layer], { sharedUnits: true });
        add(`${layer}, untrained and trained`, moments);
      }
    });
  });

  it('the errors are the spread over draws of the images', () => {
    expect(found.size).toBe(15);
    for (const [title, estimates] of found) check(title, estimates);
  });
});

it.each([
  { examples: 60, units: [30, 20] },
  { examples: 200, units: [10, 10] },
])('noise of $examples examples has no value', ({ examples, units }) => {
  const PAIRS = 400;
  let values = 0;
  let ratios = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const [x, y] = units.map((width, side) =>
      represent(gaussianMatrix(examples, width, randomStream(pair, 1 + side))),
    );
    if (!Number.isNaN(debiasedCka(x, y))) ratios++;
    if (!Number.isNaN(debiasedCkaEstimate(x, y).value)) values++;
  }
  record(
    `debiased CKA, layers of noise (${examples} examples of ${units.join(' and ')} units): pairs with a value`,
    `at most 1 % of ${PAIRS}`,
    `${values}; without the criterion ${ratios}`,
  );
  expect(values).toBeLessThanOrEqual(0.01 * PAIRS);
});
