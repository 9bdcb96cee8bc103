import { readFile } from 'node:fs/promises';
import type { Browser, Locator, Page } from '@playwright/test';
import { violations } from '../page/axe.ts';
import { CONTEXT } from '../page/context.ts';
import { expect, openLab, test } from '../page/fixtures.ts';
import { runOf, untilStep } from '../page/runBits.ts';
import type { Site } from '../page/site.ts';

const lenetText =
  'conv 6 5x5 same, relu, pool 2, conv 16 5x5, relu, pool 2, fc 120, relu, fc 84, relu, fc 10';

const strip = (page: Page) => page.locator('#network');
const box = (page: Page, layer: string) =>
  strip(page).getByRole('button', { name: new RegExp(`^${layer}\\b`) });
const row = (page: Page, layer: string) =>
  strip(page)
    .getByRole('list', { name: 'Layers being edited' })
    .getByRole('listitem')
    .filter({ has: page.getByText(layer, { exact: true }) });

/** Adds a layer behind another with the keyboard, and gives it a kind and its numbers. */
async function addAfter(page: Page, after: string, kind: string, numbers: Record<string, string> = {}) {
  await strip(page)
    .getByRole('button', { name: `Add after ${after}`, exact: true })
    .press('Enter');
  // The new layer's kind has the focus.
  const focused = page.locator(':focus');
  await focused.selectOption({ label: kind });
  const name = (await focused.getAttribute('aria-label'))?.replace('Kind of ', '') ?? '';
  for (const [setting, value] of Object.entries(numbers)) {
    await strip(page)
      .getByRole('textbox', { name: `${setting} of ${name}` })
      .fill(value);
  }
}

/** Edits the notebook's network to LeNet, layer by layer. */
async function buildLenet(page: Page): Promise<void> {
  await strip(page).getByRole('button', { name: 'Edit network' }).click();
  await strip(page).getByRole('textbox', { name: 'filters of conv' }).fill('6');
  await strip(page).getByRole('textbox', { name: 'kernel of conv' }).fill('5');
  await row(page, 'conv').getByRole('checkbox', { name: 'keep size' }).check();
  await addAfter(page, 'relu', 'Max-pool', { size: '2' });
  await addAfter(page, 'pool', 'Convolution', { filters: '16', kernel: '5' });
  await addAfter(page, 'conv2', 'ReLU');
  await addAfter(page, 'relu2', 'Max-pool', { size: '2' });
  await addAfter(page, 'pool2', 'Linear (fc)', { units: '120' });
  await addAfter(page, 'fc1', 'ReLU');
  await addAfter(page, 'relu3', 'Linear (fc)', { units: '84' });
  await addAfter(page, 'fc2', 'ReLU');
  await expect(strip(page).getByRole('textbox', { name: 'As text' })).toHaveValue(lenetText);
  await expect(strip(page).getByText('61,706 parameters, 416,520 multiply-adds an image.')).toBeVisible();
}

async function apply(page: Page): Promise<void> {
  await strip(page).getByRole('button', { name: 'Apply and start a new run' }).click();
  await expect(strip(page).getByText('The new network begins a new run.')).toBeVisible();
}

test('a network is built layer by layer, with faults at their boxes, and Undo brings the run back', async ({
  lab: page,
  site,
}) => {
  await openLab(page, site);
  await page.evaluate(() => window.lab.train({ engine: 'wasm', seed: 3, maxSteps: 20 }));
  const before = await runOf(page);
  await buildLenet(page);
  await strip(page).getByRole('textbox', { name: 'size of pool2' }).fill('11');
  await expect(row(page, 'pool2').getByRole('alert')).toHaveText(
    'Expected an image of at least 11 pixels a side, found 10 x 10',
  );
  await expect(strip(page).getByRole('button', { name: 'Apply and start a new run' })).toBeDisabled();
  expect(await violations(page, { part: '#network' })).toEqual([]);
  await strip(page).getByRole('textbox', { name: 'size of pool2' }).fill('2');
  await strip(page).getByRole('button', { name: 'Move relu2 down' }).press('Enter');
  await expect(strip(page).getByRole('textbox', { name: 'As text' })).toHaveValue(
    /conv 16 5x5, pool 2, relu, fc/,
  );
  await strip(page).getByRole('textbox', { name: 'As text' }).fill(lenetText);
  await apply(page);
  await expect(strip(page).getByRole('heading')).toHaveText('LeNet');
  expect(await page.evaluate(() => window.lab.state.settings.network)).toBe(lenetText);

  // The strip chooses the layer in every panel.
  await page.evaluate(() => window.lab.train({ maxSteps: 5 }));
  await box(page, 'conv2').click();
  await expect(box(page, 'conv2')).toHaveAttribute('aria-pressed', 'true');
  await expect(strip(page).getByText(/^conv2: 16 filters, 5 × 5, output 16 × 10 × 10/)).toBeVisible();
  await page.locator('#filters').scrollIntoViewIfNeeded();
  await expect(
    page.locator('#filters').getByRole('application', { name: 'Norms of the slices of conv2, 16 by 6' }),
  ).toBeVisible();
  await page.locator('#spectrum').scrollIntoViewIfNeeded();
  await expect(page.locator('#spectrum').getByRole('radio', { name: 'conv2', exact: true })).toBeChecked();

  await strip(page).getByRole('button', { name: 'Undo' }).click();
  await expect(strip(page).getByRole('heading')).toHaveText('Notebook');
  expect(await runOf(page)).toEqual(before);
});

