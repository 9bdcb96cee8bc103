import { expect, openLab, test } from '../browser/fixtures.ts';
import { goldenBase64, goldenJson } from '../browser/golden.ts';
import { record } from './record.ts';

const notebookOrder = ['3', '2', '8', '4', '9', '1', '6', '7', '0', '5'];
const { indices } = goldenJson<{ indices: Record<string, number[]> }>('mftma_notebook.json');
const notebookImages = notebookOrder.flatMap((label) => indices[label]);

test('training untangles the notebook’s images on the page', async ({ lab, site }) => {
  await openLab(lab, site);
  const found = await lab.evaluate(
    async ([init, trained, indices]) => {
      const load = (base64: string) =>
        window.lab.loadParameters(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
      await load(init);
      const before = await window.lab.geometry({ layers: ['fc'], indices });
      await load(trained);
      const started = performance.now();
      const after = await window.lab.geometry({ indices });
      return { before: before.fc, after, seconds: (performance.now() - started) / 1000 };
    },
    [
      goldenBase64('model_init.safetensors'),
      goldenBase64('model_trained.safetensors'),
      notebookImages,
    ] as const,
  );
  const { input, conv, fc } = found.after;
  expect(found.before.capacity).toBeCloseTo(0.17, 2);
  expect(Math.abs(fc.capacity - 0.366)).toBeLessThan(0.02);
  expect(input.capacity).toBeCloseTo(0.102, 2);
  expect(conv.capacity).toBeCloseTo(0.106, 2);
  const show = ({ capacity, radius, dimension, rank }: typeof fc) =>
    `${capacity.toFixed(3)} ${radius.toFixed(3)} ${dimension.toFixed(2)} rank ${rank}`;
  record('fc: capacity, radius, dimension', '.366 .908 4.57 rank 2', show(fc));
  record('input: capacity, radius, dimension', '.102 1.097 16.76 rank 1', show(input));
  record('fc capacity, untrained', '.17', found.before.capacity.toFixed(3));
  record('four layers, images to figures, in the page', 'no line', `${found.seconds.toFixed(2)} s`);
});

test('training keeps 80 % of its speed while the geometry follows', async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ seed: 111, maxSteps: 100 }));
  const rate = () =>
    lab.evaluate(async () => {
      const { steps, seconds } = await window.lab.train({ maxSteps: 400 });
      return steps / seconds;
    });
  const panel = lab.locator('#geometry');
  const shares: number[] = [];
  for (let round = 0; round < 3; round++) {
    await lab.evaluate(() => window.scrollTo(0, 0));
    await lab.waitForTimeout(1000);
    const alone = await rate();
    await panel.scrollIntoViewIfNeeded();
    await lab.waitForTimeout(1000);
    shares.push((await rate()) / alone);
  }
  const [, share] = [...shares].sort((a, b) => a - b);
  record(
    'training speed while the geometry follows',
    'at least 80 % of its speed alone',
    shares.map((one) => `${(100 * one).toFixed(0)} %`).join(', '),
  );
  expect(share).toBeGreaterThanOrEqual(0.8);
});
