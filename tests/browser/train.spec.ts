import type { Locator, Page } from '@playwright/test';
import { PANELS } from '../../src/lab/state/pageParts.ts';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';
import { isAnalysis, isAppearance, type Layout, layoutsDuring } from '../page/layouts.ts';
import { LONGEST_TASK, mainThreadTasks, untilQuiet } from '../page/mainThread.ts';

const stateOf = (page: Page) => page.evaluate(() => window.lab.state);

test('one click trains the network: the loss falls and the filters change', async ({ lab, site }) => {
  await openLab(lab, site);
  const filters = lab.locator('#filters canvas').first();
  await filters.scrollIntoViewIfNeeded();
  await expect(filters).toBeVisible();
  const before = await filters.screenshot();
  await lab.getByRole('button', { name: 'Train', exact: true }).click();
  await expect.poll(async () => (await stateOf(lab)).step, { timeout: 60_000 }).toBeGreaterThan(150);

  await lab.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(async () => (await stateOf(lab)).status).toBe('paused');
  // The current chunk still ends after a pause; the manual step follows.
  await lab.evaluate(() => window.lab.step(1));
  const paused = await stateOf(lab);
  const { losses } = paused.history;
  const mean = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => losses[from + i]).reduce((sum, loss) => sum + loss, 0) /
    (to - from);
  expect(mean(0, 10)).toBeGreaterThan(1.5);
  expect(mean(140, 150)).toBeLessThan(0.7);
  expect((await filters.screenshot()).equals(before)).toBe(false);

  // Only one step, so nothing was trained in between.
  await lab.getByRole('button', { name: 'Step', exact: true }).click();
  await expect.poll(async () => (await stateOf(lab)).step).not.toBe(paused.step);
  expect((await stateOf(lab)).step).toBe(paused.step + 1);
  expect((await stateOf(lab)).status).toBe('paused');

  const rate = lab.getByLabel('Learning rate');
  await rate.fill('1e-3 * 0.9^epoch');
  await rate.press('Enter');
  await expect.poll(async () => (await stateOf(lab)).settings.learningRate).toBe('1e-3 * 0.9^epoch');
  await lab.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(async () => (await stateOf(lab)).step).toBeGreaterThan(paused.step + 20);

  await lab.getByRole('button', { name: 'Reset' }).click();
  await expect.poll(async () => (await stateOf(lab)).step).toBe(0);
  expect((await stateOf(lab)).history.losses).toHaveLength(0);
  expect((await stateOf(lab)).status).toBe('idle');
});

test('training leaves the main thread free', { tag: '@full' }, async ({ lab, site }) => {
  await openLab(lab, site);
  // Exclude loading and drawing Plotly from the measurement.
  await lab.evaluate(() => window.lab.train({ seed: 111, maxSteps: 40 }));
  await lab.locator('#train .js-plotly-plot').first().waitFor();
  await untilQuiet(lab);
  const tasks = await mainThreadTasks(lab, async () => {
    await lab.evaluate(() => window.lab.train({ maxSteps: 600 }));
  });
  expect(tasks.length).toBeGreaterThan(20);
  expect(tasks[0]).toBeLessThanOrEqual(LONGEST_TASK);
});

