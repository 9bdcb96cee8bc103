import type { Page } from '@playwright/test';
import { expect, test } from '../page/fixtures.ts';
import { goldenBase64, goldenJson, type Trajectory } from '../page/golden.ts';

const { loss: referenceLosses, acc: referenceCorrect } = goldenJson<Trajectory>('trajectory.json').float64;

/** Loads golden parameters with a new optimizer. */
async function loadGolden(page: Page, file: string): Promise<void> {
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    await window.lab.loadParameters(bytes);
  }, goldenBase64(file));
}

for (const { engine, steps } of [
  { engine: 'wasm', steps: 100 },
  { engine: 'webgpu', steps: 20 },
  { engine: 'tfjs-webgpu', steps: 2 },
  { engine: 'tfjs-cpu', steps: 5 },
] as const) {
  test(`${engine} follows the reference's trajectory for ${steps} steps`, {
    tag: engine === 'tfjs-webgpu' ? '@full' : [],
  }, async ({ scripted }) => {
    await loadGolden(scripted, 'model_init.safetensors');
    const { losses, used, state } = await scripted.evaluate(
      async ([engine, steps]) => {
        const order = Int32Array.from({ length: 6400 }, (_, i) => i);
        const outcome = await window.lab.train({ engine, order, maxSteps: steps });
        return {
          losses: [...outcome.losses],
          used: outcome.engine,
          state: window.lab.state,
        };
      },
      [engine, steps] as const,
    );
    expect(used).toBe(engine);
    expect(losses).toHaveLength(steps);
    losses.forEach((loss, step) => {
      const tolerance = step === 0 ? 1e-6 : step < 10 ? 5e-6 : 5e-5;
      expect(Math.abs(loss - referenceLosses[step]), `loss of step ${step}`).toBeLessThanOrEqual(tolerance);
    });
    expect(state.step).toBe(steps);
    expect(Math.round(state.history.accuracies[0] * 64)).toBe(referenceCorrect[0]);
  });
}

test('the trained network gives the reference’s logits and 9819 of 10,000', async ({ scripted }) => {
  await loadGolden(scripted, 'model_trained.safetensors');
  const { logits, shape, convShape, evaluation } = await scripted.evaluate(async () => {
    const images = Array.from({ length: 100 }, (_, index) => ({ split: 'train' as const, index }));
    const fc = await window.lab.forward({ images, layer: 'fc' });
    const conv = await window.lab.forward({ images: images.slice(0, 2), layer: 'conv' });
    const { correct, count, loss } = await window.lab.evaluate({ split: 'test' });
    return {
      logits: [...fc.data],
      shape: fc.shape,
      convShape: conv.shape,
      evaluation: { correct, count, loss },
    };
  });
  expect(shape).toEqual([100, 10]);
  expect(convShape).toEqual([2, 32, 26, 26]);
  const golden = goldenJson<{ fc_activations_f64: number[][] }>('svd_pca.json').fc_activations_f64.flat();
  logits.forEach((logit, i) => {
    expect(Math.abs(logit - golden[i])).toBeLessThan(1e-4);
  });
  expect(evaluation).toMatchObject({ correct: 9819, count: 10_000 });
});

test('fifty steps twice are bit-identical to a hundred', async ({ scripted }) => {
  const same = await scripted.evaluate(async () => {
    const { lab } = window;
    await lab.train({ seed: 7, engine: 'wasm', maxSteps: 100 });
    const whole = await lab.parameters();
    await lab.train({ seed: 7, maxSteps: 50 });
    await lab.train({ maxSteps: 50 });
    const halves = await lab.parameters();
    return Object.keys(whole).map((name) => whole[name].every((value, i) => value === halves[name][i]));
  });
  expect(same).toEqual([true, true, true, true]);
});

test('a step between snapshots is recomputed bit for bit, after changes of settings', async ({
  scripted,
}) => {
  const found = await scripted.evaluate(async () => {
    const { lab } = window;
    await lab.train({ seed: 7, engine: 'wasm', maxSteps: 20 });
    await lab.set({ learningRate: '5e-4 * 0.99^step' });
    await lab.train({ maxSteps: 33 });
    const then = await lab.parameters();
    const missing = !lab.snapshots().some(({ step }) => step === 53);
    await lab.train({ maxSteps: 40 });
    const { exact } = await lab.replay(53);
    const again = await lab.parameters({ at: 53 });
    const same = Object.keys(then).every((name) => then[name].every((value, i) => value === again[name][i]));
    const beyond = await lab.replay(94).catch((error: Error) => error.message);
    await lab.set({ learningRate: '1e-3' });
    return { missing, exact, same, beyond, shown: lab.seek(53) };
  });
  expect(found).toMatchObject({ missing: true, exact: true, same: true, shown: 53 });
  expect(found.beyond).toMatch(/from 0 to 93, the current step, found 94/);
});
