import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';
import { visitPanels } from '../page/panels.ts';

/** Changes the page like a browser's translator: wraps every text in `<font>` elements, including new ones. */
function translate() {
  const wrap = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      if (text.parentElement?.closest('font, script, style, noscript, textarea')) continue;
      const font = document.createElement('font');
      font.append(text.data);
      text.replaceWith(font);
    }
  };
  wrap();
  new MutationObserver(wrap).observe(document.body, { subtree: true, childList: true, characterData: true });
}

/** The share of the window that header and timeline leave to the panels, and how far the page scrolls sideways. */
function room(page: Page) {
  return page.evaluate(() => {
    const away = document.documentElement.dataset.folded === 'away';
    const bars = ['header', 'footer'].map(
      (bar) => document.querySelector<HTMLElement>(bar)?.offsetHeight ?? 0,
    );
    const { scrollWidth, clientWidth } = document.documentElement;
    return {
      content: away ? 1 : 1 - (bars[0] + bars[1]) / window.innerHeight,
      sideways: scrollWidth - clientWidth,
    };
  });
}

test('any screen: low windows, large type, high contrast, Caps Lock, print', async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 20 }));

  // No panel has been visited, but all must be printed.
  await lab.mouse.move(300, 300);
  await expect(async () => {
    const missing = await lab.evaluate(() => {
      window.dispatchEvent(new Event('beforeprint'));
      return document.querySelectorAll('main > section [aria-busy="true"]').length;
    });
    expect(missing).toBe(0);
  }).toPass();

  await visitPanels(lab);
  for (const { width, height, font } of [
    { width: 320, height: 256, font: '' },
    { width: 667, height: 375, font: '' },
    { width: 390, height: 844, font: '' },
    { width: 390, height: 844, font: '24px' },
    { width: 1280, height: 720, font: '24px' },
  ]) {
    await lab.setViewportSize({ width, height });
    await lab.evaluate((font) => {
      document.documentElement.style.fontSize = font;
    }, font);
    const size = `${width} x ${height} ${font}`;
    await expect(async () => {
      const { content, sideways } = await room(lab);
      expect(content, size).toBeGreaterThanOrEqual(0.5);
      expect(sideways, size).toBe(0);
    }).toPass();
  }
  await lab.evaluate(() => document.documentElement.removeAttribute('style'));

  // A folded header can be unfolded.
  await lab.setViewportSize({ width: 667, height: 375 });
  await expect(lab.getByRole('button', { name: 'Reset' })).toBeHidden();
  await lab.getByRole('button', { name: 'All controls' }).click();
  await expect(lab.getByRole('button', { name: 'Reset' })).toBeVisible();

  await lab.evaluate(() => {
    const capsLock = { key: 'R', code: 'KeyR', bubbles: true };
    document.body.dispatchEvent(new KeyboardEvent('keydown', capsLock));
  });
  expect(await lab.evaluate(() => window.lab.state.step)).toBe(20);
});

test('Print waits until every panel has its figures', { tag: '@full' }, async ({ lab, site }) => {
  // Without errors over redrawn images, the figures come long before Print stops waiting for them.
  await openLab(lab, { ...site, url: `${site.url}#v=1&geometry=redraws:0` });
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 20 }));
  // The print button waits for panels that were never in view to compute; the browser's own command cannot wait.
  await lab.evaluate(() => {
    window.addEventListener('beforeprint', () => {
      const panels = ['spectrum', 'geometry'].filter((id) =>
        document.querySelector(`#${id} .js-plotly-plot`),
      );
      const capacity = document.querySelector('#geometry h3')?.textContent?.match(/\d/)
        ? 'with figures'
        : 'empty';
      document.body.dataset.printed = `${panels.join(' ')} ${capacity}`;
    });
  });
  await lab.getByRole('button', { name: 'Export' }).click();
  await lab.getByRole('button', { name: 'Print all panels' }).click();
  // Ten panels load and compute one after another.
  await expect(lab.locator('body')).toHaveAttribute('data-printed', 'spectrum geometry with figures', {
    timeout: 120_000,
  });
});