test('the recorded run of LeNet replaces that of the notebook, which has as many steps', async ({
  scripted: page,
}) => {
  const train = page.locator('#train');
  await page.evaluate(() => window.lab.openRecorded());
  await expect(train.getByText(/^best: epoch 6, 98\.18/)).toBeVisible();
  await strip(page).getByRole('button', { name: 'Show a recorded run of LeNet' }).click();
  await expect(strip(page).getByRole('heading')).toHaveText('LeNet');
  await expect(train.getByText(/^best: epoch 8, 99\.04/)).toBeVisible();
  const filters = page.locator('#filters');
  const atStart = await page.evaluate(async () => {
    const { 'conv1.weight': weight } = await window.lab.parameters({ at: 0 });
    return Math.hypot(...weight.subarray(0, 25));
  });
  await expect(filters.getByText('at the start').locator('xpath=..')).toContainText(atStart.toPrecision(4));
  await filters.getByRole('radio', { name: 'Compare' }).check();
  await expect(filters.getByText('difference, now − before training')).toBeVisible();
  await filters.getByRole('radio', { name: 'At the moment' }).check();
  await expect(train.getByRole('button', { name: 'Reset now' })).toHaveCount(0);
});

/** Updates of an epoch of 60,000 images in batches of 64. */
const EPOCH = 937;

test('a whole visit with LeNet by the page’s own controls: built, trained for an epoch, looked into, attacked, compared, shared and reopened', {
  tag: '@full',
}, async ({ lab: page, site, browser }) => {
  await openLab(page, site);
  await page.locator('#train details', { hasText: 'Engine' }).first().locator('summary').click();
  await page
    .locator('#train')
    .getByRole('radio', { name: /WebAssembly SIMD/ })
    .check();
  await trainFor(page, 'Train', 30);
  await buildLenet(page);
  await apply(page);
  const epochs = page.locator('#train').getByLabel('Epochs', { exact: true });
  await epochs.fill('1');
  await epochs.press('Enter');
  await runButton(page, 'Train').click();
  await untilStep(page, EPOCH);
  await expect(runButton(page, 'Train more')).toBeVisible();
  await lookInto(page);
  await scrub(page);
  await fool(page);
  await compareWithNotebook(page);

  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Share' }).getByLabel('Link to this lab')).toHaveValue(
    /net=c6k5s-r-p2-c16k5-r-p2-f120-r-f84-r-f10/,
  );
  await page.getByRole('button', { name: 'Close Share' }).click();
  const file = await exportRun(page);

  await page.reload();
  await page.waitForFunction(() => window.lab !== undefined);
  await page.evaluate(() => window.lab.ready);
  await expect(strip(page).getByRole('heading')).toHaveText('LeNet');
  await trainFor(page, 'Train more', EPOCH + 20);
  await expectAsScripted(page, { site, browser });

  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByLabel('A run or parameters to open').setInputFiles(file);
  await expect(
    page.getByText(`is open, at step ${EPOCH}. Press Train to continue from there.`),
  ).toBeVisible();
  expect(await page.evaluate(() => window.lab.state.step)).toBe(EPOCH);
  await page.locator('#metamers').scrollIntoViewIfNeeded();
  await expect(page.locator('#metamers').getByTestId('verdict')).toHaveCount(2);
  await trainFor(page, 'Train more', EPOCH + 20);
  await expectAsScripted(page, { site, browser });
});

const runButton = (page: Page, name: string) =>
  page.locator('#header').getByRole('button', { name, exact: true });

/** Trains by the header's button, and pauses once the run has come to a step. */
async function trainFor(page: Page, start: 'Train' | 'Train more', step: number): Promise<void> {
  await runButton(page, start).click();
  await untilStep(page, step);
  await runButton(page, 'Pause').click();
  await expect(runButton(page, 'Resume')).toBeVisible();
  // The chunk in progress ends after a pause; this waits for it.
  await page.evaluate(() => window.lab.parameters());
}

/** Saves the run as a file by the dialog, and returns the file's path. */
async function exportRun(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save whole run' }).click(),
  ]);
  await page.getByRole('button', { name: 'Close Export' }).click();
  expect(download.suggestedFilename()).toBe(`untangle-seed111-step${EPOCH}.untangle.zip`);
  // The browser's own name has no extension that tells the format: the page reads the content.
  return download.path();
}

