import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build } from 'vite';
import { ISOLATION } from '../../scripts/site/isolation.mjs';
import { type Site, serveSite } from '../page/site.ts';

const output = fileURLToPath(new URL('../../test-results/wasmPool', import.meta.url));
let site: Site;
let isolatedSite: Site;

test.beforeAll(async () => {
  await build({
    configFile: false,
    root: fileURLToPath(new URL('./wasmPool', import.meta.url)),
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir: output, emptyOutDir: true, target: 'es2022' },
  });
  site = await serveSite({ root: output });
  isolatedSite = await serveSite({ root: output, headers: ISOLATION });
});
test.afterAll(async () => {
  await site.close();
  await isolatedSite.close();
});

for (const isolated of [false, true]) {
  for (const workers of [2, 3]) {
    const way = isolated ? 'by shared memory' : 'by message';
    test(`${workers} workers train the same bits as one, ${way}`, {
      tag: workers === 2 ? [] : '@full',
    }, async ({ page }) => {
      await page.goto((isolated ? isolatedSite : site).url);
      const report = await page.evaluate((count) => window.poolReport(count), workers);
      expect(report.isolated).toBe(isolated);
      expect(report.description).toContain(`${workers} workers`);
      expect(report.compared).toBeGreaterThan(600_000);
      expect(report.different).toBe(0);
      console.log(
        `${report.description}, ${way}: ${report.pool.toFixed(2)} ms a step, one worker ${report.alone.toFixed(2)} ms`,
      );
    });
  }
}