test('Print waits for the answers of the moment shown in panels that have been out of view', {
  tag: '@full',
}, async ({ lab, site }) => {
  await openLab(lab, site);
  const following = ['confusion', 'gallery', 'activations', 'spectrum', 'adversarial'];
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 20 }));
  for (const id of following) {
    const panel = lab.locator(`#${id}`);
    await panel.scrollIntoViewIfNeeded();
    await expect(panel.getByText(/\bstep 20\b/).first()).toBeVisible();
  }
  await lab.evaluate(async (following) => {
    window.scrollTo({ top: 0, behavior: 'instant' });
    await window.lab.train({ maxSteps: 20 });
    window.addEventListener('beforeprint', () => {
      const isOfMoment = (id: string) => document.getElementById(id)?.innerText.match(/\bstep 40\b/);
      document.body.dataset.printed = following.filter(isOfMoment).join(' ');
    });
  }, following);
  await lab.getByRole('button', { name: 'Export' }).click();
  await lab.getByRole('button', { name: 'Print all panels' }).click();
  await expect(lab.locator('body')).toHaveAttribute('data-printed', following.join(' '));
});

test('high contrast keeps the data’s colors', async ({ lab, site }) => {
  await lab.emulateMedia({ forcedColors: 'active' });
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 20 }));
  const filters = lab.locator('#filters canvas').first();
  await expect(async () => {
    const colors = await filters.evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join()))
        .size;
    });
    // One color for each of 32 x 9 weights, if all differed.
    expect(colors).toBeGreaterThan(50);
  }).toPass();
  const style = (selector: string, property: 'backgroundImage' | 'backgroundColor') =>
    lab
      .locator(selector)
      .first()
      .evaluate((element, name) => getComputedStyle(element)[name], property);
  expect(await style('#filters figure [class*="ramp"]', 'backgroundImage')).toContain('gradient');
  const option = '#filters label:has(input[type="radio"]';
  expect(await style(`${option}:checked)`, 'backgroundColor')).not.toBe(
    await style(`${option}:not(:checked))`, 'backgroundColor'),
  );
});

test('a translated page keeps working, and every number field accepts or rejects a decimal comma', {
  tag: '@full',
}, async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(translate);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 20 }));
  await visitPanels(lab);
  for (const [panel, choice] of [
    ['filters', 'Compare'],
    ['confusion', 'Row shares, %'],
    ['gallery', 'Misclassified'],
    ['activations', 'Separate scales'],
    ['spectrum', 'Normalized'],
    ['geometry', 'Each class'],
  ]) {
    // A panel out of view asks nothing, so the target of its choice may be missing.
    await lab.locator(`#${panel}`).scrollIntoViewIfNeeded();
    await lab.locator(`#${panel}`).getByRole('radio', { name: choice, exact: true }).check();
  }
  await lab.getByLabel('Train on').selectOption('pgd');
  await lab.locator('#adversarial').getByRole('radio', { name: 'PGD' }).check();
  await lab.locator('#adversarial').getByRole('radio', { name: 'L∞' }).check();
  const fields = lab.locator('main input[inputmode="decimal"], main input[inputmode="numeric"]');
  await expect(lab.locator('#adversarial').getByLabel('Step size')).toBeVisible();
  expect(await fields.count()).toBeGreaterThan(15);
  for (const field of await fields.all()) {
    const before = await field.inputValue();
    await field.fill('0,5');
    await field.press('Enter');
    await expect(async () => {
      const taken = (await field.inputValue()) === '0.5';
      expect(taken || (await field.getAttribute('aria-invalid')) === 'true').toBe(true);
    }).toPass();
    await field.press('Escape');
    await field.fill(before);
    await field.press('Enter');
  }
  const rate = lab.getByLabel('Learning rate').first();
  await rate.fill('１e−3 ** 1');
  await rate.press('Enter');
  await expect(rate).toHaveValue('1e-3 ^ 1');
  await expect(lab.getByRole('status').first()).toBeVisible();
  await expect(lab.locator('#header dl')).toContainText('20');
  await expect(lab.getByText('This panel stopped')).toHaveCount(0);
});

