/**
 * Computes the panels' results for a recorded run in the built page, and stores them in its file, so that visitors see
 * them at once. Usage: `node scripts/recordResults.mjs [lenet] [geometry] [metamers] [adversarial]`, after recordRun.mjs
 * and `npm run build`. Recomputes the results of the named panels (default: all) and keeps the others.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { createServer, preview } from 'vite';
import { findChromium } from './findChromium.mjs';

const [first, ...others] = process.argv.slice(2);
const isLenet = first === 'lenet';
const NAME = isLenet ? 'recorded-lenet' : 'recorded';
const RECORDED = `public/${NAME}.untangle.zip`;
/** Layers whose capacity is also simulated. LeNet's are left out: many, and slow. */
const SIMULATED = isLenet ? [] : ['input', 'conv', 'relu', 'fc'];
const LONGEST_WAIT = 600_000;
/** By panel: the kinds of its results, and the calls that compute them. */
const PANELS = {
  geometry: { kinds: ['geometry', 'simulation'], ask: askGeometry },
  metamers: { kinds: ['metamers'], ask: askMetamers },
  adversarial: { kinds: ['robustness', 'overTraining'], ask: askAdversarial },
};

const named = isLenet ? others : process.argv.slice(2);
const unknown = named.find((name) => !Object.hasOwn(PANELS, name));
if (unknown) throw new Error(`expected panels among ${Object.keys(PANELS).join(', ')}, found ${unknown}`);
const wanted = named.length > 0 ? named : Object.keys(PANELS);
const made = new Set(wanted.flatMap((name) => PANELS[name].kinds.map((kind) => `results/${kind}.json`)));

const vite = await createServer({ configFile: false, server: { middlewareMode: true }, logLevel: 'error' });
const { readZip, writeZip } = await vite.ssrLoadModule('/src/ml/formats/zip.ts');
const files = readZip(new Uint8Array(readFileSync(RECORDED)));
for (const path of made) files.delete(path);
for (const [path, bytes] of readZip(new Uint8Array(await runWithResults(writeZip(files))))) {
  if (made.has(path)) files.set(path, bytes);
}
const bytes = writeZip(files);
writeFileSync(RECORDED, bytes);
for (const [path, { length }] of files) if (made.has(path)) console.log(`${path}: ${length} bytes`);
console.log(`${RECORDED}: ${(bytes.length / 1e6).toFixed(2)} MB`);
await vite.close();

/** Exports the recorded run from the page, once its panels have finished. */
async function runWithResults(recorded) {
  const server = await preview({ preview: { port: 0, host: '127.0.0.1' } });
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });
  page.setDefaultTimeout(LONGEST_WAIT);
  await page.route(`**/${NAME}.untangle.zip`, (route) => route.fulfill({ body: Buffer.from(recorded) }));
  await page.goto(`${server.resolvedUrls.local[0]}#v=1&run=${NAME}&at=best`);
  await page.getByText(/^Recorded run, step/).waitFor();
  for (const name of wanted) {
    const panel = page.locator(`#${name}`);
    await panel.scrollIntoViewIfNeeded();
    await PANELS[name].ask(panel);
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

/** Computes the geometry of all snapshots with errors over images, and the simulations shown beside the theory. */
async function askGeometry(panel) {
  await panel.getByText('Up to date.').waitFor();
  for (const layer of SIMULATED) {
    await panel.getByRole('group', { name: 'Layer of the table' }).getByText(layer, { exact: true }).click();
    for (const plane of ['plane through the overall mean', 'plane with an offset']) {
      await panel.getByRole('button', { name: `Measure by simulation: ${plane}` }).click();
    }
    await panel.getByRole('region', { name: 'Theory and simulation' }).getByRole('status').nth(1).waitFor();
  }
}

async function askMetamers(panel) {
  await panel.getByRole('button', { name: 'Make metamers' }).click();
  await panel.getByTestId('verdict').first().waitFor();
}

async function askAdversarial(panel) {
  await panel.getByRole('button', { name: 'Draw the curve' }).click();
  await panel.getByTestId('curves').waitFor();
  await panel.getByRole('button', { name: 'Attack every snapshot' }).click();
  await panel.getByTestId('over-training').waitFor();
}
