import type { Page } from '@playwright/test';
import { CONTENT_SECURITY_POLICY } from '../../scripts/site/contentSecurityPolicy.ts';
import { expect, openLab, test } from './fixtures.ts';
import { type Site, serveSite } from './site.ts';

/** Brings every panel into view until its body stands, and the three-dimensional plot with them. */
async function visitAllPanels(page: Page): Promise<void> {
  const panels = page.locator('main > section');
  for (const panel of await panels.all()) {
    await panel.scrollIntoViewIfNeeded();
    await expect(panel.locator('[aria-busy="true"]')).toHaveCount(0);
  }
  await expect.poll(() => page.locator('.js-plotly-plot .main-svg').count()).toBeGreaterThan(3);
}

test.describe('the site on its own', () => {
  test.use({ serviceWorkers: 'allow' });
  let strict: Site;
  test.beforeAll(async () => {
    strict = await serveSite({ headers: { 'Content-Security-Policy': CONTENT_SECURITY_POLICY } });
  });
  test.afterAll(() => strict.close());

  test('works whole under the policy as a header, and again with the network cut', async ({ lab }) => {
    await openLab(lab, strict);
    const meta = lab.locator('meta[http-equiv="Content-Security-Policy"]');
    await expect(meta).toHaveAttribute('content', CONTENT_SECURITY_POLICY);
    await lab.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await strict.close();

    // The same page goes on without the network, with parts that it had not fetched.
    await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 20 }));
    await visitAllPanels(lab);
    await lab.reload();
    await lab.evaluate(() => window.lab.ready);
    await lab.getByRole('button', { name: 'Train', exact: true }).click();
    await expect.poll(() => lab.evaluate(() => window.lab.state.step)).toBeGreaterThan(20);
    await lab.evaluate(() => window.lab.stop());
    for (const engine of ['webgpu', 'tfjs-webgl'] as const) {
      const run = await lab.evaluate(
        (engine) => window.lab.train({ engine, seed: 111, maxSteps: 2 }),
        engine,
      );
      expect(run).toMatchObject({ engine, steps: 2 });
    }
    await visitAllPanels(lab);
  });
});
