import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { build } from 'vite';
import { goldenBase64, goldenJson } from '../page/golden.ts';
import { type Site, serveSite } from '../page/site.ts';
import type {} from './webgpuEngine/page.ts';

interface Trajectory {
  sample_idx: Record<string, number[]>;
  float64: {
    loss: number[];
    acc: number[];
    snap: Record<string, Record<string, { norm: number; sample: number[] }>>;
  };
}

const output = fileURLToPath(new URL('../../test-results/webgpuEngine', import.meta.url));
let site: Site;
/** All tests share one page, and each creates its own engines and devices. */
let page: Page;

test.beforeAll(async ({ browser }) => {
  await build({
    configFile: false,
    root: fileURLToPath(new URL('./webgpuEngine', import.meta.url)),
    base: './',
    logLevel: 'error',
    build: { outDir: output, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 3000 },
  });
  site = await serveSite({ root: output });
  page = await browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => window.webgpuTests !== undefined);
});
test.afterAll(async () => {
  await page.close();
  await site.close();
});

/** The first bytes of one of MNIST's files after the header, as base64. */
function mnist(file: string, header: number, length: number): string {
  return gunzipSync(readFileSync(`public/mnist/${file}.gz`))
    .subarray(header, header + length)
    .toString('base64');
}

test('names the program that a browser does not compile, and why', async () => {
  const { name, message } = await page.evaluate(() => window.webgpuTests.uncompiled());
  expect(name).toBe('ShaderError');
  expect(message).toMatch(/compiles the program broken, found: line \d+: .*f16/);
});

test('follows the golden trajectory for 20 steps', async () => {
  const { float64, sample_idx } = goldenJson<Trajectory>('trajectory.json');
  const count = 64 * 20;
  const { losses, correct, parameters } = await page.evaluate(
    ([files, indices]) => window.webgpuTests.trajectory(files, [1, 10, 20], indices),
    [
      {
        safetensors: goldenBase64('model_init.safetensors'),
        images: mnist('train-images-idx3-ubyte', 16, count * 784),
        labels: mnist('train-labels-idx1-ubyte', 8, count),
      },
      sample_idx,
    ] as const,
  );
  expect(losses).toHaveLength(20);
  losses.forEach((loss, step) => {
    const tolerance = step === 0 ? 1e-6 : step < 10 ? 5e-6 : 5e-5;
    expect(Math.abs(loss - float64.loss[step]), `loss of step ${step + 1}`).toBeLessThanOrEqual(tolerance);
  });
  expect(correct).toEqual(float64.acc.slice(0, 20));
  for (const [at, updates, tolerance] of [
    [0, '1', 1e-7],
    [1, '10', 1e-6],
  ] as const) {
    for (const [name, { norm, sample }] of Object.entries(float64.snap[updates])) {
      const found = parameters[at][name];
      expect(Math.abs(found.norm / norm - 1), `norm of ${name} after ${updates}`).toBeLessThanOrEqual(1e-6);
      const worst = Math.max(...sample.map((value, i) => Math.abs(found.sample[i] - value)));
      expect(worst, `samples of ${name} after ${updates}`).toBeLessThanOrEqual(tolerance);
    }
  }
});

for (const [filters, kernelSize] of [
  [8, 5],
  [64, 3],
  [12, 7],
  [9, 4],
] as const) {
  for (const tuning of ['hardware', 'software'] as const) {
    const isSample = filters === 9;
    test(`${filters} filters of ${kernelSize} x ${kernelSize}, tuned for ${tuning}, compute correctly within the default limits`, {
      tag: isSample ? [] : '@full',
    }, async () => {
      const report = await page.evaluate(
        ([filters, kernelSize, isHardware]) =>
          window.webgpuTests.defaultLimits(filters, kernelSize, isHardware),
        [filters, kernelSize, tuning === 'hardware'] as const,
      );
      expect(report).toMatchObject({ buffersPerStage: 8, workgroupMemory: 16384, invocations: 256 });
      expect(report.logits).toBeLessThan(2e-6);
      expect(report.pixels).toBeLessThan(1e-5);
      expect(report.loss).toBeLessThan(5e-6);
      expect(report.parameters).toBeLessThan(1e-5);
    });
  }
}

