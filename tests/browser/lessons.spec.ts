import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { expect, openLab, test } from '../page/fixtures.ts';

/** The tasks in a lesson's text as scripts, by the step's id. */
type Script = Record<string, (page: Page, sheet: Locator) => Promise<void>>;

const guess = (sheet: Locator) => sheet.getByRole('button', { name: 'This is my guess' }).click();

const notebook: Script = {
  async start(_page, sheet) {
    await sheet.getByLabel('About 10').check();
  },
  async 'first-steps'(page, sheet) {
    await guess(sheet);
    await page
      .getByRole('button', { name: /^Train/ })
      .first()
      .click();
    await page.waitForFunction(() => {
      const { step, metrics } = window.lab.state;
      return step > 200 && (metrics.trainAccuracy ?? 0) > 0.85;
    });
    await page.getByRole('button', { name: 'Pause' }).first().click();
  },
  async epoch(page, sheet) {
    await guess(sheet);
    await page.getByRole('button', { name: 'Resume' }).first().click();
    await page.waitForFunction(() => window.lab.state.epoch >= 1, undefined, { timeout: 120_000 });
    await page.getByRole('button', { name: 'Pause' }).first().click();
  },
  async filters(page, sheet) {
    await sheet.getByLabel('Edges: one side').check();
    await toStepZero(page);
  },
  async activations(page, sheet) {
    await sheet.getByLabel('Yes').check();
    await page.evaluate(() => window.lab.openImage({ split: 'test', index: 11 }));
  },
};

const spectrum: Script = {
  async cloud(_page, sheet) {
    await guess(sheet);
  },
  async pixels(page, sheet) {
    await sheet.getByLabel('Below 10').check();
    await page.locator('#spectrum').getByRole('radio', { name: 'input', exact: true }).check();
  },
  async untrained(page, sheet) {
    await sheet.getByLabel('Much smaller').check();
    await toStepZero(page);
  },
  async components(page, sheet) {
    await sheet.getByLabel('At the end of training').check();
    await page.getByRole('button', { name: 'Live', exact: true }).click();
  },
};

const metamers: Script = {
  async idea(page, sheet) {
    await sheet.getByLabel('conv').fill('0.9');
    await guess(sheet);
    await page.getByRole('button', { name: 'Make metamers' }).click();
  },
  async why(page, sheet) {
    await sheet.getByLabel('No, another image').check();
    await page.locator('#metamers').getByLabel('Seed', { exact: true }).fill('7');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Make metamers' }).click();
  },
  async test(_page, sheet) {
    await sheet.getByLabel('ignores differences').check();
  },
};

const adversarial: Script = {
  async small(page, sheet) {
    await guess(sheet);
    await page.locator('#adversarial').getByRole('slider', { name: 'Epsilon', exact: true }).fill('0.25');
  },
  async curve(page, sheet) {
    await guess(sheet);
    await page.getByRole('button', { name: 'Draw the curve' }).click();
  },
  async training(page, sheet) {
    await sheet.getByLabel('A little lower').check();
    await page.locator('#header').getByRole('button', { name: 'Train', exact: true }).click();
    await page.waitForFunction(() => window.lab.state.step >= 300, undefined, { timeout: 120_000 });
    await page.locator('#header').getByRole('button', { name: 'Pause' }).click();
  },
  async compare(page, sheet) {
    await sheet.getByLabel('Above the first').check();
    await page.getByRole('button', { name: 'Draw the curve' }).click();
  },
};