/** A script that makes as many steps as the page has the same losses and the same weights, bit for bit. */
async function expectAsScripted(page: Page, { site, browser }: { site: Site; browser: Browser }) {
  const made = await runOf(page);
  const other = await (await browser.newContext(CONTEXT)).newPage();
  await openLab(other, site);
  await other.evaluate(async (maxSteps) => {
    await window.lab.reset({ network: 'lenet', seed: 111, engine: 'wasm' });
    await window.lab.train({ epochs: 2, maxSteps });
  }, made.losses.length);
  expect(await runOf(other)).toEqual(made);
  await other.context().close();
}

/** The weights of conv2 and fc1, and the sums behind their units, for an image that is dragged in. */
async function lookInto(page: Page): Promise<void> {
  const filters = page.locator('#filters');
  const activations = page.locator('#activations');
  const sum = activations.getByRole('region', { name: 'How this activation is computed' });
  for (const [layer, weights, computed] of [
    ['conv2', 'Norms of the slices of conv2, 16 by 6', 'sum over all 6 channels'],
    ['fc1', 'Norms of the slices of fc1, 120 by 16', '+ the other 392 inputs'],
  ]) {
    await box(page, layer).click();
    await inView(filters, () => expect(filters.getByRole('application', { name: weights })).toBeVisible());
    await inView(activations, async () => {
      await expect(sum).toContainText(`${layer}, `);
      await expect(sum).toContainText(computed);
    });
  }
  // Both panels are in view for the drag.
  const { height = 900 } = page.viewportSize() ?? {};
  await page.setViewportSize({ width: 1440, height: 2400 });
  await page.locator('#gallery [data-image="test:18"]').dragTo(activations.locator('canvas').first());
  await expect.poll(() => page.evaluate(() => window.lab.opened()?.name)).toBe('test image 18');
  await page.setViewportSize({ width: 1440, height });
}

/** The filters follow the timeline, and an earlier moment stands beside now. */
async function scrub(page: Page): Promise<void> {
  const filters = page.locator('#filters');
  const shows = (text: RegExp) => inView(filters, () => expect(filters.getByText(text)).toBeVisible());
  await page.getByRole('slider', { name: 'Moment of the run' }).press('Home');
  await shows(/weights, before training$/);
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await shows(/weights, at step 937$/);
  await filters.getByRole('radio', { name: 'Compare' }).check();
  await shows(/^difference, now − before training$/);
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    filters.getByRole('button', { name: 'Save as PNG' }).click(),
  ]);
  expect(saved.suggestedFilename()).toBe('fc1-weights-step-937.png');
  expect((await readFile(await saved.path())).length).toBeGreaterThan(20_000);
  await filters.getByRole('radio', { name: 'At the moment' }).check();
}

/** Panels are computed in view only. */
async function inView(panel: Locator, check: () => Promise<void>): Promise<void> {
  await panel.scrollIntoViewIfNeeded();
  await check();
}

/** Metamers at pool2 and fc1, and an attack. */
async function fool(page: Page): Promise<void> {
  const metamers = page.locator('#metamers');
  await metamers.scrollIntoViewIfNeeded();
  // The layer chosen last.
  await expect(metamers.getByRole('checkbox', { name: 'fc1' })).toBeChecked();
  await metamers.getByRole('checkbox', { name: 'pool2' }).check();
  await metamers.getByLabel('Iterations').fill('60');
  await metamers.getByLabel('Iterations').press('Enter');
  await metamers.getByRole('button', { name: 'Make metamers' }).click();
  await expect(metamers.getByTestId('verdict')).toHaveCount(2);
  await expect(metamers.getByRole('application', { name: /^fc1: Metamer, by unit/ })).toBeVisible();
  const adversarial = page.locator('#adversarial');
  await adversarial.scrollIntoViewIfNeeded();
  await adversarial.getByRole('slider', { name: 'Epsilon', exact: true }).fill('0.25');
  await expect(adversarial.getByText(/^ε = 0.25 \(L∞\)/)).toBeVisible();
  await expect(adversarial.getByTestId('attack-verdict')).toContainText('Fooled');
  const images = adversarial.getByLabel('Test images');
  await images.fill('50');
  await images.press('Enter');
  await adversarial.getByRole('button', { name: 'Draw the curve' }).click();
  await expect(adversarial.getByTestId('curves')).toContainText('step 937, 50 images');
}

/** The notebook's run of the same visit beside this run. */
async function compareWithNotebook(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Runs', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Runs' });
  // The only other run is the notebook's.
  await dialog.getByRole('button', { name: 'Compare', exact: true }).click();
  await dialog.getByRole('button', { name: 'Close Runs' }).click();
  const train = page.locator('#train');
  // Out of view, the panel would not show the compared run.
  await train.scrollIntoViewIfNeeded();
  await expect(train.getByRole('button', { name: /^Stop comparing with/ })).toBeVisible();
  await page.locator('#geometry').scrollIntoViewIfNeeded();
  await expect(page.locator('#geometry').getByText(/^Compared with/)).toBeVisible();
}