test('two runs, and a run resumed from its state, have the same bits', async () => {
  const report = await page.evaluate(() => window.webgpuTests.repeatability());
  expect(report.compared).toBeGreaterThan(600_000);
  expect(report).toMatchObject({ whole: 0, loaded: 0, continued: 0, step: 7 });
});

for (const after of [3, 11]) {
  test(`a device destroyed after step ${after} reports its loss, and a new one replays to the same bits`, {
    tag: '@full',
  }, async () => {
    const { names, different } = await page.evaluate((step) => window.webgpuTests.deviceLoss(step), after);
    expect(names).toEqual(Array(5).fill('DeviceLostError'));
    expect(different).toBe(0);
  });
}

test('runs a network with every kind of layer on the default limits, the same bits each time', async () => {
  const { loss, parameters, pixels, different } = await page.evaluate(() => window.webgpuTests.layered());
  expect(loss).toBeLessThan(1e-5);
  expect(parameters).toBeLessThan(2e-5);
  expect(pixels).toBeLessThan(1e-5);
  expect(different).toBe(0);
});

test('TensorFlow.js runs on our device, takes the parameters as tensors, and recovers after a loss', {
  tag: '@full',
}, async () => {
  const { report, refused } = await page.evaluate(() => window.webgpuTests.tensors());
  expect(report).toHaveLength(2);
  for (const turn of report) {
    expect(turn).toMatchObject({ ours: true, isPacked: true, different: 0, left: 0 });
    expect(turn.logits).toBeLessThan(5e-6);
  }
  expect(refused).toBe('DeviceLostError');
});

test('many steps are one submit of few dispatches, and memory does not grow', {
  tag: '@full',
}, async () => {
  const report = await page.evaluate(() => window.webgpuTests.cost());
  // TensorFlow.js needs 91 dispatches per step. One submit trains, one reads the metrics.
  expect(report.dispatches).toBeLessThan(10 * 10);
  expect(report.submits).toBe(2);
  expect(report.once).toBeGreaterThanOrEqual(report.before);
  expect(report.after).toBe(report.once);
  console.log(
    `webgpu engine: ${report.milliseconds.toFixed(1)} ms a step, ${(report.after / 2 ** 20).toFixed(1)} MiB`,
  );
});

for (const [norm, epsilon] of [
  ['linf', 0.1],
  ['linf', 0.3],
  ['l2', 1.5],
] as const) {
  test(`an attack in ${norm} reaches ${epsilon} and never leaves the ball or [0, 1]`, {
    tag: epsilon === 0.1 ? [] : '@full',
  }, async () => {
    const report = await page.evaluate(([norm, epsilon]) => window.webgpuTests.attackReach(norm, epsilon), [
      norm,
      epsilon,
    ] as const);
    expect(report.exact).toBe(true);
    expect(report.outside).toBe(0);
    expect(report.farthest).toBeGreaterThan(0.99 * epsilon);
    expect(report.least).toBeGreaterThanOrEqual(0);
    expect(report.most).toBeLessThanOrEqual(1);
  });
}

for (const [norm, epsilon] of [
  ['linf', 0.1],
  ['l2', 1],
] as const) {
  test(`adversarial training in ${norm} raises the loss, the same bits each time`, {
    tag: '@full',
  }, async () => {
    const report = await page.evaluate(([norm, epsilon]) => window.webgpuTests.attacked(norm, epsilon), [
      norm,
      epsilon,
    ] as const);
    expect(report.different).toBe(0);
    expect(report.attackedLoss).toBeGreaterThan(report.cleanLoss + 0.01);
  });
}
