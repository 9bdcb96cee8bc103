import type { Locator, Page } from '@playwright/test';
import { violations } from '../page/axe.ts';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';
import { visitPanels } from '../page/panels.ts';

test('axe finds nothing on any panel or dialog, and no weak contrast in dark', async ({ lab, site }) => {
  await lab.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 60 }));
  await settled(lab);
  for (const [colorScheme, rules] of [
    ['light', undefined],
    ['dark', ['color-contrast']],
  ] as const) {
    await lab.emulateMedia({ colorScheme });
    // Charts change their colors shortly after the page.
    await expect.poll(() => violations(lab, { rules }), `the page, ${colorScheme}`).toEqual([]);
    for (const [key, name] of [
      ['?', 'Help'],
      ['s', 'Share'],
      ['e', 'Export'],
    ]) {
      await lab.keyboard.press(key);
      await expect(lab.getByRole('dialog', { name })).toBeVisible();
      const found = await violations(lab, { rules, part: 'dialog[open]' });
      expect.soft(found, `${name}, ${colorScheme}`).toEqual([]);
      await lab.keyboard.press('Escape');
    }
    await lab.getByRole('button', { name: 'How the numbers are checked' }).click();
    await expect(lab.getByRole('dialog', { name: 'How the numbers are checked' })).toBeVisible();
    const found = await violations(lab, { rules, part: 'dialog[open]' });
    expect.soft(found, `the checks, ${colorScheme}`).toEqual([]);
    await lab.keyboard.press('Escape');
  }
});

for (const { network, steps, layers } of [
  { network: 'lenet', steps: 60, layers: ['conv2', 'fc1'] },
  { network: 'perceptron', steps: 60, layers: ['fc1', 'fc2'] },
  { network: 'pytorch', steps: 20, layers: ['conv2', 'fc1'] },
] as const) {
  test(`axe finds nothing on any panel with results of ${network}`, { tag: '@full' }, async ({
    lab,
    site,
  }) => {
    test.setTimeout(600_000);
    await lab.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await openLab(lab, site);
    await lab.evaluate(
      async ({ network, steps }) => {
        await window.lab.reset({ network, seed: 111, engine: 'wasm' });
        await window.lab.train({ maxSteps: steps });
      },
      { network, steps },
    );
    await askEveryPanel(lab, layers);
    for (const layer of layers) {
      await chooseLayer(lab, layer);
      await settled(lab);
      expect(await violations(lab), `${layer}, light`).toEqual([]);
    }
    await lab.locator('#filters').getByRole('radio', { name: 'Compare' }).check();
    await lab.locator('#network').getByRole('button', { name: 'Edit network' }).click();
    await expect(lab.getByRole('region', { name: 'Network editor' })).toBeVisible();
    await settled(lab);
    expect(await violations(lab), 'compared weights and the editor, light').toEqual([]);
    await lab.emulateMedia({ colorScheme: 'dark' });
    // Charts change their colors shortly after the page.
    await expect.poll(() => violations(lab, { rules: ['color-contrast'] }), 'dark').toEqual([]);
  });
}

/** For results of a large network on a busy machine. */
const LONG = { timeout: 150_000 };

/** A result in every panel that computes only on request, with settings that cost little. */
async function askEveryPanel(page: Page, layers: readonly string[]): Promise<void> {
  const panel = (id: string) => page.locator(`#${id}`);
  const enter = async (field: Locator, value: string) => {
    await field.fill(value);
    await field.press('Enter');
  };
  await panel('spectrum').scrollIntoViewIfNeeded();
  await panel('spectrum')
    .getByRole('button', { name: /^Compute \d+ layers/ })
    .click();
  const geometry = panel('geometry');
  await geometry.scrollIntoViewIfNeeded();
  await geometry.getByRole('checkbox', { name: 'Curves over all snapshots' }).uncheck();
  for (const [label, value] of [
    ['Examples per class', '10'],
    ['t-vectors', '20'],
    ['Redraws for errors', '2'],
  ]) {
    await enter(geometry.getByLabel(label, { exact: true }), value);
  }
  const metamers = panel('metamers');
  await metamers.scrollIntoViewIfNeeded();
  await metamers.getByTestId('reference').waitFor();
  for (const layer of layers) await metamers.getByRole('checkbox', { name: layer, exact: true }).check();
  await enter(metamers.getByLabel('Iterations', { exact: true }), '10');
  await metamers.getByRole('button', { name: 'Make metamers' }).click();
  await expect(metamers.getByTestId('verdict').first()).toBeVisible(LONG);
  await expect(metamers.getByRole('button', { name: 'Pause' })).toHaveCount(0, LONG);
  const adversarial = panel('adversarial');
  await adversarial.scrollIntoViewIfNeeded();
  await expect(adversarial.getByTestId('attack-verdict')).toBeVisible(LONG);
  await enter(adversarial.getByLabel('Test images'), '20');
  await adversarial.getByRole('button', { name: 'Draw the curve' }).click();
  await expect(adversarial.getByTestId('curves')).toContainText('20 images', LONG);
  await geometry.scrollIntoViewIfNeeded();
  await expect(geometry.getByText('Up to date.')).toBeVisible(LONG);
}

/** Chooses a layer of the network in every panel. */
async function chooseLayer(page: Page, layer: string): Promise<void> {
  const box = page.locator('#network').getByRole('button', { name: new RegExp(`^${layer}\\b`) });
  await box.click();
  await expect(box).toHaveAttribute('aria-pressed', 'true');
}

/** Waits until every panel shows its answers. A panel computes while it is in view. */
async function settled(page: Page): Promise<void> {
  // A dimmed part waits for its answer.
  const waiting = '[aria-busy="true"], [class*="dimmed"], [class*="stale"]';
  await expect(async () => {
    await visitPanels(page, waiting);
    expect(await page.locator(waiting).count()).toBe(0);
  }).toPass();
}