test('training is drawn 12 times a second at most, by sketches except where a person points', async ({
  scripted,
}) => {
  const chart = scripted.getByRole('application', { name: "Loss over the run's steps" });
  const plotly = chart.locator('.js-plotly-plot');
  await scripted.mouse.move(5, 5);
  await scripted.evaluate(() => {
    void window.lab.train({ maxSteps: 100_000 });
  });
  await expect.poll(() => scripted.evaluate(() => window.lab.state.step)).toBeGreaterThan(20);
  const { perSecond, changes } = await scripted.evaluate(async () => {
    const { requestAnimationFrame } = window;
    let changes = 0;
    const observer = new MutationObserver((records) => {
      changes += records.length;
    });
    for (const chart of document.querySelectorAll('.js-plotly-plot')) {
      observer.observe(chart, { subtree: true, childList: true, characterData: true });
    }
    let frames = 0;
    const seen = new Set<number>();
    window.requestAnimationFrame = (callback) =>
      requestAnimationFrame((time) => {
        // Callbacks of one frame have the same time.
        if (!seen.has(time)) frames++;
        seen.add(time);
        callback(time);
      });
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    window.requestAnimationFrame = requestAnimationFrame;
    observer.disconnect();
    return { perSecond: (1000 * frames) / (performance.now() - began), changes };
  });
  expect(changes, "changes of Plotly's drawings").toBe(0);
  expect(perSecond).toBeGreaterThan(0);
  // Drawing a chart again sometimes takes an extra frame.
  expect(perSecond).toBeLessThanOrEqual(16);
  await chart.hover();
  await expect(plotly).toBeVisible();
  await scripted.mouse.move(5, 5);
  await expect(plotly).toBeHidden();
  await chart.hover();
  await expect(plotly).toBeVisible();
  await leaveFromRemoved(chart);
  await expect(plotly).toBeHidden();
  await scripted.evaluate(() => window.lab.stop());
  await expect(plotly).toBeVisible();
});

/**
 * Moves the pointer away at the moment in which a drawing removes the element under the pointer: Chromium then reports
 * no `pointerout`.
 */
async function leaveFromRemoved(chart: Locator): Promise<void> {
  const page = chart.page();
  await chart.evaluate(async (element) => {
    const cover = document.createElement('div');
    cover.style.cssText = 'position: absolute; inset: 0';
    await new Promise((resolve) => {
      cover.addEventListener('pointerover', resolve, { once: true });
      element.append(cover);
    });
    cover.id = 'cover';
  });
  const removed = page.waitForEvent('console', (message) => message.text() === 'removed');
  const removal = page.evaluate(() => {
    document.getElementById('cover')?.remove();
    console.debug('removed');
    // The pointer's move has to arrive in this same task, before the browser learns what is under the pointer now.
    const { scheduling } = navigator as Navigator & {
      scheduling: { isInputPending(options: { includeContinuous: boolean }): boolean };
    };
    const began = performance.now();
    while (!scheduling.isInputPending({ includeContinuous: true })) {
      if (performance.now() - began > 20_000) throw new Error('expected a move of the pointer within 20 s');
    }
  });
  await removed;
  await page.mouse.move(5, 5);
  await removal;
}

test('painted numbers are printed in dark ink from the dark theme too', async ({ scripted }) => {
  await scripted.emulateMedia({ colorScheme: 'dark' });
  await scripted.evaluate(() => {
    void window.lab.train({ maxSteps: 100_000 });
  });
  const clock = scripted.locator('#header dd canvas').first();
  await clock.waitFor();
  /** The brightness of the text's ink after the event, 0 to 255. */
  const inkAfter = (event: string) =>
    clock.evaluate((canvas: HTMLCanvasElement, event) => {
      window.dispatchEvent(new Event(event));
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
        data: [],
      };
      const opaque = Array.from(data).findIndex((value, i) => i % 4 === 3 && value > 250);
      return data[opaque - 1];
    }, event);
  // The first number is painted when the browser has told its size.
  await expect.poll(() => inkAfter('beforeprint')).toBeLessThan(64);
  await expect.poll(() => inkAfter('afterprint')).toBeGreaterThan(192);
  await scripted.evaluate(() => window.lab.stop());
  await scripted.emulateMedia({ colorScheme: null });
});

