import type { Page } from '@playwright/test';
import axe from 'axe-core';
import { expect, openLab, visitedTest as test } from './fixtures.ts';
import { visitPanels } from './panels.ts';

interface Wanted {
  part?: string;
  /** Default: all rules. */
  rules?: readonly string[];
}

/** The findings of axe as `rule: where`, readable in a failed test's output. */
async function violations(page: Page, { part = 'body', rules }: Wanted = {}): Promise<string[]> {
  // Use axe directly, because its package for Playwright sends the source and opens another page for every check.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return page.evaluate(
    async ({ part, rules }) => {
      const { violations } = await window.axe.run(part, {
        // Copying passed rules would take seconds.
        resultTypes: ['violations'],
        ...(rules && { runOnly: { type: 'rule', values: [...rules] } }),
      });
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target.join(' ')}: ${failureSummary}`),
      );
    },
    { part, rules },
  );
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}

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
