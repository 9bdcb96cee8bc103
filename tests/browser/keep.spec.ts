import type { Locator, Page } from '@playwright/test';
import { expect, openLab, test, visitedTest } from '../page/fixtures.ts';
import { runOf, untilStep } from '../page/runBits.ts';

/** Number of steps after the reload, with a worker's death in between. */
const MORE_STEPS = 170;

test('a reload and a dead worker during a run lose nothing: losses and weights are those of an undisturbed run', async ({
  lab,
  site,
}) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.reset({ seed: 5, engine: 'wasm' }));
  await lab.evaluate(() => {
    void window.lab.train({ maxSteps: 5000 });
  });
  await untilStep(lab, 230);
  // At least the second checkpoint is saved.
  await expect.poll(async () => (await lab.evaluate(() => window.lab.runs()))[0]?.step).toBeGreaterThan(100);
  await lab.reload();
  await lab.waitForFunction(() => window.lab !== undefined);
  await lab.evaluate(() => window.lab.ready);
  const back = await lab.evaluate(() => window.lab.state);
  expect(back.status).toBe('idle');
  expect(back.step).toBeGreaterThan(100);
  expect(back.problems.join()).toContain('It continues exactly as if it had never stopped');
  await expect(lab.getByRole('button', { name: 'Go on' })).toBeVisible();
  const snapshots = await lab.evaluate(() => window.lab.snapshots().map(({ step }) => step));
  expect(snapshots.slice(0, 4)).toEqual([0, 1, 2, 3]);
  // The run's snapshots are saved, 0.9 MB each.
  expect((await lab.evaluate(() => window.lab.runs()))[0].bytes).toBeGreaterThan(10e6);

  const outcome = await lab.evaluate(async (maxSteps) => {
    // Slow, so that a page that is late still sees the training before its end.
    await window.lab.set({ speed: 40 });
    const training = window.lab.train({ maxSteps });
    const from = window.lab.state.step;
    const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
    while (window.lab.state.step < from + 20) await wait();
    window.lab.killWorker();
    // The pause persists while another worker replaces the dead one.
    await window.lab.pause();
    while (window.lab.state.status !== 'paused') await wait();
    // Two manual steps: nothing else is trained between them.
    await window.lab.step(1);
    const { step } = window.lab.state;
    await window.lab.step(1);
    const rest = { from: step + 1, to: window.lab.state.step };
    await window.lab.set({ speed: 'fastest' });
    await window.lab.resume();
    const { steps, losses } = await training;
    return { rest, steps, losses: losses.length, status: window.lab.state.status };
  }, MORE_STEPS);
  const all = back.step + MORE_STEPS;
  expect(outcome).toMatchObject({ steps: MORE_STEPS, losses: MORE_STEPS, status: 'idle' });
  expect(outcome.rest.to).toBe(outcome.rest.from);
  expect(outcome.rest.from).toBeLessThan(all);
  await expect(lab.getByRole('button', { name: 'Go on' })).toBeHidden();
  const disturbed = await runOf(lab);
  await lab.evaluate((maxSteps) => window.lab.train({ seed: 5, engine: 'wasm', maxSteps }), all);
  expect(disturbed).toEqual(await runOf(lab));
});

/** Only this layer, because geometry takes longer for the others. */
async function onlyFc(page: Page): Promise<void> {
  const geometry = page.locator('#geometry');
  await geometry.scrollIntoViewIfNeeded();
  for (const layer of ['input', 'conv', 'relu']) {
    await geometry.getByRole('checkbox', { name: layer }).uncheck();
  }
}

/** The panels' findings, once they are complete. */
async function findings(page: Page): Promise<string[]> {
  const geometry = page.locator('#geometry');
  await geometry.scrollIntoViewIfNeeded();
  await expect(geometry.getByText('Up to date.')).toBeVisible();
  const simulated = geometry.getByRole('region', { name: 'Theory and simulation' }).getByRole('status');
  await expect(simulated).toBeVisible();
  const metamers = page.locator('#metamers');
  await metamers.scrollIntoViewIfNeeded();
  await expect(metamers.getByTestId('verdict')).toBeVisible();
  const adversarial = page.locator('#adversarial');
  await adversarial.scrollIntoViewIfNeeded();
  await expect(adversarial.getByTestId('over-training')).toBeVisible();
  return [
    ...(await geometry.locator('tbody td').allTextContents()),
    ...(await simulated.allTextContents()),
    ...(await metamers.getByTestId('verdict').allTextContents()),
    ...(await adversarial.getByTestId('curves').allTextContents()),
    ...(await adversarial.getByTestId('over-training').allTextContents()),
  ];
}

