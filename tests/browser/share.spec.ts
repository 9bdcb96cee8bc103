import { expect, test } from './fixtures.ts';

test('a link sets the lab up, says what is wrong with it, and Share gives it back', async ({
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

  // What is hidden is gone, from the keyboard too.
  await expect(lab.locator('#adversarial')).toHaveCount(0);
  await expect(lab.getByRole('button', { name: 'Reset' })).toHaveCount(0);
  await lab.locator('#train').scrollIntoViewIfNeeded();
  await expect(lab.locator('#train .js-plotly-plot').first()).toBeVisible();
  await expect(lab.getByLabel('Learning rate')).toHaveCount(0);
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
  await expect(dialog.getByRole('status')).toContainText('does not let the page copy');
  const selected = await lab.evaluate(() => String(document.getSelection()));
  expect(selected).toMatch(/&hide=settings,reset,timeline$/);
  await lab.keyboard.press('Escape');

  // A link opened in this page: at a run's end it must not end the run; before its first step it begins anew.
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
