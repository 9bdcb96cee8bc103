import type { Page } from '@playwright/test';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';
import { goldenJson } from '../page/golden.ts';
import { loadTrained } from '../page/trained.ts';

interface MftmaNotebook {
  indices: Record<string, number[]>;
  notebook_printed: Record<string, { alpha: number; R: number; D: number; rho: number }>;
}

interface SvdPca {
  fc_singular_values_f64: number[];
  relu_singular_values_f64: number[];
  pca_fc_f64: { explained_variance: number[]; projection: number[][] };
}

/** The notebook's manifolds, in the notebook's order. */
const notebookOrder = ['3', '2', '8', '4', '9', '1', '6', '7', '0', '5'];

test('the notebook’s draw gives the notebook’s figures', { tag: '@full' }, async ({ scripted }) => {
  await loadTrained(scripted);
  const { indices, notebook_printed: printed } = goldenJson<MftmaNotebook>('mftma_notebook.json');
  const images = notebookOrder.flatMap((label) => indices[label]);
  const { drawn, given, seeded } = await scripted.evaluate(async (indices) => {
    const drawn = await window.lab.geometry({ draw: 'notebook', layers: ['input', 'conv', 'fc'] });
    const options = { layers: ['fc'], resamples: 0 };
    const given = await window.lab.geometry({ ...options, indices });
    const seeded = await window.lab.geometry({ ...options, draw: 'seeded' });
    return { drawn, given: given.fc, seeded: seeded.fc };
  }, images);
  for (const [layer, name] of [
    ['input', 'layer_0_Input'],
    ['conv', 'layer_1_Conv2d'],
    ['fc', 'layer_4_Linear'],
  ]) {
    const found = drawn[layer];
    const { alpha, R, D, rho } = printed[name];
    expect(Math.abs(found.capacity / alpha - 1), `${layer} capacity`).toBeLessThan(0.08);
    expect(Math.abs(found.radius / R - 1), `${layer} radius`).toBeLessThan(0.03);
    expect(Math.abs(found.dimension / D - 1), `${layer} dimension`).toBeLessThan(0.03);
    expect(Math.abs(found.centerCorrelation - rho), `${layer} correlation`).toBeLessThan(1e-3);
    expect(found.labels).toEqual(notebookOrder.map(Number));
    expect(found.resampled).toMatchObject({ kind: 'redraws', samples: layer === 'fc' ? 300 : 100 });
    expect(found.exampleErrors?.centerCorrelation).toBeGreaterThan(0.001);
  }
  // The t-vectors' own error at conv is .001; between draws the capacity varies by .008.
  expect(drawn.conv.exampleErrors?.capacity).toBeGreaterThan(0.003);
  expect(drawn.conv.standardErrors.capacity).toBeLessThan(0.002);
  expect(given.capacity).toBe(drawn.fc.capacity);
  expect(seeded.capacity).not.toBe(drawn.fc.capacity);
  expect(drawn.fc.rank).toBe(2);
  expect(drawn.fc.search?.finds).toBeGreaterThanOrEqual(3);
});

