import type { Page } from '@playwright/test';
import { expect, openLab, test } from './fixtures.ts';

interface Run {
  losses: number[];
  weights: number[];
}

const STEPS = 700;

/** Losses and weights as bits, because equal is meant to the last one. */
const runOf = (page: Page) =>
  page.evaluate(async (): Promise<Run> => {
    const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)];
    const parameters = await window.lab.parameters();
    return {
      losses: bits(window.lab.state.history.losses),
      weights: Object.values(parameters).flatMap(bits),
    };
  });

const untilStep = (page: Page, step: number) =>
  page.waitForFunction((step) => window.lab.state.step >= step, step, { polling: 20 });

test('a reload and a dead worker in mid-run lose nothing: losses and weights are those of an undisturbed run', async ({
  lab,
  site,
}) => {
  await openLab(lab, site);
  await lab.evaluate((maxSteps) => window.lab.train({ seed: 5, engine: 'wasm', maxSteps }), STEPS);
  const undisturbed = await runOf(lab);

  await lab.evaluate(() => window.lab.reset({ seed: 5 }));
  await lab.evaluate(() => {
    void window.lab.train({ maxSteps: 5000 });
  });
  await untilStep(lab, 250);
  // The second checkpoint at least is kept.
  await expect.poll(async () => (await lab.evaluate(() => window.lab.runs()))[0]?.step).toBeGreaterThan(100);
  await lab.reload();
  await lab.waitForFunction(() => window.lab !== undefined);
  await lab.evaluate(() => window.lab.ready);
  const back = await lab.evaluate(() => window.lab.state);
  expect(back.status).toBe('idle');
  expect(back.step).toBeGreaterThan(100);
  expect(back.problems.join()).toContain('It goes on exactly as if it had never stopped');
  await expect(lab.getByRole('button', { name: 'Go on' })).toBeVisible();
  const snapshots = await lab.evaluate(() => window.lab.snapshots().map(({ step }) => step));
  expect(snapshots.slice(0, 4)).toEqual([0, 1, 2, 3]);

  const outcome = await lab.evaluate(async (maxSteps) => {
    const training = window.lab.train({ maxSteps: maxSteps - window.lab.state.step });
    await new Promise((resolve) => setTimeout(resolve, 300));
    window.lab.killWorker();
    const { steps, losses } = await training;
    return { steps, losses: losses.length, status: window.lab.state.status };
  }, STEPS);
  expect(outcome).toEqual({ steps: STEPS - back.step, losses: STEPS - back.step, status: 'idle' });
  await expect(lab.getByRole('button', { name: 'Go on' })).toBeHidden();
  const disturbed = await runOf(lab);
  expect(disturbed).toEqual(undisturbed);
});