test('charts at rest are printed in dark ink from the dark theme too, and the screen is dark again', async ({
  scripted,
}) => {
  await scripted.emulateMedia({ colorScheme: 'dark' });
  await scripted.evaluate(() => window.lab.train({ maxSteps: 5 }));
  const label = scripted.locator('#train .js-plotly-plot .xtick text').last();
  await scripted.mouse.move(200, 300);
  /** The brightness of a chart's labels, 0 to 255. */
  const inkOf = (element: Element) => Number(getComputedStyle(element).fill.match(/\d+/)?.[0]);
  await expect.poll(() => label.evaluate(inkOf)).toBeGreaterThan(128);
  await scripted.evaluate(() => {
    // Of the listeners, this one is the last.
    const note = () => {
      const printed = [...document.querySelectorAll('#train .js-plotly-plot .xtick text')].at(-1);
      document.body.dataset.printed = printed ? getComputedStyle(printed).fill : 'no chart';
    };
    window.addEventListener('beforeprint', note, { once: true });
  });
  await scripted.pdf();
  const printed = await scripted.evaluate(() => document.body.dataset.printed);
  expect(Number(printed?.match(/\d+/)?.[0]), printed).toBeLessThan(128);
  await expect.poll(() => label.evaluate(inkOf)).toBeGreaterThan(128);
  await scripted.evaluate(() => delete document.body.dataset.printed);
  await scripted.emulateMedia({ colorScheme: null });
});

test('a painted number has the same canvas in the next training, and none at rest', async ({ scripted }) => {
  const train = () =>
    scripted.evaluate(() => {
      void window.lab.train({ maxSteps: 100_000 });
    });
  const clock = scripted.locator('#header dd canvas').first();
  await train();
  const first = await clock.elementHandle();
  await scripted.evaluate(() => window.lab.stop());
  await expect(scripted.locator('#header dd canvas')).toHaveCount(0);
  await train();
  await expect.poll(() => first?.evaluate((canvas) => canvas.isConnected)).toBe(true);
  await scripted.evaluate(() => window.lab.stop());
});

/** Updates of the page during training in which layouts are counted. */
const UPDATES = 6;
/** Counts in one panel until the last first appearance; Geometry computes for a minute on a busy machine. */
const MOST_APPEARANCES = 100;
const isNew = (layout: Layout) => isAppearance(layout) || isAnalysis(layout);

test('training updates lay out nothing, whatever panel is in view', { tag: '@full' }, async ({
  lab,
  site,
}) => {
  test.setTimeout(480_000);
  await openLab(lab, site);
  await lab.mouse.move(5, 5);
  // The engine's number of workers is a text of the page; the end of an epoch is rare in a slow run after the first.
  await lab.evaluate(async () => {
    await window.lab.set({ workers: 1 });
    await window.lab.train({ maxSteps: 1000 });
    await window.lab.set({ speed: 10 });
    void window.lab.train({ maxSteps: 100_000 });
  });
  await lab.locator('#header dd canvas').first().waitFor();
  for (const panel of ['network', ...PANELS]) {
    await lab.evaluate((id) => {
      document.getElementById(id)?.scrollIntoView({ block: 'start', behavior: 'instant' });
    }, panel);
    // What appears has to be laid out: the panel itself, its first charts, and the first painted form of a text.
    let layouts = await layoutsDuring(lab, () => updates(lab));
    for (let more = 0; more < MOST_APPEARANCES && layouts.some(isNew); more++) {
      layouts = await layoutsDuring(lab, () => updates(lab));
    }
    expect(layouts, panel).toEqual([]);
  }
  await lab.evaluate(() => window.lab.stop());
  await expect(lab.locator('#header dd canvas')).toHaveCount(0);
});

/** Resolves after some updates of the header's readings and the next frames. */
function updates(page: Page): Promise<void> {
  return page.evaluate(
    (updates) =>
      new Promise<void>((resolve) => {
        let left = updates;
        const clock = document.querySelector('#header dl:has(canvas)');
        if (!clock) throw new Error('expected the painted readings of the header');
        const observer = new MutationObserver(() => {
          if (--left > 0) return;
          observer.disconnect();
          // A canvas that has appeared gets its size a moment later.
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)));
        });
        observer.observe(clock, { subtree: true, characterData: true, childList: true });
      }),
    UPDATES,
  );
}

