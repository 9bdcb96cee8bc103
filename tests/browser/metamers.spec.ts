import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { goldenBase64, goldenJson } from './golden.ts';

interface MetamerGolden {
  runs: Record<string, { loss_first_100_f64: number[] }>;
  manifest: Record<string, { offset: number; nbytes: number }>;
}

interface AdversarialGolden {
  fgsm: Record<string, { correct_f32: number; correct_f64: number }>;
}

async function loadTrained(page: Page): Promise<void> {
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    await window.lab.loadParameters(bytes);
  }, goldenBase64('model_trained.safetensors'));
}

function goldenArray({ manifest }: MetamerGolden, name: string): number[] {
  const { offset, nbytes } = manifest[name];
  const bytes = readFileSync('tests/golden/metamer.bin').subarray(offset, offset + nbytes);
  return [...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + nbytes))];
}

/** The message of what a script's call was refused with. */
const refusal = (page: Page, call: string) =>
  page.evaluate(
    (text) =>
      new Function(`return ${text}`)().then(
        () => 'nothing',
        (error: Error) => error.message,
      ),
    call,
  );

test('lab.metamer follows the float64 loss curve, and leaves the parameters as they are', async ({
  scripted,
}) => {
  await loadTrained(scripted);
  const golden = goldenJson<MetamerGolden>('metamer.json');
  const found = await scripted.evaluate(
    async (init) => {
      const before = await window.lab.parameters();
      const progress: number[] = [];
      const result = await window.lab.metamer({
        layer: 'conv',
        image: { split: 'train', index: 0 },
        init: Float32Array.from(init),
        keep: [0, 40],
        onProgress: ({ iteration }) => progress.push(iteration),
      });
      const after = await window.lab.parameters();
      return {
        losses: [...result.losses],
        kept: result.kept.map(({ iteration }) => iteration),
        same: Object.keys(before).every((name) => before[name].every((value, i) => value === after[name][i])),
        last: progress.at(-1),
        layers: Object.keys(result.match),
      };
    },
    goldenArray(golden, 'init'),
  );
  const expected = golden.runs.conv.loss_first_100_f64;
  expect(found.losses).toHaveLength(100);
  const worst = Math.max(...found.losses.map((loss, i) => Math.abs(loss / expected[i] - 1)));
  expect(worst).toBeLessThanOrEqual(1e-5);
  expect(found.kept).toEqual([0, 40]);
  expect(found.same).toBe(true);
  expect(found.last).toBe(100);
  expect(found.layers).toEqual(['input', 'conv', 'relu', 'fc', 'logSoftmax']);
});

test('lab.attack counts as float64 does, and bad input is refused with a clear message', async ({
  scripted,
}) => {
  await loadTrained(scripted);
  const { fgsm } = goldenJson<AdversarialGolden>('adversarial.json');
  const found = await scripted.evaluate(async () => {
    const indices = Array.from({ length: 1000 }, (_, i) => i);
    const { images, ...result } = await window.lab.attack({ method: 'fgsm', epsilon: 0.1, indices });
    return { ...result, pixels: images.length };
  });
  expect(found.count).toBe(1000);
  expect(found.correctBefore).toBe(983);
  expect(Math.abs(found.correct - fgsm['0.1'].correct_f64)).toBeLessThanOrEqual(5);
  expect(found.correctAs8Bit).toBeGreaterThanOrEqual(found.correct);
  expect(found.pixels).toBe(784_000);

  const image = "{ split: 'test', index: 0 }";
  const refusals: [string, RegExp][] = [
    [`lab.attack({ method: 'fgsm', epsilon: 1.5 })`, /epsilon from 0 to 1 for linf, found 1.5/],
    [`lab.attack({ method: 'cw', epsilon: 0.1 })`, /method "fgsm" or "pgd", found "cw"/],
    [`lab.metamer({ layer: 'pool', image: ${image} })`, /a layer among input, conv/],
    [
      `lab.metamer({ layer: 'fc', image: ${image}, learningRate: 0 })`,
      /learningRate: expected a number above 0/,
    ],
    [`lab.metamer({ layer: 'fc', image: ${image}, learningRate: 1e9 })`, /learningRate: expected/],
    [`lab.metamer({ layer: 'fc', image: ${image}, loss: 'import(a)' })`, /import/],
    [`lab.metamer({ layer: 'fc', image: ${image}, loss: 'sum(b - q)' })`, /q/],
    [`lab.metamer({ layer: 'fc', image: ${image}, loss: 'b - a' })`, /single number|one number|10/],
    [`lab.metamer({ layer: 'fc', image: ${image}, loss: 'log(-sum(b^2))' })`, /finite result, found NaN/],
    [`lab.train({ attack: { epsilon: 2 } })`, /epsilon from 0 to 1 for linf, found 2/],
  ];
  for (const [call, message] of refusals) expect(await refusal(scripted, call), call).toMatch(message);
});
