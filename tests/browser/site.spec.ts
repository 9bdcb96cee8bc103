import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { CONTENT_SECURITY_POLICY } from '../../scripts/site/contentSecurityPolicy.ts';
import { expect, openLab, test } from '../page/fixtures.ts';
import { visitPanels } from '../page/panels.ts';
import { type Site, serveSite } from '../page/site.ts';

/** Brings every panel into view until its body has loaded, including the three-dimensional plot. */
async function visitAllPanels(page: Page): Promise<void> {
  await visitPanels(page);
  await expect.poll(() => page.locator('.js-plotly-plot .main-svg').count()).toBeGreaterThan(3);
}

const COPY = 'test-results/site-copy';

/** Changes the copied site's title and, unless `torn`, the hash in its service worker, like a new build. */
function changeTitle(title: string, { torn = false } = {}): void {
  const hashOf = (file: string) => createHash('sha256').update(file).digest('base64');
  const before = readFileSync(`${COPY}/index.html`, 'utf8');
  const after = before.replace(/<title>.*<\/title>/, `<title>${title}</title>`);
  writeFileSync(`${COPY}/index.html`, after);
  const worker = readFileSync(`${COPY}/serviceWorker.js`, 'utf8');
  const version = title.length.toString(16).padStart(16, '0');
  const next = worker
    .replace(/(version: ")[0-9a-f]{16}/, `$1${version}`)
    .replace(/("\.\/": ")[^"]+/, `$1${hashOf(torn ? before : after)}`);
  expect(next).not.toBe(worker);
  writeFileSync(`${COPY}/serviceWorker.js`, next);
}

test("a worker's entry is one import and one call, and no chunk imports it", () => {
  const chunks = readdirSync('dist/assets').filter((name) => name.endsWith('.js'));
  const entries = chunks.filter((name) => name.includes('.worker-'));
  expect(entries.length).toBeGreaterThan(7);
  for (const name of entries) {
    expect(readFileSync(`dist/assets/${name}`, 'utf8'), name).toMatch(
      /^import\{\w+ as (\w+)\}from"\.\/[\w-]+\.js";\1\(self\);\s*$/,
    );
  }
  for (const name of chunks) {
    const code = readFileSync(`dist/assets/${name}`, 'utf8');
    const imported = [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'`]\.\/([^"'`]+)["'`]/g)];
    expect(imported.map(([, path]) => path).filter((path) => path.includes('.worker-'))).toEqual([]);
  }
});

test('the site without data stays below 8 MB, with one copy of TensorFlow.js', () => {
  const isData = (name: string) => /^(mnist|fashion-mnist|recorded)/.test(name);
  const files = readdirSync('dist', { recursive: true, encoding: 'utf8' })
    .filter((name) => !isData(name) && statSync(`dist/${name}`).isFile())
    .map((name) => ({ name, bytes: statSync(`dist/${name}`).size }));
  expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(8_000_000);
  const large = files.filter(({ name, bytes }) => /tensorflow/.test(name) && bytes > 500_000);
  expect(large.map(({ name }) => /(\w+)-/.exec(name)?.[1]).sort()).toEqual([
    'tensorflow',
    'tensorflowWebgpu',
  ]);
});

test.describe('the site on its own', () => {
  test.use({ serviceWorkers: 'allow' });
  let strict: Site;
  test.beforeAll(async () => {
    strict = await serveSite({ headers: { 'Content-Security-Policy': CONTENT_SECURITY_POLICY } });
  });
  test.afterAll(() => strict.close());

  test('works whole under the policy as a header, and again with the network cut', { tag: '@full' }, async ({
    lab,
  }) => {
    await openLab(lab, strict);
    const meta = lab.locator('meta[http-equiv="Content-Security-Policy"]');
    await expect(meta).toHaveAttribute('content', CONTENT_SECURITY_POLICY);
    await lab.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await strict.close();

    // The same page keeps working without the network, including parts that it had not fetched.
    await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 20 }));
    await visitAllPanels(lab);
    await lab.reload();
    await lab.waitForFunction(() => window.lab !== undefined);
    await lab.evaluate(() => window.lab.ready);
    // From now on the engine's workers share memory, on any static host.
    expect(await lab.evaluate(() => crossOriginIsolated)).toBe(true);
    // The saved run reopens, even without the network.
    await lab.getByRole('button', { name: 'Train more' }).click();
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

  test('announces a newer version, and never mixes two', async ({ lab, context }) => {
    cpSync('dist', COPY, { recursive: true });
    const site = await serveSite({ root: COPY });
    await openLab(lab, site);
    await lab.waitForFunction(() => navigator.serviceWorker.controller !== null);
    /** Whether a version is waiting after a check for a newer one. */
    const update = () =>
      lab.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        await registration?.update();
        while (registration?.installing) await new Promise((resolve) => setTimeout(resolve, 50));
        return Boolean(registration?.waiting);
      });

    changeTitle('Half a newer version', { torn: true });
    expect(await update()).toBe(false);
    changeTitle('The newer one');
    expect(await update()).toBe(true);
    const button = lab.getByRole('button', { name: 'Load it now' });
    await expect(button).toBeVisible();
    // Neither a partial nor a waiting version is ever shown.
    const other = await context.newPage();
    await other.goto(site.url);
    await expect(other).toHaveTitle(/^Untangle/);
    await button.click();
    await expect(lab).toHaveTitle('The newer one');
    // The old page keeps using its own files.
    await other.locator('#adversarial').scrollIntoViewIfNeeded();
    await expect(other).toHaveTitle(/^Untangle/);
    await site.close();
    rmSync(COPY, { recursive: true });
  });
});