test('spectra equal the reference, and errors about invalid questions say what to do', async ({
  scripted,
}) => {
  await loadTrained(scripted);
  const golden = goldenJson<SvdPca>('svd_pca.json');
  const spectra = await scripted.evaluate(async () => {
    const [fc, relu] = await Promise.all([
      window.lab.spectrum({ layer: 'fc' }),
      window.lab.spectrum({ layer: 'relu' }),
    ]);
    return {
      fc: [...fc.singularValues],
      relu: [...relu.singularValues],
      variance: [...fc.explainedVariance],
      projection: [...fc.pca.projection.data],
      columns: fc.pca.projection.columns,
    };
  });
  for (const [found, expected] of [
    [spectra.fc, golden.fc_singular_values_f64],
    [spectra.relu, golden.relu_singular_values_f64],
  ]) {
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => {
      expect(Math.abs(value / expected[i] - 1), `value ${i}`).toBeLessThan(1e-4);
    });
  }
  golden.pca_fc_f64.explained_variance.forEach((variance, i) => {
    expect(Math.abs(spectra.variance[i] / variance - 1)).toBeLessThan(1e-4);
  });
  golden.pca_fc_f64.projection.forEach((row, i) => {
    row.forEach((value, k) => {
      const found = spectra.projection[i * spectra.columns + k];
      expect(Math.abs(Math.abs(found) - Math.abs(value))).toBeLessThan(1e-3);
    });
  });

  const messages = await scripted.evaluate(async () => {
    const { lab } = window;
    const asked: Promise<unknown>[] = [
      lab.geometry({ layers: ['pool'] }),
      lab.geometry({ examplesPerClass: 1 }),
      lab.geometry({ kappa: Number.NaN }),
      lab.geometry({ draw: 'mine' as 'seeded' }),
      lab.geometry({ indices: [0, 1, 60_000] }),
      lab.geometry({ indices: [1, 21, 34] }),
      lab.spectrum({ layer: 'fc', count: 1 }),
      lab.spectrum({ layer: 'nowhere' }),
    ];
    return Promise.all(
      asked.map((one) =>
        one.then(
          () => 'no error',
          (error: Error) => error.message,
        ),
      ),
    );
  });
  [
    /layer among input, conv.*"pool"/,
    /examples per class from 4.*found 1/,
    /finite kappa/,
    /draw among notebook, seeded, found "mine"/,
    /from 0 to 59999, found 60000/,
    /at least two classes/,
    /count from 2 to 2000, found 1/,
    /layer among.*"nowhere"/,
  ].forEach((pattern, i) => {
    expect(messages[i]).toMatch(pattern);
  });
});

/** The points of one curve of a chart. */
function curveOf(page: Page, chart: string, name: string): Promise<{ x: number[]; y: number[] }> {
  return page.locator(`#geometry [aria-label="${chart}"] .js-plotly-plot`).evaluate((element, name) => {
    const traces: unknown = Reflect.get(element, 'data');
    const found = Array.isArray(traces) ? traces.find((trace) => trace.name === name) : undefined;
    return { x: [...(found?.x ?? [])], y: [...(found?.y ?? [])] };
  }, name);
}

