import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';
import { goldenJson } from '../page/golden.ts';
import { loadTrained } from '../page/trained.ts';

interface MetamerGolden {
  runs: Record<
    string,
    { loss_first_100_f64: number[]; accumulate_variant: { loss_first_100_f64: number[] } }
  >;
  manifest: Record<string, { offset: number; nbytes: number; dtype: 'float32' | 'float64' }>;
}

interface AdversarialGolden {
  fgsm: Record<string, { correct_f32: number; correct_f64: number }>;
}

function goldenArray({ manifest }: MetamerGolden, name: string): number[] {
  const { offset, nbytes, dtype } = manifest[name];
  const bytes = new Uint8Array(readFileSync('tests/golden/metamer.bin')).slice(offset, offset + nbytes);
  return [...new (dtype === 'float64' ? Float64Array : Float32Array)(bytes.buffer)];
}

/** Drags with the mouse; the page scrolls to the target during the drag. */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  const center = async (of: Locator) => {
    await of.evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
    const box = await of.boundingBox();
    if (!box) throw new Error('drag: expected an element in view, found none');
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const start = await center(from);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + 6, start.y + 6, { steps: 2 });
  const end = await center(to);
  await page.mouse.move(end.x, end.y - 10, { steps: 4 });
  await page.mouse.move(end.x, end.y);
  await page.mouse.up();
}

/** The message of a script call's refusal. */
const refusal = (page: Page, call: string) =>
  page.evaluate(
    (text) =>
      new Function(`return ${text}`)().then(
        () => 'nothing',
        (error: Error) => error.message,
      ),
    call,
  );

test('lab.metamer makes the golden metamers, and does not change the parameters', async ({ scripted }) => {
  await loadTrained(scripted);
  const golden = goldenJson<MetamerGolden>('metamer.json');
  const found = await scripted.evaluate(
    async (init) => {
      const before = await window.lab.parameters();
      const progress: number[] = [];
      const make = async (layer: string, accumulate: boolean) => {
        const { losses, image, kept, match } = await window.lab.metamer({
          layer,
          accumulate,
          image: { split: 'train', index: 0 },
          init: Float32Array.from(init),
          keep: [0, 40],
          onProgress: ({ iteration }) => progress.push(iteration),
        });
        return {
          layer,
          losses: [...losses],
          image: [...image],
          kept: kept.map(({ iteration }) => iteration),
          layers: Object.keys(match),
        };
      };
      const plain = [];
      const accumulating = [];
      for (const layer of ['conv', 'relu', 'fc']) {
        plain.push(await make(layer, false));
        accumulating.push(await make(layer, true));
      }
      const after = await window.lab.parameters();
      const same = Object.keys(before).every((name) =>
        before[name].every((value, i) => value === after[name][i]),
      );
      return { plain, accumulating, same, last: progress.at(-1) };
    },
    goldenArray(golden, 'init'),
  );
  const worst = (values: number[], expected: number[], error: (a: number, b: number) => number) =>
    values.reduce((most, value, i) => Math.max(most, Math.abs(error(value, expected[i]))), 0);
  const relative = (a: number, b: number) => a / b - 1;
  const absolute = (a: number, b: number) => a - b;
  const within: Record<string, { loss: number; image: number }> = {
    conv: { loss: 1e-5, image: 1e-4 },
    relu: { loss: 1e-5, image: 1e-4 },
    fc: { loss: 1e-4, image: 5e-3 },
  };
  for (const { layer, losses, image, kept, layers } of found.plain) {
    expect(losses).toHaveLength(100);
    expect(worst(losses, golden.runs[layer].loss_first_100_f64, relative)).toBeLessThanOrEqual(
      within[layer].loss,
    );
    expect(worst(image, goldenArray(golden, `${layer}/image_100`), absolute)).toBeLessThanOrEqual(
      within[layer].image,
    );
    expect(kept).toEqual([0, 40]);
    expect(layers).toEqual(['input', 'conv', 'relu', 'fc', 'logSoftmax']);
  }
  for (const { layer, losses, image } of found.accumulating) {
    const { loss_first_100_f64: expected } = golden.runs[layer].accumulate_variant;
    expect(worst(losses, expected, relative)).toBeLessThanOrEqual(within[layer].loss);
    const pictured = goldenArray(golden, `${layer}/accumulate_image_100`);
    expect(worst(image, pictured, absolute)).toBeLessThanOrEqual(5e-3);
  }
  expect(found.same).toBe(true);
  expect(found.last).toBe(100);
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
    [`lab.metamer({ layer: 'fc', image: ${image}, learningRate: 0 })`, /expected a learning rate above 0/],
    [`lab.metamer({ layer: 'fc', image: ${image}, learningRate: 1e9 })`, /expected a learning rate/],
    [`lab.metamer({ layer: 'fc', image: ${image}, loss: 'import(a)' })`, /import/],
    [`lab.metamer({ layer: 'fc', image: ${image}, loss: 'sum(b - q)' })`, /q/],
    [`lab.metamer({ layer: 'fc', image: ${image}, loss: 'b - a' })`, /single number|one number|10/],
    [`lab.metamer({ layer: 'fc', image: ${image}, loss: 'log(-sum(b^2))' })`, /finite result, found NaN/],
    [`lab.train({ attack: { epsilon: 2 } })`, /epsilon from 0 to 1 for linf, found 2/],
  ];
  for (const [call, message] of refusals) expect(await refusal(scripted, call), call).toMatch(message);
});

