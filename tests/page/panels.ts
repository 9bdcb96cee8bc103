import type { Page } from '@playwright/test';
import { expect } from './fixtures.ts';

/** Brings every panel into view until nothing in it matches `waiting`; by default, until its body has loaded. */
export async function visitPanels(page: Page, waiting = '[aria-busy="true"]'): Promise<void> {
  for (const panel of await page.locator('main > section').all()) {
    await panel.scrollIntoViewIfNeeded();
    await expect(panel.locator(waiting)).toHaveCount(0);
  }
}
