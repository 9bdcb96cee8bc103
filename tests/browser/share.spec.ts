import type { Page } from '@playwright/test';
import { readNpz } from '../../src/ml/formats/npz.ts';
import { readRunFile } from '../../src/ml/formats/runFile.ts';
import { expect, openLab, test } from '../page/fixtures.ts';

test('a link sets the lab up and reports invalid keys, and Share returns the same link', async ({
  lab,
  site,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const link = '#v=1&seed=7&lr=2e-3%20*%200.9%5Eepoch&panel=geometry&layer=relu&image=train:3';
  await lab.goto(`${site.url}${link}&batch=<img src=x>&hide=settings,adversarial,reset`);
  await lab.waitForFunction(() => window.lab !== undefined);
  await lab.evaluate(() => window.lab.ready);
  const { settings } = await lab.evaluate(() => window.lab.state);
  expect(settings).toMatchObject({ seed: 7, learningRate: '2e-3 * 0.9^epoch', batchSize: 64 });
  const seven = await lab.evaluate(async () => (await window.lab.parameters())['conv.weight'][0]);
  await expect.poll(() => lab.evaluate(() => window.lab.opened()?.name)).toBe('training image 3');
  await expect(lab.locator('#geometry')).toBeInViewport();
  await expect(lab.getByText('batch should be a whole number, and is "<img src=x>"')).toBeVisible();
  expect(await lab.locator('img[src="x"]').count()).toBe(0);
  await lab.getByRole('button', { name: 'Dismiss' }).click();

  // Hidden parts are not reachable by keyboard either.
  await expect(lab.locator('#adversarial')).toHaveCount(0);
  await expect(lab.getByRole('button', { name: 'Reset' })).toHaveCount(0);
  await lab.locator('#train').scrollIntoViewIfNeeded();
  await expect(lab.locator('#train .js-plotly-plot').first()).toBeVisible();
  await expect(lab.locator('#train').getByLabel('Learning rate')).toHaveCount(0);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', maxSteps: 2 }));
  await lab.keyboard.press('Shift+R');
  expect((await lab.evaluate(() => window.lab.state)).step).toBe(2);

  await lab.locator('#geometry').scrollIntoViewIfNeeded();
  await lab.getByRole('button', { name: 'Share' }).click();
  const dialog = lab.getByRole('dialog', { name: 'Share' });
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible();
  const shared = await lab.evaluate(() => navigator.clipboard.readText());
  expect(shared).toMatch(new RegExp(`^${site.url.replaceAll('.', '\\.')}#v=1&seed=7&lr=`));
  expect(shared).toMatch(/&layer=relu&image=train:3&hide=settings,adversarial,reset$/);
  await dialog.getByLabel('Adversarial examples').uncheck();
  await dialog.getByLabel('Timeline').check();
  await context.clearPermissions();
  await lab.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden'));
  });
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await expect(dialog.getByRole('status')).toContainText('does not allow this page to copy');
  const selected = await lab.evaluate(() => String(document.getSelection()));
  expect(selected).toMatch(/&hide=settings,reset,timeline$/);
  await lab.keyboard.press('Escape');
  // The dialog copies the link when it opens again; only a press of Copy reports a refusal.
  await lab.getByRole('button', { name: 'Share' }).click();
  await expect.poll(() => lab.evaluate(() => String(document.getSelection()))).toContain('#v=1');
  await expect(dialog.getByRole('status')).toBeEmpty();
  await lab.keyboard.press('Escape');

  // A link followed in this page does not end a finished run; before the first step, it begins a new run.
  await lab.evaluate(() => {
    location.hash = '#v=1&seed=8&layer=conv';
  });
  await expect(lab.getByText('open it in a new tab')).toBeVisible();
  await expect(lab.locator('#adversarial')).toHaveCount(1);
  expect(await lab.evaluate(() => window.lab.state.step)).toBe(2);
  await lab.evaluate(() => window.lab.reset());
  await lab.evaluate(() => {
    location.hash = '#v=1&seed=111&lr=foo(1)';
  });
  await expect(lab.getByText(/foo/)).toBeVisible();
  await lab.evaluate(() => {
    location.hash = '#v=1&seed=7';
  });
  await expect.poll(() => lab.evaluate(() => window.lab.state.settings.learningRate)).toBe('1e-3');
  const again = await lab.evaluate(async () => (await window.lab.parameters())['conv.weight'][0]);
  expect(again).toBe(seven);
});

