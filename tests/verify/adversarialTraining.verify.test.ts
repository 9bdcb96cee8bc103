import { beforeAll, expect, it } from 'vitest';
import { attack } from '../../src/ml/adversarial/attack.ts';
import type { Engine } from '../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { generateMetamers } from '../../src/ml/metamers/generate.ts';
import { judgeMetamers } from '../../src/ml/metamers/judge.ts';
import { nullDistribution } from '../../src/ml/metamers/nulls.ts';
import { startingImage } from '../../src/ml/metamers/start.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { TrainingRun } from '../../src/ml/training/run.ts';
import { goldenModel, mnist } from '../unit/engines/golden.ts';
import { record } from './record.ts';

const network = notebookNetwork();
const train = mnist('train', 60_000);
const test = mnist('t10k', 10_000);
const judged = mnist('t10k', 1000);
/** Ten different training images, so that no single digit decides. */
const references = Float32Array.from(mnist('train', 10).images, (byte) => byte / 255);
const starts = Float32Array.from(
  Array.from({ length: 10 }, (_, seed) => [
    ...startingImage({ kind: 'noise', scale: 1, mean: 0, seed }, 784),
  ]).flat(),
);
const nullImages = Float32Array.from(mnist('t10k', 64).images, (byte) => byte / 255);

let plain: Engine;
let robust: Engine;

beforeAll(async () => {
  plain = await createWasmEngine({ network });
  await plain.load({ parameters: goldenModel('model_trained') });
  robust = await createWasmEngine({ network });
  await robust.setData(train.images, train.labels);
  const run = new TrainingRun(robust, train, test, {
    batchSize: 64,
    learningRate: 1e-3,
    attack: { norm: 'linf', epsilon: 0.1, steps: 7, stepSize: 0.025, randomStart: true, seed: 0 },
  });
  await run.reset(111);
  const { epochs } = await run.train(
    { epochs: 2 },
    {
      next: () => 100,
      onEpoch: ({ epoch, testAccuracy, seconds }) =>
        console.log(`epoch ${epoch}: clean ${testAccuracy}, ${Math.round(seconds)} s`),
    },
  );
  record(
    'clean accuracy after 2 epochs of PGD-7 training',
    'about .976 (PyTorch)',
    String(epochs[1].testAccuracy),
  );
}, 3_600_000);

it('produces a network that resists PGD-40, unlike normal training', async () => {
  const settings = { method: 'pgd', epsilon: 0.1, steps: 40, stepSize: 0.01 } as const;
  const before = await attack(plain, judged.images, judged.labels, settings);
  const after = await attack(robust, judged.images, judged.labels, settings);
  record('robust accuracy, plain network', 'about .10', String(before.correct / before.count));
  record('robust accuracy, adversarially trained', 'at least .85', String(after.correct / after.count));
  expect(before.correct / before.count).toBeLessThan(0.12);
  expect(after.correct / after.count).toBeGreaterThanOrEqual(0.85);
});

it('reports how recognizable its fc metamers are, compared with the normal network’s', async () => {
  for (const [name, engine] of Object.entries({ plain, robust })) {
    const nulls = await nullDistribution(engine, nullImages);
    for (const iterations of [1000, 4000]) {
      const { last } = await generateMetamers(engine, references, starts, { layer: 'fc', iterations });
      const verdicts = await judgeMetamers(engine, references, last.images, { layer: 'fc', nulls });
      const correlations = verdicts.map(({ pixelCorrelation }) => pixelCorrelation);
      const mean = correlations.reduce((sum, value) => sum + value / correlations.length, 0);
      const range = [Math.min(...correlations), Math.max(...correlations)].map((value) => value.toFixed(3));
      const passed = verdicts.filter(({ isMetamer }) => isMetamer).length;
      expect(verdicts.every(({ reference, metamer }) => reference.prediction === metamer.prediction)).toBe(
        true,
      );
      record(
        `pixel correlation of ten fc metamers of the ${name} network after ${iterations} iterations`,
        'reported, whatever it is',
        `mean ${mean.toFixed(3)}, ${range.join(' to ')}; ${passed} of 10 pass as metamers`,
      );
    }
  }
});
