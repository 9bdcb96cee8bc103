import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, openLab, visitedTest as test } from './fixtures.ts';
import { visitPanels } from './panels.ts';

/** What axe finds, as `rule: where`, to be read in a failed test's output. */
async function violations(page: Page, part = 'body'): Promise<string[]> {
  // What passes is not looked at, and copying all of it takes seconds.
  const { violations } = await new AxeBuilder({ page })
    .include(part)
    .options({ resultTypes: ['violations'] })
    .analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target.join(' ')}: ${failureSummary}`),
  );
}

test('axe finds nothing on any panel or dialog, in light and dark', async ({ lab, site }) => {
  await lab.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 60 }));
  // Panels answer while they are in view; what is dimmed waits for its answer, and says so.
  const waiting = '[aria-busy="true"], [class*="dimmed"], [class*="stale"]';
  await expect(async () => {
    await visitPanels(lab, waiting);
    expect(await lab.locator(waiting).count()).toBe(0);
  }).toPass();
  for (const colorScheme of ['light', 'dark'] as const) {
    await lab.emulateMedia({ colorScheme });
    expect.soft(await violations(lab), `the page, ${colorScheme}`).toEqual([]);
    for (const [key, name] of [
      ['?', 'Help'],
      ['s', 'Share'],
      ['e', 'Export'],
    ]) {
      await lab.keyboard.press(key);
      await expect(lab.getByRole('dialog', { name })).toBeVisible();
      expect.soft(await violations(lab, 'dialog[open]'), `${name}, ${colorScheme}`).toEqual([]);
      await lab.keyboard.press('Escape');
    }
    await lab.getByRole('button', { name: 'How the numbers are checked' }).click();
    await expect(lab.getByRole('dialog', { name: 'How the numbers are checked' })).toBeVisible();
    expect.soft(await violations(lab, 'dialog[open]'), `the checks, ${colorScheme}`).toEqual([]);
    await lab.keyboard.press('Escape');
  }
});
