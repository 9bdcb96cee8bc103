import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { CONTEXT } from './context.ts';
import { type Site, serveSite } from './site.ts';

interface Fixtures {
  /** The built site, with programmable data faults. */
  site: Site;
  /** A page that fails its test on any unexpected console error or uncaught exception. */
  lab: Page;
  /** Console errors that the test provokes on purpose. */
  expectedErrors: RegExp | undefined;
  /**
   * A page shared by the worker's tests, because opening a page costs seconds. Its run is a new run from seed 111 on
   * `auto` with the default settings; a test must undo its other changes to the page.
   */
  scripted: Page;
}

interface WorkerFixtures {
  sharedLab: { page: Page; errors: string[] };
  visited: { context: BrowserContext; site: Site };
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  visited: [
    async ({ browser }, use) => {
      const site = await serveSite();
      const context = await browser.newContext(CONTEXT);
      await use({ context, site });
      await context.close();
      await site.close();
    },
    { scope: 'worker' },
  ],
  sharedLab: [
    async ({ browser }, use) => {
      const site = await serveSite();
      const page = await browser.newPage(CONTEXT);
      const errors = gatherErrors(page);
      await openLab(page, site);
      await use({ page, errors });
      await page.close();
      await site.close();
    },
    { scope: 'worker' },
  ],
  scripted: async ({ sharedLab: { page, errors } }, use) => {
    errors.length = 0;
    await page.evaluate(async () => {
      await window.lab.reset({ seed: 111, engine: 'auto', network: { filters: 32, kernelSize: 3 } });
      await window.lab.set({ learningRate: '1e-3', batchSize: 64, attack: 'none', speed: 'fastest' });
      window.scrollTo({ top: 0, behavior: 'instant' });
    });
    await use(page);
    expect(errors, 'console errors').toEqual([]);
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's dependencies from the pattern.
  site: async ({}, use) => {
    const site = await serveSite();
    await use(site);
    await site.close();
  },
  expectedErrors: [undefined, { option: true }],
  lab: async ({ page, expectedErrors }, use) => {
    const errors = gatherErrors(page, expectedErrors);
    await use(page);
    expect(errors, 'console errors').toEqual([]);
  },
});

/**
 * Tests whose page is not the first visit to its site: the browser already has the site's files and the data, which
 * saves half of a first visit's seconds. The page's own storage (runs, settings) is empty.
 */
export const visitedTest = test.extend({
  context: async ({ visited: { context } }, use) => {
    await use(context);
    await context.clearPermissions();
  },
  page: async ({ context }, use) => {
    const page = await context.newPage();
    await use(page);
    await page.evaluate(async () => {
      localStorage.clear();
      for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name);
    });
    await page.close();
  },
  site: ({ visited: { site } }, use) => use(site),
});

export { expect };

/** Collects console errors and uncaught exceptions of a page. */
function gatherErrors(page: Page, expected?: RegExp): string[] {
  const errors: string[] = [];
  const note = (text: string) => {
    if (!expected?.test(text)) errors.push(text);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') note(message.text());
  });
  page.on('pageerror', (error) => note(String(error)));
  return errors;
}

/** Opens the site and waits until the data have arrived and the network is ready. */
export async function openLab(page: Page, site: Site): Promise<void> {
  await page.goto(site.url);
  await page.waitForFunction(() => window.lab !== undefined);
  await page.evaluate(() => window.lab.ready);
}