const capacity: Script = {
  async labeling(page, sheet) {
    await guess(sheet);
    const panel = page.locator('#geometry');
    await panel.getByRole('radio', { name: 'relu', exact: true }).check();
    await panel
      .getByRole('button', { name: 'Measure by simulation: plane through the overall mean' })
      .click();
  },
  async hand(page, sheet) {
    await sheet.getByLabel('0', { exact: true }).check();
    const panel = page.locator('#geometry');
    await panel.getByLabel('Estimator', { exact: true }).selectOption('GLUE');
    await panel.getByRole('radio', { name: 'fc', exact: true }).check();
    await panel.getByText('One t, one labeling').click({ timeout: 60_000 });
    await panel.getByLabel('Second class').selectOption('7');
    await expect(panel.getByText('Shaded directions are allowed')).toBeVisible();
    await panel.getByRole('img', { name: 'The points of two classes' }).click({ position: { x: 40, y: 60 } });
    await panel.getByRole('button', { name: 'Draw 100 random t and labels' }).click();
    await expect(panel.getByText('Capacity = 2 / mean')).toBeVisible();
  },
  async theory(_page, sheet) {
    await sheet.getByLabel('Less than 2').check();
  },
  async radius(page, sheet) {
    await sheet.getByLabel('Larger radius, larger dimension').check();
    await toStepZero(page);
  },
  async layers(_page, sheet) {
    await sheet.getByLabel('fc3').fill('0.5');
    await guess(sheet);
  },
  async untrained(page, sheet) {
    await guess(sheet);
    await toStepZero(page);
  },
};

const own: Script = {
  async draw(page, sheet) {
    await sheet.getByLabel('Yes, and it will be sure').check();
    await drawOne(page, { left: 0.5, top: 0.15, bottom: 0.85 });
  },
  async center(page, sheet) {
    await sheet.getByLabel('The network is less sure').check();
    await page.locator('#activations').getByRole('button', { name: 'Clear' }).click();
    await drawOne(page, { left: 0.1, top: 0.05, bottom: 0.3 });
    await page.locator('#activations').getByText('Scale only').click();
  },
  async picture(page, sheet) {
    await sheet.getByLabel('The light').check();
    await page.locator('#activations').getByText('Center as in MNIST').click();
    await page.locator('#activations input[type="file"]').setInputFiles({
      name: 'one.png',
      mimeType: 'image/png',
      buffer: await pictureOfDigit(page),
    });
  },
  async network(page, sheet) {
    await sheet.getByLabel('Fewer').check();
    const strip = page.locator('#network');
    await strip.getByRole('button', { name: 'Edit network' }).click();
    await strip.getByRole('button', { name: 'LeNet', exact: true }).click();
    await strip.getByRole('button', { name: 'Apply and start a new run' }).click();
  },
  async train(page, sheet) {
    await guess(sheet);
    await page.locator('#header').getByRole('button', { name: 'Train', exact: true }).click();
    await page.waitForFunction(() => window.lab.state.epoch >= 1, undefined, { timeout: 150_000 });
    await page.locator('#header').getByRole('button', { name: 'Pause' }).click();
  },
  async again(page, sheet) {
    await sheet.getByLabel('About as well').check();
    await drawOne(page, { left: 0.5, top: 0.15, bottom: 0.85 });
  },
};

async function toStepZero(page: Page): Promise<void> {
  await page.locator('footer [role="slider"]').first().focus();
  await page.keyboard.press('Home');
}

/** A vertical stroke in the drawing pad; the places are shares of its side. */
async function drawOne(
  page: Page,
  { left, top, bottom }: { left: number; top: number; bottom: number },
): Promise<void> {
  const pad = page.locator('#activations [aria-roledescription="drawing pad"] canvas');
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error('Expected the drawing pad, found nothing');
  await page.mouse.move(box.x + left * box.width, box.y + top * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + left * box.width, box.y + bottom * box.height, { steps: 8 });
  await page.mouse.up();
}

/** A photo-like picture: a dark stroke on light paper. */
async function pictureOfDigit(page: Page): Promise<Buffer> {
  const url = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = 240;
    canvas.height = 320;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('Expected a canvas');
    context.fillStyle = '#eee';
    context.fillRect(0, 0, 240, 320);
    context.lineWidth = 16;
    context.lineCap = 'round';
    context.strokeStyle = '#123';
    context.beginPath();
    context.moveTo(120, 70);
    context.lineTo(120, 250);
    context.stroke();
    return canvas.toDataURL('image/png');
  });
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

const LESSONS: readonly { title: string; script: Script; quick?: boolean }[] = [
  { title: 'A network learns', script: notebook },
  { title: 'What a spectrum says', script: spectrum, quick: true },
  { title: 'What capacity means', script: capacity },
  { title: 'What a network cannot tell apart', script: metamers },
  { title: 'Images that fool a network', script: adversarial },
  { title: 'Your digits, your network', script: own },
];
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

