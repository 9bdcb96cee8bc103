import { violations } from './axe.ts';
import { expect, openLab, visitedTest as test } from './fixtures.ts';
import { visitPanels } from './panels.ts';

test('axe finds nothing on any panel or dialog, and no weak contrast in dark', async ({ lab, site }) => {
  await lab.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 60 }));
  // A panel computes while it is in view, and a dimmed part waits for its answer.
  const waiting = '[aria-busy="true"], [class*="dimmed"], [class*="stale"]';
  await expect(async () => {
    await visitPanels(lab, waiting);
    expect(await lab.locator(waiting).count()).toBe(0);
  }).toPass();
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
