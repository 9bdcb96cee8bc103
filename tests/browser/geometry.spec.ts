import type { Page } from '@playwright/test';
import { expect, openLab, visitedTest as test } from './fixtures.ts';
import { goldenBase64, goldenJson } from './golden.ts';

interface MftmaNotebook {
  indices: Record<string, number[]>;
}

interface Mftma {
  json: { linear: { t_spread_with_this_V11: { std: { alpha: number; R: number; D: number } } } };
}

interface SvdPca {
  fc_singular_values_f64: number[];
  relu_singular_values_f64: number[];
  pca_fc_f64: { explained_variance: number[]; projection: number[][] };
}

/** The notebook's manifolds, in its order. */
const notebookOrder = ['3', '2', '8', '4', '9', '1', '6', '7', '0', '5'];

async function loadTrained(page: Page): Promise<void> {
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    await window.lab.loadParameters(bytes);
  }, goldenBase64('model_trained.safetensors'));
}

test('the trained network has the notebook’s geometry', async ({ scripted }) => {
  await loadTrained(scripted);
  const { indices } = goldenJson<MftmaNotebook>('mftma_notebook.json');
  const { fc, input } = await scripted.evaluate(
    (indices) => window.lab.geometry({ layers: ['input', 'fc'], indices, seed: 0 }),
    notebookOrder.flatMap((label) => indices[label]),
  );
  const { std } = goldenJson<{ cases: Mftma['json'] }>('mftma.json').cases.linear.t_spread_with_this_V11;
  expect(fc.labels).toEqual(notebookOrder.map(Number));
  expect(Math.abs(fc.capacity - 0.366)).toBeLessThan(3 * std.alpha);
  expect(Math.abs(fc.radius - 0.908)).toBeLessThan(3 * std.R);
  expect(Math.abs(fc.dimension - 4.57)).toBeLessThan(3 * std.D);
  expect(fc.rank).toBe(2);
  expect(fc.centerCorrelation).toBeCloseTo(0.3072, 4);
  expect(fc.perManifold).toHaveLength(10);
  expect(input.capacity).toBeCloseTo(0.102, 2);
  expect(input.rank).toBe(1);
});

test('spectra are the reference’s, and wrong questions are answered with what to do', async ({
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
    /examples per class from 2.*found 1/,
    /finite kappa/,
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

test('the panel’s curves grow with training, follow the timeline, and a cancel ends them', async ({
  lab,
  site,
}) => {
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

  await lab.evaluate(() => window.lab.seek(0));
  await expect(panel.getByText('at step 0', { exact: true })).toBeVisible();
  await expect(panel.getByRole('row', { name: /Capacity/ })).toContainText('low');

  // Every control has its say; for the shown moment only, which is quick.
  await panel.getByRole('checkbox', { name: 'Curves over all snapshots' }).uncheck();
  const capacity = panel.locator('section[aria-label="Capacity"] h3');
  const shown = async () => Number((await capacity.textContent())?.match(/[\d.]+/)?.[0]);
  const change = async (field: string, value: string) => {
    await panel.getByLabel(field).fill(value);
    await panel.getByLabel(field).press('Enter');
  };
  await panel.getByRole('button', { name: 'Check the capacity by trying' }).click();
  // Ten directions hold fewer than ten untrained classes: 10 / .17 would be needed.
  await expect(panel.getByText(/Fewer than half of the labelings are separable/)).toBeVisible();
  const plain = await shown();
  await change('Margin κ', '0.5');
  await expect.poll(shown).toBeLessThan(plain);
  await change('Margin κ', '0');
  await expect.poll(shown).toBe(plain);
  await change('Resampled examples', '3');
  await expect(panel.getByText(/resampl/i).last()).toBeVisible();
  await change('Resampled examples', '0');
  await change('Examples a class', '10');
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

  await panel.getByLabel('Examples a class').fill('200');
  await panel.getByLabel('Examples a class').press('Enter');
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByText(/Not computed/)).toBeVisible();
  const stopped = await panel.getByText(/Not computed/).textContent();
  await lab.waitForTimeout(500);
  expect(await panel.getByText(/Not computed/).textContent()).toBe(stopped);
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