test('a run exported as one file continues bit by bit', { tag: '@full' }, async ({ lab, site }) => {
  await openLab(lab, site);
  const geometry = lab.locator('#geometry');
  await geometry.scrollIntoViewIfNeeded();
  for (const layer of ['input', 'conv', 'relu']) {
    await geometry.getByRole('checkbox', { name: layer }).uncheck();
  }
  await lab.evaluate(async () => {
    // Few filters, because the file's bytes are passed to this test.
    await window.lab.reset({ engine: 'wasm', network: { filters: 2 } });
    await window.lab.train({ engine: 'wasm', seed: 5, maxSteps: 30, learningRate: '2e-3 * 0.9^epoch' });
  });
  await expect(geometry.getByRole('columnheader', { name: 'Step 30', exact: true })).toBeVisible();
  await expect(geometry.getByText('Up to date.')).toBeVisible();
  await lab.locator('#train').scrollIntoViewIfNeeded();
  const run = await exportsRun(lab);
  await exportsParts(lab);
  await opensByHand(lab, run);
});

/** Exports a run, opens the file, and trains on to the same bits. Returns the file. */
async function exportsRun(lab: Page): Promise<{ name: string; bytes: number[] }> {
  const saved = await lab.evaluate(async () => {
    const bytesOf = async (file: File) => Array.from(new Uint8Array(await file.arrayBuffer()));
    const run = await window.lab.export('run');
    await window.lab.train({ maxSteps: 20 });
    const { history } = window.lab.state;
    const after = await window.lab.parameters();
    await window.lab.train({ engine: 'wasm', seed: 6, maxSteps: 3 });
    const imported = await window.lab.import(run);
    const opened = window.lab.state;
    const snapshots = window.lab.snapshots().map(({ step }) => step);
    await window.lab.train({ maxSteps: 20 });
    const again = await window.lab.parameters();
    const same = Object.entries(after).every(([name, values]) =>
      values.every((value, i) => Object.is(value, again[name][i])),
    );
    const losses = window.lab.state.history.losses;
    return {
      imported,
      same,
      sameLosses: losses.length === 50 && losses.every((loss, i) => loss === history.losses[i]),
      settings: opened.settings,
      step: opened.step,
      snapshots,
      run: { name: run.name, bytes: await bytesOf(run) },
    };
  });
  expect(saved.imported).toEqual({ kind: 'run', step: 30 });
  expect(saved).toMatchObject({ same: true, sameLosses: true, step: 30 });
  expect(saved.settings).toMatchObject({ seed: 5, engine: 'wasm', learningRate: '2e-3 * 0.9^epoch' });
  expect(saved.snapshots).toEqual(expect.arrayContaining([0, 1, 2, 3, 4, 30]));
  expect(saved.run.name).toBe('untangle-seed5-step30.untangle.zip');
  const content = readRunFile(Uint8Array.from(saved.run.bytes));
  expect(content.losses).toHaveLength(30);
  expect([...content.attachments.keys()].sort()).toEqual([
    'figures/filters.svg',
    'figures/learning.svg',
    'tables/epochs.csv',
    'tables/geometry.csv',
  ]);
  expect(content.results.geometry).toMatchObject({ version: 1 });
  return saved.run;
}

/** Exports activations, a notebook and parameters, and opens the parameters. */
async function exportsParts(lab: Page): Promise<void> {
  const parts = await lab.evaluate(async () => {
    const bytesOf = async (file: File) => Array.from(new Uint8Array(await file.arrayBuffer()));
    const images = [0, 1, 2].map((index) => ({ split: 'train' as const, index }));
    const { data } = await window.lab.forward({ images, layer: 'relu' });
    const npz = await window.lab.export('activations', { indices: [0, 1, 2], layers: ['relu'] });
    const notebook = await window.lab.export('notebook');
    const parameters = await window.lab.export('parameters');
    await window.lab.reset({ network: { filters: 4, kernelSize: 5 } });
    const small = await window.lab.parameters();
    const file = await window.lab.export('parameters');
    await window.lab.reset({ seed: 1, network: { filters: 32, kernelSize: 3 } });
    const imported = await window.lab.import(await file.arrayBuffer());
    const back = await window.lab.parameters();
    return {
      relu: Array.from(data),
      npz: await bytesOf(npz),
      notebook: await notebook.text(),
      name: parameters.name,
      imported,
      same: Object.keys(small).every((name) => small[name].join() === back[name].join()),
    };
  });
  const arrays = readNpz(Uint8Array.from(parts.npz));
  expect(arrays.get('relu')?.shape).toEqual([3, 2, 26, 26]);
  expect(arrays.get('relu')?.data).toEqual(Float32Array.from(parts.relu));
  expect(JSON.parse(parts.notebook).nbformat).toBe(4);
  expect(parts.notebook).toContain(parts.name);
  expect(parts).toMatchObject({ imported: { kind: 'parameters' }, same: true });
}