for (const { title, script, quick } of LESSONS) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    const tag = quick && size === 'wide' ? [] : '@full';
    test(`the lesson “${title}” is completed by the tasks in its text, ${size}`, { tag }, async ({
      lab,
      site,
    }) => {
      test.setTimeout(240_000);
      await lab.setViewportSize(viewport);
      await openLab(lab, site);
      await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 5, maxSteps: 30 }));
      await lab.getByRole('button', { name: 'Learn' }).click();
      await lab.getByRole('button', { name: `Begin ${title}` }).click();
      await doLesson(lab, script);
      // The reader's own lab is back.
      await expect
        .poll(() => lab.evaluate(() => [window.lab.state.settings.seed, window.lab.state.step]))
        .toEqual([5, 30]);
    });
  }
}

/** Does every step: not done before its task, done after. */
async function doLesson(page: Page, script: Script): Promise<void> {
  const sheet = page.getByRole('complementary', { name: /^Lesson/ });
  const ids = Object.keys(script);
  for (const [place, id] of ids.entries()) {
    await expect(sheet).toHaveAttribute('data-lesson-step', id);
    await expect(sheet.locator('[aria-busy="true"]')).toHaveCount(0);
    const isLast = place === ids.length - 1;
    if (!isLast) await expect(sheet.getByRole('button', { name: 'Skip' }), id).toBeVisible();
    await expectNothingCovered(page, sheet);
    await script[id](page, sheet);
    await expect(sheet.locator('[data-done="true"]'), id).toBeVisible({ timeout: 60_000 });
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/${page.viewportSize()?.width}-${id}.png` });
    if (isLast)
      expect(await savedWorksheet(page, sheet)).toMatchObject({
        steps: ids.map((id) => ({ id, done: true })),
      });
    await sheet.getByRole('button', { name: isLast ? 'Finish' : 'Next' }).click();
  }
  await expect(sheet).toHaveCount(0);
}

async function savedWorksheet(page: Page, sheet: Locator): Promise<unknown> {
  const download = page.waitForEvent('download');
  await sheet.getByRole('button', { name: 'Save worksheet' }).click();
  const path = await (await download).path();
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The sheet never covers the title of the part that it points at. */
async function expectNothingCovered(page: Page, sheet: Locator): Promise<void> {
  await expect(async () => {
    const [pointed, own] = await Promise.all([
      page.locator('[data-pointed]').boundingBox(),
      sheet.boundingBox(),
    ]);
    if (!pointed || !own) throw new Error('Expected the sheet and what it points at, found nothing');
    const beside = pointed.x + pointed.width <= own.x + 1;
    const above = pointed.y >= 0 && pointed.y + Math.min(pointed.height, 40) <= own.y + 1;
    expect(beside || above).toBe(true);
  }).toPass();
}

test('a first visit has one line with two ways to begin; one panel opens in a frame', async ({
  lab,
  site,
}) => {
  await openLab(lab, site);
  await expect(lab.getByRole('button', { name: 'Train now' })).toBeVisible();
  await lab.getByRole('button', { name: 'Take the tour' }).click();
  const sheet = lab.getByRole('complementary', { name: 'Lesson: A network learns' });
  await expect(sheet).toBeVisible();
  await expect(lab.getByRole('button', { name: 'Train now' })).toHaveCount(0);
  await sheet.getByRole('button', { name: 'Leave the lesson' }).click();
  await expect(sheet).toHaveCount(0);

  await lab.goto('about:blank');
  await lab.goto(`${site.url}#v=1&seed=5&embed=filters`);
  await expect(lab.locator('main > section')).toHaveCount(1);
  await expect(lab.getByRole('heading', { name: 'Filters' })).toBeVisible();
  await expect(lab.getByRole('banner')).toHaveCount(0);
  await lab.waitForFunction(() => window.lab !== undefined);
  await lab.evaluate(() => window.lab.ready);
  await lab.getByRole('button', { name: 'Train', exact: true }).click();
  await lab.waitForFunction(() => window.lab.state.step > 10);
  await lab.getByRole('button', { name: 'Pause' }).click();
  expect(await lab.evaluate(() => window.lab.state.settings.seed)).toBe(5);
});
