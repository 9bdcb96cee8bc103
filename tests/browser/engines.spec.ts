import type { Page } from '@playwright/test';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';
import { runOf, weightsOf } from '../page/runBits.ts';

/**
 * Trains with `webgpu` from seed 3, losing the device at the given steps; returns a digest of the final parameters.
 */
async function trainLosingDevices(page: Page, steps: number, lossesAt: number[], network = 'notebook') {
  const outcome = await page.evaluate(
    async ([steps, lossesAt, network]) => {
      const { lab } = window;
      await lab.reset({ seed: 3, engine: 'webgpu', network });
      let made = 0;
      for (const lossAt of [...lossesAt, steps]) {
        const training = lab.train({ maxSteps: lossAt - made });
        if (lossAt < steps) {
          // Lose the device during the steps, not between two calls.
          while (lab.state.step < made + 1) await new Promise((resolve) => setTimeout(resolve, 5));
          await lab.loseDevice();
        }
        made += (await training).steps;
      }
      return { engine: lab.state.engine?.id, problems: lab.state.problems, made };
    },
    [steps, lossesAt, network] as const,
  );
  return { ...outcome, digests: await weightsOf(page) };
}

test('a run on webgpu survives the loss of its device, bit for bit', async ({ scripted }) => {
  const undisturbed = await trainLosingDevices(scripted, 16, []);
  const disturbed = await trainLosingDevices(scripted, 16, [5, 11]);
  expect(disturbed.made).toBe(16);
  expect(disturbed.engine).toBe('webgpu');
  expect(disturbed.digests).toEqual(undisturbed.digests);
  expect(disturbed.problems.join()).toMatch(/GPU device was lost near step \d+\. A new device/);
  await expect(scripted.getByText(/GPU device was lost near step/).first()).toBeVisible();
});

test('a deeper network with dropout on webgpu survives the loss of its device, bit for bit', {
  tag: '@full',
}, async ({ scripted }) => {
  const network = 'conv 4 5x5 same, relu, pool 2, dropout 0.25, conv 6 3x3, relu, fc 16, relu, fc 10';
  const undisturbed = await trainLosingDevices(scripted, 16, [], network);
  const disturbed = await trainLosingDevices(scripted, 16, [5, 11], network);
  expect(disturbed).toMatchObject({ made: 16, engine: 'webgpu' });
  expect(disturbed.digests).toEqual(undisturbed.digests);
  expect(disturbed.problems.join()).toMatch(/GPU device was lost near step \d+\. A new device/);
});

test('auto measures, says why, remembers, and never chooses a software adapter', async ({ lab, site }) => {
  await openLab(lab, site);
  const { engine, engines } = await lab.evaluate(async () => ({
    engine: window.lab.state.engine,
    engines: await window.lab.engines(),
  }));
  expect(engines.map(({ id }) => id)).toEqual(['webgpu', 'wasm', 'tfjs-webgpu', 'tfjs-webgl', 'tfjs-cpu']);
  expect(engines[0]).toMatchObject({ available: true, software: true });
  expect(engine).toMatchObject({ id: 'wasm' });
  expect(engine?.reason).toMatch(/ms a step here.*emulated in software, which is never chosen automatically/);
  const remembered = await lab.evaluate(() => localStorage.getItem('untangle.timings.1'));
  expect(JSON.parse(remembered ?? '{}').wasm).toBeGreaterThan(0);
});

test('a run moves to another engine in the middle, optimizer included', async ({ scripted }) => {
  const { moved, alone, used } = await scripted.evaluate(async () => {
    const { lab } = window;
    const first = await lab.train({ seed: 9, engine: 'wasm', maxSteps: 3 });
    const second = await lab.train({ engine: 'tfjs-cpu', maxSteps: 2 });
    const whole = await lab.train({ seed: 9, engine: 'wasm', maxSteps: 5 });
    return {
      moved: [...first.losses, ...second.losses],
      alone: [...whole.losses],
      used: [first.engine, second.engine, whole.engine],
    };
  });
  expect(used).toEqual(['wasm', 'tfjs-cpu', 'wasm']);
  moved.forEach((loss, step) => {
    expect(Math.abs(loss - alone[step])).toBeLessThan(5e-6);
  });
});

test('a run trains on as many workers as a script asks for, with the same bits', async ({ scripted }) => {
  const train = (counts: (number | 'auto')[]) =>
    scripted.evaluate(async (counts) => {
      const { lab } = window;
      await lab.reset({ seed: 5, engine: 'wasm', workers: 1 });
      const seen: (number | undefined)[] = [];
      for (const workers of counts) {
        await lab.set({ workers });
        await lab.train({ maxSteps: 20 });
        seen.push(lab.state.engine?.workers);
      }
      return seen;
    }, counts);
  expect(await train([1, 1, 1])).toEqual([1, 1, 1]);
  const alone = await runOf(scripted);
  expect(await train([1, 2, 1])).toEqual([1, 2, 1]);
  expect(await runOf(scripted)).toEqual(alone);
  // During training the run moves between two chunks.
  const during = await scripted.evaluate(async () => {
    const { lab } = window;
    await lab.reset({ seed: 5 });
    const training = lab.train({ maxSteps: 60 });
    await lab.set({ workers: 3 });
    await training;
    return lab.state.engine?.workers;
  });
  expect(during).toBe(3);
  expect(await runOf(scripted)).toEqual(alone);
  await expect(scripted.evaluate(() => window.lab.set({ workers: 0 }))).rejects.toThrow(/whole number/);
  await scripted.evaluate(() => window.lab.set({ workers: 'auto' }));
});

test('other numbers and sizes of filters train, too', async ({ scripted }) => {
  const falls = await scripted.evaluate(async () => {
    const { lab } = window;
    const results: number[][] = [];
    for (const network of [
      { filters: 8, kernelSize: 5 },
      { filters: 48, kernelSize: 7 },
    ]) {
      await lab.reset({ seed: 1, network, engine: 'wasm' });
      const { losses } = await lab.train({ maxSteps: 60 });
      const { shape } = await lab.forward({ images: [{ split: 'test', index: 0 }], layer: 'conv' });
      results.push([losses[0], losses[59], ...shape]);
    }
    return results;
  });
  expect(falls[0].slice(2)).toEqual([1, 8, 24, 24]);
  expect(falls[1].slice(2)).toEqual([1, 48, 22, 22]);
  for (const [first, last] of falls) expect(last).toBeLessThan(first * 0.6);
});

test('an engine that cannot run is rejected with the reason, and the run stays', async ({ scripted }) => {
  const { message, engine, steps } = await scripted.evaluate(async () => {
    const { lab } = window;
    const wrong: string = 'cuda';
    const message = await Reflect.apply(lab.train, lab, [{ engine: wrong, maxSteps: 1 }]).catch(
      (error: Error) => error.message,
    );
    return { message, engine: lab.state.engine?.id, steps: (await lab.train({ maxSteps: 2 })).steps };
  });
  expect(message).toMatch(/expected one of auto, webgpu, wasm.*found "cuda"/);
  expect(engine).toBe('wasm');
  expect(steps).toBe(2);
});