/** Saves a file, drops a run on a panel with its figures, and sees a damaged one refused. */
async function opensByHand(lab: Page, run: { name: string; bytes: number[] }): Promise<void> {
  const geometry = lab.locator('#geometry');
  // Use the button, because the key would go to the focused checkbox.
  await lab.getByRole('button', { name: 'Export', exact: true }).click();
  const dialog = lab.getByRole('dialog', { name: 'Export' });
  const download = lab.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save whole run' }).click();
  expect((await download).suggestedFilename()).toBe('untangle-seed1-step0.untangle.zip');
  await lab.keyboard.press('Escape');
  const dropped = (bytes: number[], name: string) =>
    lab.evaluate(
      ({ bytes, name }) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([Uint8Array.from(bytes)], name));
        document
          .querySelector('#metamers')
          ?.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      },
      { bytes, name },
    );
  await dropped(run.bytes.slice(0, 5000), 'torn.untangle.zip');
  await expect(lab.getByRole('alert').filter({ hasText: 'torn.untangle.zip' })).toContainText(
    'could not be opened',
  );
  expect(await lab.evaluate(() => window.lab.state.step)).toBe(0);
  await dropped(run.bytes, run.name);
  await expect(lab.getByText('is open, at step 30')).toBeVisible();
  // The file contains the figures, so nothing is recomputed.
  const analyses = await lab.evaluateHandle(() => {
    const send = Worker.prototype.postMessage;
    const kinds: string[] = [];
    Worker.prototype.postMessage = function (message: { kind?: string }, ...rest: unknown[]) {
      if (message.kind === 'analyze') kinds.push(message.kind);
      return Reflect.apply(send, this, [message, ...rest]);
    };
    return kinds;
  });
  await geometry.scrollIntoViewIfNeeded();
  await expect(geometry.getByRole('columnheader', { name: 'Step 30', exact: true })).toBeVisible();
  await expect(geometry.getByText('Up to date.')).toBeVisible();
  expect(await analyses.jsonValue()).toEqual([]);
  await lab.getByRole('button', { name: 'Train more' }).click();
  await expect.poll(() => lab.evaluate(() => window.lab.state.step)).toBeGreaterThan(31);
}

test('the run that comes with the site fills the panels, and Train starts a fresh one', async ({
  lab,
  site,
}) => {
  await lab.goto(site.url);
  await expect(lab.getByText(/^Recorded run/)).toBeVisible();
  // The same with a link that has settings for the next run.
  await lab.goto(`${site.url}#v=1&seed=3&run=recorded&at=best&panel=train`);
  await expect(lab.getByText(/^Recorded run, step/)).toBeVisible();
  const { step, metrics, history } = await lab.evaluate(() => window.lab.state);
  expect(step).toBe(9370);
  expect(history.losses).toHaveLength(9370);
  expect(metrics.bestTestAccuracy).toBeGreaterThan(0.977);
  // The numbers are a real network's; half precision changes them very little.
  const best = await lab.evaluate(() => window.lab.evaluate({ at: 'best' }));
  expect(Math.abs(best.accuracy - (metrics.bestTestAccuracy ?? 0))).toBeLessThan(0.001);
  const share = await lab.evaluate(() => window.lab.share());
  expect(share).toMatch(/#v=1&seed=3&run=recorded&at=\d+$/);

  await lab.getByRole('button', { name: 'Train', exact: true }).click();
  await expect.poll(() => lab.evaluate(() => window.lab.state.step)).toBeLessThan(9000);
  await expect.poll(() => lab.evaluate(() => window.lab.state.history.losses.length)).toBeGreaterThan(5);
  const fresh = await lab.evaluate(() => window.lab.state);
  expect(fresh.settings.seed).toBe(3);
  expect(fresh.history.epochs).toHaveLength(0);
  await expect(lab.getByText('Recorded run')).toHaveCount(0);
});