test('an image dragged to Metamers gets a metamer and its verdict', async ({ lab, site }) => {
  // Hide the panels that would compute at the same time.
  const hidden = 'filters,confusion,activations,spectrum,geometry,adversarial';
  await openLab(lab, { ...site, url: `${site.url}#v=1&hide=${hidden}` });
  await loadTrained(lab);
  const metamers = lab.locator('#metamers');
  const gallery = lab.locator('#gallery');
  for (const panel of [metamers, gallery]) await panel.scrollIntoViewIfNeeded();
  await metamers.getByTestId('reference').waitFor();
  await drag(lab, gallery.locator('[data-image="test:3"]'), metamers.getByTestId('reference'));
  await expect(metamers.getByTestId('reference')).toHaveText('test image 3');
  const iterations = metamers.getByLabel('Iterations', { exact: true });
  await iterations.fill('20');
  await iterations.press('Enter');
  await metamers.getByRole('button', { name: 'Make metamers' }).click();
  // The matches of 10,000 pairs of different images come first.
  const verdict = metamers.locator('[data-layer="fc"]').getByTestId('verdict');
  await expect(verdict).toContainText(/metamer/i, { timeout: 90_000 });
});

test('a metamer and an attack by hand, from dragging the image to the verdict', { tag: '@full' }, async ({
  lab,
  site,
}) => {
  // Hide the panels that would compute at the same time.
  await openLab(lab, {
    ...site,
    url: `${site.url}#v=1&hide=filters,confusion,activations,spectrum,geometry`,
  });
  await loadTrained(lab);
  const metamers = lab.locator('#metamers');
  const adversarial = lab.locator('#adversarial');
  for (const panel of [adversarial, metamers, lab.locator('#gallery')]) await panel.scrollIntoViewIfNeeded();
  await metamers.getByTestId('reference').waitFor();
  await drag(lab, lab.locator('#gallery [data-image="test:3"]'), metamers.getByTestId('reference'));
  await expect(metamers.getByTestId('reference')).toHaveText('test image 3');

  await refusesLosses(metamers);
  await makesMetamers(metamers);
  await comparesNetworks(lab, metamers);
  await attacks(lab, metamers, adversarial);
  await attacksSnapshots(lab, adversarial);
});

/** Shows why a loss or a learning rate is unusable, at its field. */
async function refusesLosses(metamers: Locator): Promise<void> {
  const field = (name: string) => metamers.getByLabel(name, { exact: true });
  await field('Loss').selectOption('Custom');
  const own = field('Custom loss');
  const refused: [Locator, string, RegExp][] = [
    [own, 'mean(b -', /Expected an expression, found "mean\(b -"/],
    [own, 'sum(b - q)', /found the name "q"/],
    [own, 'b - a', /Expected a single number as result, found a vector of 21632/],
    [own, 'mean(b - x)', /Expected vectors of one length, found 21632 and 784|784 and 21632/],
    [own, 'round(sum(b))', /functions abs, .*found .*round/],
    [own, 'import("x")', /found .*import/],
    [field('Learning rate'), '0', /Expected a number from .* to 10, found "0"/],
    [field('Learning rate'), '1e9', /Expected a number from .* to 10, found "1e9"/],
  ];
  for (const [place, text, message] of refused) {
    await place.fill(text);
    await expect(place).toHaveAccessibleDescription(message);
    await place.press('Escape');
  }
  // Errors that occur only during a run appear at the field, too, and the lab keeps working.
  const make = metamers.getByRole('button', { name: 'Make metamers' });
  for (const [text, message] of [
    ['log(-sum(b^2))', /found NaN/],
    ['sqrt(sum(b - b))', /Expected a derivative by b, found none here/],
  ] as const) {
    await own.fill(text);
    await own.press('Enter');
    await make.click();
    await expect(own).toHaveAccessibleDescription(message);
  }
  await field('Loss').selectOption('Mean squared error');
}