test('an invalid learning rate is reported at its field, and nothing is lost', async ({ lab, site }) => {
  await openLab(lab, site);
  const rate = lab.getByLabel('Learning rate');
  for (const [text, message] of [
    ['1e-3 *', /./],
    ['import("fs")', /import/],
    ['1e-3 * foo', /foo/],
    ['0', /above 0/],
    ['1e-3 * 0.9^epoch; 1', /./],
  ] as const) {
    await rate.fill(text);
    await rate.press('Enter');
    await expect(rate).toHaveAttribute('aria-invalid', 'true');
    const description = await rate.getAttribute('aria-describedby');
    const ids = (description ?? '').split(' ').map((id) => `[id="${id}"]`);
    await expect(lab.locator(ids.join(',')).filter({ hasText: message }).first()).toBeVisible();
    await expect(rate).toHaveValue(text);
    expect((await stateOf(lab)).settings.learningRate).toBe('1e-3');
  }
});

test('a pause keeps the promise pending, and stop resolves it with the steps made', async ({ scripted }) => {
  const outcome = await scripted.evaluate(async () => {
    const { lab } = window;
    let settled = false;
    const training = lab.train({ seed: 1, epochs: 2 }).then((result) => {
      settled = true;
      return result;
    });
    while (lab.state.step < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    await lab.pause();
    await lab.step(3);
    const openWhilePaused = !settled;
    const stepped = lab.state.step;
    await lab.stop();
    const { steps, epochs } = await training;
    return { openWhilePaused, stepped, steps, epochs: epochs.length, status: lab.state.status };
  });
  expect(outcome).toMatchObject({ openWhilePaused: true, epochs: 0, status: 'idle' });
  expect(outcome.steps).toBe(outcome.stepped);
});

test('requests during the replacement of a run wait for the new run', async ({ scripted }) => {
  const { alone, hasty, settings, snapshots } = await scripted.evaluate(async () => {
    const { lab } = window;
    await lab.set({ batchSize: 32 });
    const alone = await lab.train({ seed: 3, maxSteps: 6 });
    await lab.set({ batchSize: 64 });
    await lab.reset({ seed: 4, network: { filters: 8 } });
    const resetting = lab.reset({ seed: 3, network: { filters: 32 } });
    const setting = lab.set({ batchSize: 32 });
    // One task later, the reset waits for its worker.
    await new Promise((resolve) => setTimeout(resolve));
    const hasty = await lab.train({ maxSteps: 6 });
    await Promise.all([resetting, setting]);
    const { settings } = lab.state;
    await lab.set({ batchSize: 64 });
    const snapshots = lab.snapshots().map(({ step }) => step);
    return { alone: [...alone.losses], hasty: [...hasty.losses], settings, snapshots };
  });
  expect(hasty).toEqual(alone);
  expect(settings).toMatchObject({ seed: 3, batchSize: 32 });
  expect(snapshots.slice(0, 3)).toEqual([0, 1, 2]);
});

test('an error in the worker reaches the page with its message', async ({ scripted }) => {
  const message = await scripted.evaluate(() =>
    window.lab.train({ order: [0, 60_000] }).catch((error: Error) => error.message),
  );
  expect(message).toMatch(/from 0 to 59999, found 60000 at 1/);
  const busy = await scripted.evaluate(async () => {
    const first = window.lab.train({ maxSteps: 200 });
    const second = await window.lab.train({ maxSteps: 1 }).catch((error: Error) => error.message);
    await window.lab.stop();
    await first;
    return second;
  });
  expect(busy).toMatch(/already training/);
});

test('an abort signal ends training with an AbortError, and the run can continue afterward', async ({
  scripted,
}) => {
  const { name, more } = await scripted.evaluate(async () => {
    const controller = new AbortController();
    const training = window.lab
      .train({ seed: 2, signal: controller.signal })
      .catch((error: Error) => error.name);
    while (window.lab.state.step < 5) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort();
    return { name: await training, more: (await window.lab.train({ maxSteps: 2 })).steps };
  });
  expect(name).toBe('AbortError');
  expect(more).toBe(2);
});
