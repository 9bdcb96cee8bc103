import { expect, it } from 'vitest';
import { AS_THE_NOTEBOOK, FIRST_CONTROLS } from '../../../src/lab/metamers/recipe.ts';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { generateMetamers } from '../../../src/ml/metamers/generate.ts';
import { startingImage } from '../../../src/ml/metamers/start.ts';
import { pearson } from '../../../src/ml/metamers/statistics.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { goldenModel, mnist } from '../engines/golden.ts';

it('“as the notebook” gives the correlation and the best iteration that the notebook prints: .86 and 44', async () => {
  const engine = await createWasmEngine({ network: notebookNetwork() });
  await engine.load({ parameters: goldenModel('model_trained') });
  const reference = Float32Array.from(mnist('train', 1).images, (byte) => byte / 255);
  const make = async (scale: number, accumulate: boolean) => {
    const start = startingImage({ kind: 'noise', scale, mean: 0, seed: 314 }, reference.length);
    const { iterations, learningRate, clip } = AS_THE_NOTEBOOK;
    const settings = { iterations, learningRate, clip, accumulate, layer: 'conv' };
    const { best, last } = await generateMetamers(engine, reference.slice(), start, settings);
    return { best: best.iterations[0], correlation: pearson(reference, last.images) };
  };
  expect(AS_THE_NOTEBOOK).toMatchObject({
    start: { kind: 'noise', scale: 0.1 },
    accumulate: true,
    clip: false,
  });
  const fits = await make(0.1, true);
  expect(fits.correlation).toBeCloseTo(0.86, 2);
  expect(Math.abs(fits.best - 44)).toBeLessThanOrEqual(1);
  // Neither noise of scale 1 nor gradients that are reset reproduce it.
  expect((await make(1, true)).correlation).toBeLessThan(0.6);
  expect((await make(0.1, false)).best).toBeGreaterThan(90);
  await engine.dispose();
});

it('the panel clips to [0, 1] by default', () => {
  expect(FIRST_CONTROLS.clip).toBe(true);
});