/** Makes metamers with a pause, and shows their verdicts and iterations. */
async function makesMetamers(metamers: Locator): Promise<void> {
  // Long enough to be paused in the middle.
  const iterations = metamers.getByLabel('Iterations', { exact: true });
  await iterations.fill('1500');
  await iterations.press('Enter');
  await metamers.getByRole('button', { name: 'Make metamers' }).click();
  await metamers.getByRole('button', { name: 'Pause' }).click();
  const conv = metamers.locator('[data-layer="conv"]');
  const fc = metamers.locator('[data-layer="fc"]');
  await expect(conv.getByTestId('verdict')).toHaveCount(0);
  await metamers.getByRole('button', { name: 'Go on' }).click();
  await expect(conv.getByTestId('verdict')).toContainText('A metamer at conv.');
  await expect(fc.getByTestId('verdict')).toContainText('A metamer at fc.');
  const correlation = async (row: Locator) =>
    Number(/correlation (-?[\d.]+)/.exec((await row.getByTestId('verdict').textContent()) ?? '')?.[1]);
  expect(await correlation(conv)).toBeGreaterThan(0.98);
  expect(await correlation(fc)).toBeLessThan(0.3);
  await expect(conv.getByRole('application', { name: /by filter$/ })).toHaveCount(3);
  await expect(fc.locator('caption')).toHaveText([/^Read as 0/, /^Read as 0/]);
  await metamers.getByLabel('Iteration shown').fill('40');
  await expect(conv.getByTestId('reading')).toContainText('After 40: loss');
}

/** Judges the metamers by other networks: one whose training is canceled, an untrained one, and one from a file. */
async function comparesNetworks(lab: Page, metamers: Locator): Promise<void> {
  await metamers.getByRole('button', { name: 'Train another' }).click();
  await expect(metamers.getByText(/^[1-9][\d,]* of 937 steps$/)).toBeVisible();
  await metamers.getByRole('button', { name: 'Cancel training' }).click();
  await expect(metamers.getByText('of 937 steps')).toHaveCount(0);
  await lab.evaluate(() => window.lab.reset({ seed: 5 }));
  await metamers.getByRole('button', { name: 'Use the network shown now' }).click();
  await expect(metamers.getByTestId('second-network')).toHaveText(
    'Second network: the network of seed 5 at step 0',
  );
  await expect(metamers.locator('[data-across="fc"]')).toContainText('Not a metamer for the second network');
  await metamers
    .getByLabel('Second network, a file of parameters')
    .setInputFiles('tests/golden/model_trained.safetensors');
  await expect(metamers.locator('[data-across="fc"]')).toContainText(
    'A metamer at fc for the second network too.',
  );
}

/** Attacks the reference of the metamers, then draws the curve of many images. */
async function attacks(lab: Page, metamers: Locator, adversarial: Locator): Promise<void> {
  await loadTrained(lab);
  await drag(
    lab,
    metamers.locator('[data-image="test:3"]').first(),
    adversarial.getByRole('heading', { name: 'One image' }),
  );
  await expect(adversarial.getByTestId('before')).toContainText('read as 0');
  await adversarial.getByLabel('Epsilon').fill('0.3');
  await expect(adversarial.getByTestId('attack-verdict')).toContainText(/Fooled: read as [1-9].*Fooled/s);
  const images = adversarial.getByLabel('Test images');
  await images.fill('40');
  await images.press('Enter');
  await adversarial.getByRole('button', { name: 'Draw the curve' }).click();
  await expect(adversarial.getByTestId('curves')).toContainText(
    'FGSM L∞, one step of ε from the image toward any wrong class; step 0, 40 images',
  );
}

/** Draws the curve over training, and refuses an epsilon out of range at its field. */
async function attacksSnapshots(lab: Page, adversarial: Locator): Promise<void> {
  await lab.evaluate(() => window.lab.train({ maxSteps: 3 }));
  await adversarial.getByRole('button', { name: 'Attack every snapshot' }).click();
  await expect(adversarial.getByTestId('over-training')).toContainText(
    'ε = 0.3, 40 test images, 4 snapshots.',
  );
  const train = lab.locator('#train');
  await train.getByLabel('Train on').selectOption('Attacked, PGD');
  const epsilon = train.getByLabel('Epsilon');
  for (const text of ['1.5', '-0.1']) {
    await epsilon.fill(text);
    await expect(epsilon).toHaveAccessibleDescription(`Expected a number from 0 to 1, found "${text}".`);
    await epsilon.press('Escape');
  }
}