test('without scripts, the page says what to do', async ({ page, site }) => {
  await page.goto(pathToFileURL(resolve('dist/index.html')).href);
  await expect(page.getByText('Serve the folder instead')).toBeVisible();
  await page.route('**/*.js', async (route) => {
    await route.fulfill({ response: await route.fetch(), headers: { 'content-type': 'text/plain' } });
  });
  await page.goto(site.url);
  const text = page.getByText('It has to send .js files as text/javascript');
  await expect(text).toBeHidden();
  await page.locator('.not-started').evaluate((element) => element.getAnimations()[0].finish());
  await expect(text).toBeVisible();
});

test('on plain http a tab does not touch another tab’s run, and reloading a link reopens its run', {
  tag: '@full',
}, async ({ page, context, site }) => {
  const url = site.url.replace('127.0.0.1', 'plain.test');
  const kept = (tab: Page) =>
    tab.evaluate(async () => (await window.lab.runs()).map(({ id, step }) => ({ id, step })));
  const train = (tab: Page, maxSteps: number) =>
    tab.evaluate((maxSteps) => window.lab.train({ engine: 'wasm', maxSteps }), maxSteps);
  await openLab(page, { ...site, url });
  expect(await page.evaluate(() => navigator.locks)).toBeUndefined();
  await train(page, 12);
  await expect.poll(() => kept(page)).toHaveLength(1);
  const [first] = await kept(page);

  const other = await context.newPage();
  await openLab(other, { ...site, url: `${url}#v%3D1&amp;seed=7.` });
  expect(await other.evaluate(() => window.lab.state.settings.seed)).toBe(7);
  await train(other, 8);
  await expect.poll(() => kept(other)).toHaveLength(2);
  await other.reload();
  await other.waitForFunction(() => window.lab !== undefined);
  await other.evaluate(() => window.lab.ready);
  const back = await other.evaluate(() => window.lab.state);
  expect([back.step, back.settings.seed]).toEqual([8, 7]);

  // Without a link, the page would reopen the last run, which is this tab's own.
  await other.goto('about:blank');
  await openLab(other, { ...site, url });
  await train(page, 1);
  await other.close();
  const third = await context.newPage();
  await openLab(third, { ...site, url });
  expect(await third.evaluate(() => window.lab.state.step)).toBe(0);
  await expect(third.getByText('Another tab uses the last run')).toBeVisible();
  expect((await kept(third)).find(({ id }) => id === first.id)?.step).toBe(13);
  await third.close();
});

test('the notebook of a dead network lacks the layers that have no geometry, and nothing else', async ({
  scripted,
}) => {
  const notebook = await scripted.evaluate(async () => {
    const parameters = await window.lab.parameters();
    for (const values of Object.values(parameters)) values.fill(0);
    await window.lab.loadParameters(parameters);
    return JSON.parse(await (await window.lab.export('notebook')).text());
  });
  const cells = new Map<string, string>(
    notebook.cells.map(({ id, source }: { id: string; source: string[] }) => [id, source.join('')]),
  );
  expect(cells.get('geometry')).toContain('"layer": "input"');
  expect(cells.get('geometry')).not.toContain('"layer": "relu"');
  expect(cells.get('geometry-text')).toContain(
    'Without the layer `relu`, which has no geometry: All centers',
  );
  for (const id of ['check', 'filters', 'activations', 'spectrum']) expect([...cells.keys()]).toContain(id);
});