/** Has the panels find a little of each kind about the run; the test checks only that the findings are saved. */
async function find(page: Page): Promise<string[]> {
  await onlyFc(page);
  await page
    .locator('#geometry')
    .getByRole('button', { name: 'Measure by simulation: plane through the overall mean' })
    .click();
  const commit = async (field: Locator, value: string) => {
    await field.fill(value);
    await field.press('Enter');
  };
  const metamers = page.locator('#metamers');
  await metamers.scrollIntoViewIfNeeded();
  await commit(metamers.getByLabel('Iterations'), '20');
  await metamers.getByRole('checkbox', { name: 'conv' }).uncheck();
  await metamers.getByRole('button', { name: 'Make metamers' }).click();
  const adversarial = page.locator('#adversarial');
  await adversarial.scrollIntoViewIfNeeded();
  await commit(adversarial.getByLabel('Test images'), '10');
  await adversarial.getByRole('button', { name: 'Draw the curve' }).click();
  await expect(adversarial.getByTestId('curves')).toBeVisible();
  await adversarial.getByRole('button', { name: 'Attack every snapshot' }).click();
  await expect(adversarial.getByRole('progressbar')).toHaveCount(0);
  return findings(page);
}

test('the list of runs names, compares, deletes and restores runs with their findings; a second tab does not touch the first tab’s run', {
  tag: '@full',
}, async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ seed: 6, engine: 'wasm', maxSteps: 30 }));
  const found = await find(lab);
  const other = await lab.context().newPage();
  await openLab(other, site);
  expect(await other.evaluate(() => window.lab.state)).toMatchObject({
    step: 0,
    problems: [expect.stringContaining('Another tab uses')],
  });
  await other.evaluate(() => window.lab.train({ seed: 7, maxSteps: 3 }));
  // Everything is written once the list has loaded.
  await other.evaluate(() => window.lab.runs());
  await other.close();

  await lab.evaluate(() => window.lab.reset({ seed: 8 }));
  await lab.evaluate(() => window.lab.train({ maxSteps: 20 }));
  await nameDeleteAndCompare(lab);

  // The other panels show both runs and name them.
  const filters = lab.locator('#filters');
  await filters.scrollIntoViewIfNeeded();
  await expect(filters.getByText('this run, at step 20')).toBeVisible();
  await expect(filters.getByText(/^“Six”, at step \d+(, its nearest snapshot)?$/)).toBeVisible();
  const geometry = lab.locator('#geometry');
  await geometry.scrollIntoViewIfNeeded();
  await expect(geometry.getByRole('columnheader', { name: /^“Six”, step \d+$/ })).toBeVisible();
  await expect(geometry.getByText('dashed and hollow: “Six”')).toBeVisible();
  await expect(geometry.getByText('Compared with “Six”', { exact: true })).toBeVisible();
  await geometry.getByLabel('Examples per class').fill('10');
  await geometry.getByLabel('Examples per class').press('Enter');
  await geometry.getByRole('button', { name: /^Compute them/ }).click();
  await expect(geometry.getByText('dashed and hollow: “Six”')).toBeVisible();
  await expect(geometry.getByTestId('compared-geometry').getByRole('button')).toHaveCount(0);
  const metamers = lab.locator('#metamers');
  await metamers.getByRole('button', { name: 'Make metamers' }).click();
  await expect(metamers.getByText('by the network at step 20')).toBeVisible();
  await metamers.getByRole('button', { name: 'Use “Six”' }).click();
  await expect(metamers.getByTestId('second-network')).toHaveText(/^Second network: “Six” at step \d+$/);
  // Saved with the run: for the same image and settings.
  await expect(metamers.getByRole('figure').getByText(/Second network, “Six”/)).toBeVisible();

  const runs = await lab.evaluate(() => window.lab.runs());
  expect(runs.map(({ name, step }) => [name, step])).toEqual([
    ['Seed 8', 20],
    ['Seed 7', 3],
    ['Six', 30],
  ]);
  const opened = await lab.evaluate(async (id) => {
    await window.lab.open(id);
    // Everything is written once the list has loaded.
    await window.lab.runs();
    const { step, settings } = window.lab.state;
    return { step, seed: settings.seed };
  }, runs[2].id);
  expect(opened).toEqual({ step: 30, seed: 6 });
  // None of the findings is recomputed.
  await lab.addInitScript(() => {
    const send = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest: unknown[]) {
      const { kind, parameters } = message;
      if (kind === 'analyze' && parameters.job.layer === 'fc') console.error('fc is analyzed again');
      if (kind === 'robustness' || kind === 'metamer') console.error(`${kind} again`);
      return Reflect.apply(send, this, [message, ...rest]);
    };
  });
  await lab.reload();
  await lab.waitForFunction(() => window.lab !== undefined);
  await lab.evaluate(() => window.lab.ready);
  await onlyFc(lab);
  expect(await findings(lab)).toEqual(found);
});