test('the panel’s curves grow with training, follow the timeline, and a cancel ends them', {
  tag: '@full',
}, async ({ lab, site }) => {
  await openLab(lab, site);
  const panel = lab.locator('#geometry');
  await panel.scrollIntoViewIfNeeded();
  await panel.getByRole('checkbox', { name: 'conv' }).uncheck();
  await panel.getByRole('checkbox', { name: 'relu' }).uncheck();
  const training = lab.evaluate(() => window.lab.train({ seed: 111, maxSteps: 60 }));
  await expect
    .poll(async () => (await curveOf(lab, 'Capacity against training', 'fc')).y.length)
    .toBeGreaterThan(2);
  await training;
  await expect(panel.getByText('Up to date.')).toBeVisible();
  const { x, y } = await curveOf(lab, 'Capacity against training', 'fc');
  const snapshots = await lab.evaluate(() => window.lab.snapshots().map(({ step }) => step));
  for (const step of snapshots.slice(1)) expect(x).toContain(step);
  expect(y[0]).toBeGreaterThan(0.14);
  expect(y[0]).toBeLessThan(0.2);
  expect(y[y.length - 1]).toBeGreaterThan(y[0] + 0.03);

  await expect(panel.getByText(/95 % intervals over the draw of images \(10 redraws/)).toBeVisible();
  await expect(panel.getByRole('row', { name: /Capacity α/ })).toContainText('rose: untangling (+');
  await expect(panel.getByText(/K = \d: .* removed from all points/)).toBeVisible();

  await lab.evaluate(() => window.lab.seek(0));
  await expect(panel.getByRole('status').filter({ hasText: /^at step 0$/ })).toBeVisible();
  await expect(panel.getByRole('row', { name: /Capacity α/ })).toContainText('low');

  // Try every control, only for the shown moment, which is fast.
  await panel.getByRole('checkbox', { name: 'Curves over all snapshots' }).uncheck();
  const capacity = panel.locator('section[aria-label="Capacity"] h3');
  const shown = async () => Number((await capacity.textContent())?.match(/[\d.]+/)?.[0]);
  const change = async (field: string, value: string) => {
    await panel.getByLabel(field).fill(value);
    await panel.getByLabel(field).press('Enter');
  };
  for (const plane of ['plane through the overall mean', 'plane with an offset']) {
    await panel.getByRole('button', { name: `Measure by simulation: ${plane}` }).click();
  }
  // Ten directions hold fewer than ten untrained classes: 10 / .17 would be needed.
  await expect(panel.getByText(/below 1\.000: fewer than half of the labelings are separable/)).toHaveCount(
    2,
  );
  await expect(panel.getByText(/The simulation does not contradict the theory/)).toBeVisible();
  const plain = await shown();
  await change('Margin κ', '0.5');
  await expect.poll(shown).toBeLessThan(plain);
  await change('Margin κ', '0');
  await expect.poll(shown).toBe(plain);
  await change('Redraws for errors', '0');
  await expect(panel.getByText(/95 % intervals over the t-vectors, for these images only/)).toBeVisible();
  await panel.getByLabel('Images', { exact: true }).selectOption('Given indices');
  await change('Image indices', '0-199');
  await expect.poll(shown).not.toBe(plain);
  await panel.getByLabel('Images', { exact: true }).selectOption('Drawn by the seed');
  await panel.getByLabel('Center rule').selectOption('Original code’s');
  await expect(panel.getByText(/the original code’s rule chose/)).toBeVisible();
  expect(await lab.evaluate(() => window.lab.share())).toContain(
    'geometry=rule:reference,draw:seeded,redraws:0',
  );
  await panel.getByLabel('Images', { exact: true }).selectOption('Notebook’s draw');
  await panel.getByLabel('Center rule').selectOption('Lowest cost');
  await expect.poll(shown).toBe(plain);
  await change('Examples per class', '10');
  await panel.getByRole('checkbox', { name: 'conv' }).check();
  await panel.getByRole('checkbox', { name: 'fc' }).uncheck();
  await expect(panel.getByText('Up to date.')).toBeVisible();
  await expect(capacity).toContainText('conv');
  const exact = await shown();
  await panel.getByRole('radio', { name: '5,000 random' }).check();
  await expect.poll(async () => Math.abs((await shown()) / exact - 1)).toBeGreaterThan(0);
  expect(Math.abs((await shown()) / exact - 1)).toBeLessThan(0.1);
  await panel.getByRole('radio', { name: 'Exact' }).check();
  await panel.getByRole('checkbox', { name: 'Curves over all snapshots' }).check();

  await panel.getByLabel('Examples per class').fill('200');
  await panel.getByLabel('Examples per class').press('Enter');
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByText(/Not computed/)).toBeVisible();
});

