import { test as base, expect, type Page } from '@playwright/test';
import { type Site, serveSite } from './site.ts';

interface Fixtures {
  /** The built site, with programmable data faults. */
  site: Site;
  /** A page that fails its test on any console error or uncaught exception that was not announced. */
  lab: Page;
  /** Console errors that the test provokes on purpose. */
  expectedErrors: RegExp | undefined;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's dependencies from the pattern.
  site: async ({}, use) => {
    const site = await serveSite();
    await use(site);
    await site.close();
  },
  expectedErrors: [undefined, { option: true }],
  lab: async ({ page, expectedErrors }, use) => {
    const errors: string[] = [];
    const note = (text: string) => {
      if (!expectedErrors?.test(text)) errors.push(text);
    };
    page.on('console', (message) => {
      if (message.type() === 'error') note(message.text());
    });
    page.on('pageerror', (error) => note(String(error)));
    await use(page);
    expect(errors, 'console errors').toEqual([]);
  },
});

export { expect };

/** Opens the site and waits until the data have arrived and the network stands. */
export async function openLab(page: Page, site: Site): Promise<void> {
  await page.goto(site.url);
  await page.waitForFunction(() => window.lab !== undefined);
  await page.evaluate(() => window.lab.ready);
}