/**
 * In the list of three runs: names the run of seed 6, deletes the run of seed 7 and restores it, and compares the
 * named run.
 */
async function nameDeleteAndCompare(lab: Page): Promise<void> {
  await lab.getByRole('button', { name: 'Runs', exact: true }).click();
  const dialog = lab.getByRole('dialog', { name: 'Runs' });
  await expect(dialog.getByRole('listitem')).toHaveCount(3);
  const name = dialog.getByRole('textbox', { name: 'Name of Seed 6' });
  await name.fill('Six');
  await name.press('Enter');
  const six = dialog.getByRole('listitem', { name: 'Six' });
  await expect(six).toContainText('30 steps');
  const seven = dialog.getByRole('listitem', { name: 'Seed 7' });
  await seven.getByRole('button', { name: 'Delete' }).click();
  await expect(seven).toBeHidden();
  await dialog.getByRole('button', { name: 'Undo' }).click();
  await expect(seven).toBeVisible();
  await six.getByRole('button', { name: 'Compare' }).click();
  await dialog.getByRole('button', { name: 'Close Runs' }).click();
  const train = lab.locator('#train');
  // Out of view, the panel would not show the compared run.
  await train.scrollIntoViewIfNeeded();
  await expect(train.getByText('Six')).toBeVisible();
}

visitedTest('the list of runs names, deletes, brings back and compares', async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(async () => {
    await window.lab.reset({ seed: 6, engine: 'wasm', network: { filters: 4 } });
    await window.lab.train({ maxSteps: 30 });
    await window.lab.train({ seed: 7, maxSteps: 3 });
    await window.lab.train({ seed: 8, maxSteps: 20 });
    // Everything is written once the list has loaded.
    await window.lab.runs();
  });
  await nameDeleteAndCompare(lab);
});

test('if the browser blocks IndexedDB, the page says so and trains', async ({ lab, site }) => {
  // Block IndexedDB in the worker that saves the runs, because Chromium has no setting for that.
  await lab.route(/keep\.worker.*\.js$/, async (route) => {
    const response = await route.fetch();
    const block = `IDBFactory.prototype.open = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };`;
    await route.fulfill({ response, body: block + (await response.text()) });
  });
  await openLab(lab, site);
  await expect(lab.getByText('can’t be saved in this browser')).toBeVisible();
  expect(await lab.evaluate(async () => (await window.lab.train({ maxSteps: 5 })).steps)).toBe(5);
  expect(await lab.evaluate(() => window.lab.runs())).toEqual([]);
});

// `tests/lab` tests which run is deleted to free space: Chromium frees deleted data seconds or minutes later.
test('with a full storage, the page says up to which step the run is saved, and continues training', {
  tag: '@full',
}, async ({ lab, site }) => {
  const client = await lab.context().newCDPSession(lab);
  // Space for the images, 11 MB, and a run of 13 MB, but not for its later snapshots.
  const { origin } = new URL(site.url);
  await client.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 30e6 });
  await openLab(lab, site);
  await lab.evaluate(async () => {
    await window.lab.reset({ seed: 1, engine: 'wasm' });
    await window.lab.train({ maxSteps: 400 });
  });
  await expect(lab.getByText(/storage is full: this run is saved up to step \d+ only/)).toBeVisible();
  const { step, kept } = await lab.evaluate(async () => ({
    kept: (await window.lab.runs())[0].step,
    step: window.lab.state.step,
  }));
  expect(step).toBe(400);
  expect(kept).toBeLessThan(400);
});