test('GLUE stands beside mean-field theory with its labelings and centering, live, and t is dragged by hand', {
  tag: '@full',
}, async ({ lab, site }) => {
  await openLab(lab, site);
  const panel = lab.locator('#geometry');
  await panel.scrollIntoViewIfNeeded();
  for (const name of ['input', 'conv', 'relu']) await panel.getByRole('checkbox', { name }).uncheck();
  for (const [field, value] of [
    ['Redraws for errors', '0'],
    ['Examples per class', '10'],
    ['t-vectors', '40'],
  ]) {
    await panel.getByLabel(field, { exact: true }).fill(value);
    await panel.getByLabel(field, { exact: true }).press('Enter');
  }
  await panel.getByLabel('Estimator').selectOption('GLUE');
  await expect(panel.getByLabel('Margin κ')).toBeDisabled();
  await expect(panel.getByText('GLUE, uniform labels, centered. GLUE has one radius')).toBeVisible();

  const figures = panel.getByRole('region', { name: 'GLUE’s figures', exact: true });
  await expect(figures.getByRole('heading').first()).toHaveText('GLUE, uniform labels, centered, at fc');
  const capacity = figures.getByRole('row', { name: /^Capacity/ }).getByRole('cell');
  const [value, error] = await capacity.allTextContents();
  expect(Number(error)).toBeGreaterThan(0);
  // Ten units bound the capacity of ten classes, and a hundred points leave no plane between most labelings.
  expect(Number(value)).toBeGreaterThanOrEqual(1);
  await expect(figures).toContainText('Capacity is never below 10 / 10 = 1.000');
  await expect(figures).toContainText(
    /[\d.]+ % of the labelings drawn are inseparable by a plane through the mean/,
  );
  const beside = panel.getByRole('region', { name: 'Theory and simulation' });
  await expect(beside).toContainText(/Mean-field theory0\.\d+ ± 0\.\d+/);
  await expect(beside).toContainText(`GLUE, uniform labels, centered${value} ± ${error}`);
  await panel.getByLabel('Labelings').selectOption('one class versus the rest');
  await panel.getByRole('radio', { name: 'As is' }).check();
  await expect(beside).toContainText('GLUE, one class versus the rest, not centered');

  await panel.getByText('One t, one labeling').click();
  const picture = panel.getByRole('img', { name: /t, the nearest allowed v/ });
  await picture.scrollIntoViewIfNeeded();
  const box = await picture.boundingBox();
  if (!box) throw new Error('expected the picture to have a box, found none');
  const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
  await lab.mouse.move(...at(0.7, 0.3));
  await lab.mouse.down();
  await lab.mouse.move(...at(0.25, 0.5));
  await lab.mouse.up();
  await expect(panel.getByLabel('t along component 1')).toHaveValue('-1.3');
  await expect(panel.getByLabel('t along component 2')).toHaveValue('0');
  await panel.getByRole('button', { name: /^Draw \d+ random t/ }).click();

  await lab.evaluate(() => window.lab.train({ seed: 111, maxSteps: 8 }));
  await expect(panel.getByRole('status').filter({ hasText: /^at step 8$/ })).toBeVisible();
  await expect
    .poll(async () => (await curveOf(lab, 'Capacity against training', 'fc')).y.length)
    .toBeGreaterThan(2);
  await lab.evaluate(() => window.lab.seek(0));
  await expect(panel.getByRole('status').filter({ hasText: /^at step 0$/ })).toBeVisible();
});

test('the spectrum follows the timeline, and a point opens its image in Activations', async ({
  lab,
  site,
}) => {
  await openLab(lab, site);
  const panel = lab.locator('#spectrum');
  await panel.scrollIntoViewIfNeeded();
  await lab.evaluate(() => window.lab.train({ seed: 111, maxSteps: 8 }));
  await expect(panel.getByText('fc at step 8', { exact: true })).toBeVisible();
  await lab.evaluate(() => window.lab.seek(0));
  await expect(panel.getByText('fc at step 0', { exact: true })).toBeVisible();
  await panel.getByRole('radio', { name: 'input' }).check();
  await expect(panel.getByText('input at step 0', { exact: true })).toBeVisible();

  const chart = panel.locator('.js-plotly-plot').nth(1);
  await expect(chart).toBeVisible();
  const place = await chart.evaluate((element) => {
    const traces: { customdata: number[] }[] = Reflect.get(element, 'data');
    const spot = traces[0].customdata[0];
    Reflect.apply(Reflect.get(element, 'emit'), element, [
      'plotly_click',
      { points: [{ customdata: spot }] },
    ]);
    return spot;
  });
  expect(await lab.evaluate(() => window.lab.opened()?.name)).toBe(`training image ${place}`);
});
