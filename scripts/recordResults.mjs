/**
 * Has the page find what its panels find about the recorded run, and puts it into public/recorded.untangle.zip, so that it
 * is there on arrival. `node scripts/recordResults.mjs`, after recordRun.mjs and `npm run build`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { createServer, preview } from 'vite';
import { findChromium } from './findChromium.mjs';

const RECORDED = 'public/recorded.untangle.zip';
const RESULTS = /^results\/.*\.json$/;
const LONGEST_WAIT = 600_000;

const vite = await createServer({ configFile: false, server: { middlewareMode: true }, logLevel: 'error' });
const { readZip, writeZip } = await vite.ssrLoadModule('/src/ml/formats/zip.ts');
const files = readZip(new Uint8Array(readFileSync(RECORDED)));
for (const [path, bytes] of readZip(new Uint8Array(await runWithResults()))) {
  if (RESULTS.test(path)) files.set(path, bytes);
}
const bytes = writeZip(files);
writeFileSync(RECORDED, bytes);
for (const [path, { length }] of files) if (RESULTS.test(path)) console.log(`${path}: ${length} bytes`);
console.log(`${RECORDED}: ${(bytes.length / 1e6).toFixed(2)} MB`);
await vite.close();

/** The recorded run as the page exports it once its panels have answered. */
async function runWithResults() {
  const server = await preview({ preview: { port: 0, host: '127.0.0.1' } });
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(LONGEST_WAIT);
  await page.goto(`${server.resolvedUrls.local[0]}#v=1&run=recorded&at=best`);
  await page.getByText(/^Recorded run, step/).waitFor();
  const [geometry, metamers, adversarial] = ['geometry', 'metamers', 'adversarial'].map((panel) =>
    page.locator(`#${panel}`),
  );
  await geometry.scrollIntoViewIfNeeded();
  await geometry.getByText('Up to date.').waitFor();
  await metamers.scrollIntoViewIfNeeded();
  await metamers.getByRole('button', { name: 'Make metamers' }).click();
  await metamers.getByTestId('verdict').first().waitFor();
  await adversarial.scrollIntoViewIfNeeded();
  await adversarial.getByRole('button', { name: 'Draw the curve' }).click();
  await adversarial.getByTestId('curves').waitFor();
  await adversarial.getByRole('button', { name: 'Attack every snapshot' }).click();
  await adversarial.getByTestId('over-training').waitFor();
  for (const panel of [metamers, adversarial]) {
    while ((await panel.getByRole('progressbar').count()) > 0) await page.waitForTimeout(500);
  }
  const base64 = await page.evaluate(async () => {
    const file = await window.lab.export('run');
    return new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.split(',')[1]);
      reader.readAsDataURL(file);
    });
  });
  await browser.close();
  await server.close();
  return Buffer.from(base64, 'base64');
}
