import type { Page } from '@playwright/test';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';
import { LONGEST_TASK, MEDIAN_FRAME } from '../page/mainThread.ts';
import { visitPanels } from '../page/panels.ts';
import { chartCursor, followsTo, measureDrag, preparePanels, timelineOf } from '../page/timelineDrag.ts';

const shownStep = async (page: Page) => Number(await timelineOf(page).getAttribute('aria-valuenow'));

test('dragging the timeline updates every panel, and every frame is on time', { tag: '@full' }, async ({
  lab,
  site,
}) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, batchSize: 128, epochs: 1 }));
  const snapshots = await lab.evaluate(() => window.lab.snapshots());
  expect(snapshots.length).toBeGreaterThan(15);
  expect(snapshots.filter(({ best }) => best)).toEqual([
    expect.objectContaining({ step: 468, epochEnd: true }),
  ]);
  await preparePanels(lab);

  await lab.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  const filters = lab.locator('#filters canvas').first();
  const chart = lab.getByRole('application', { name: "Loss over the run's steps" });
  const pinned = lab.locator('#activations [data-pinned] canvas').first();
  const live = { filters: await filters.screenshot(), pinned: await pinned.screenshot() };
  await lab.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  expect(await chartCursor(chart)).toBeUndefined();

  const onCharts = await measureDrag(lab, 0.9, 0.2);
  const early = await shownStep(lab);
  expect(early).toBeLessThan(30);
  const earlyCursor = await chartCursor(chart);
  expect((await filters.screenshot()).equals(live.filters)).toBe(false);
  await lab.locator('#activations').scrollIntoViewIfNeeded();
  expect((await pinned.screenshot()).equals(live.pinned)).toBe(false);
  expect(await followsTo(lab, early)).toBeLessThanOrEqual(1e-5);

  const onActivations = await measureDrag(lab, 0.2, 0.8);
  const late = await shownStep(lab);
  expect(late).toBeGreaterThan(early);
  expect(await followsTo(lab, late)).toBeLessThanOrEqual(1e-5);
  await lab.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  await expect.poll(() => chartCursor(chart)).toBeGreaterThan(earlyCursor ?? 1);

  for (const { frame, longestTask, moments } of [onCharts, onActivations]) {
    expect(moments).toBeGreaterThan(8);
    expect(frame).toBeLessThanOrEqual(MEDIAN_FRAME);
    expect(longestTask).toBeLessThanOrEqual(LONGEST_TASK);
  }
});

test('the timeline is moved with the keyboard, offers the best epoch, and plays', async ({
  scripted: lab,
}) => {
  const refused = await lab.evaluate(() =>
    (['best', Number.NaN, -1, 'newest'] as never[]).map((moment) => {
      try {
        window.lab.seek(moment);
        return 'no error';
      } catch (error) {
        return String(error);
      }
    }),
  );
  expect(refused[0]).toMatch(/finished epoch for 'best'.*Train an epoch/);
  for (const message of refused.slice(1))
    expect(message).toMatch(/expected a step .*found (NaN|-1|"newest")/);

  await lab.evaluate(async () => {
    await window.lab.reset({ seed: 111, engine: 'wasm', network: { filters: 4 } });
    await window.lab.train({ batchSize: 512, epochs: 1 });
  });
  const snapshots = await lab.evaluate(() => window.lab.snapshots());
  // The keyboard moves by snapshots, and to both ends.
  const track = timelineOf(lab);
  const steps = snapshots.map(({ step }) => step);
  // A focus in the header or in the timeline leaves the page where it is.
  const moved = await track.evaluate((slider) =>
    [document.querySelector<HTMLElement>('#header button'), slider].map((element) => {
      window.scrollTo({ top: 1200, behavior: 'instant' });
      const before = window.scrollY;
      element?.focus();
      return window.scrollY - before;
    }),
  );
  expect(moved).toEqual([0, 0]);
  await track.press('Home');
  await expect(track).toHaveAttribute('aria-valuetext', /^Step 0, loss 2\.3/);
  await track.press('ArrowRight');
  await track.press('ArrowRight');
  await expect(track).toHaveAttribute('aria-valuenow', String(steps[2]));
  await track.press('ArrowLeft');
  await expect(track).toHaveAttribute('aria-valuenow', String(steps[1]));
  await track.press('PageUp');
  await expect(track).toHaveAttribute('aria-valuenow', String(steps[11]));
  await track.press('End');
  await expect(track).toHaveAttribute('aria-valuetext', /^Step 117, .*live$/);

  // A finished run offers its best epoch. Further training does not move a chosen moment, but live follows.
  await lab.getByRole('button', { name: /^Best epoch/ }).click();
  await expect(track).toHaveAttribute('aria-valuetext', /^Step 117, .*best epoch$/);
  expect(await lab.evaluate(() => window.lab.seek('best'))).toBe(117);
  await lab.evaluate(() => window.lab.train({ maxSteps: 6 }));
  expect(await shownStep(lab)).toBe(117);
  await lab.getByRole('button', { name: 'Live', exact: true }).click();
  await expect(track).toHaveAttribute('aria-valuenow', '123');
  expect(await lab.evaluate(() => window.lab.seek(30))).toBe(
    steps.reduce((near, step) => (Math.abs(step - 30) < Math.abs(near - 30) ? step : near)),
  );
  await lab.getByRole('button', { name: 'Play the run' }).click();
  await expect(track).toHaveAttribute('aria-valuetext', /live$/);
});

test('filters compare over time, sort, and save as a picture', async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 30 }));
  const panel = lab.locator('#filters');
  await panel.getByText('Compare').click();
  await expect(panel.getByRole('application', { name: /^32 filters, / })).toHaveCount(3);
  await expect(panel.getByText('difference, now − before training')).toBeVisible();
  await panel.getByText('Norm', { exact: true }).click();
  const strongest = await lab.evaluate(async () => {
    const { 'conv.weight': weight } = await window.lab.parameters();
    const norms = Array.from({ length: 32 }, (_, filter) =>
      Math.hypot(...weight.subarray(9 * filter, 9 * filter + 9)),
    );
    return norms.indexOf(Math.max(...norms));
  });
  const now = panel.getByRole('application', { name: /^32 filters, now/ });
  await now.focus();
  await now.press('Home');
  await expect(now.getByRole('status')).toHaveText(new RegExp(`filter ${strongest}, row 0, column 0`));
  const [download] = await Promise.all([
    lab.waitForEvent('download'),
    panel.getByRole('button', { name: 'Save as PNG' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('filters-step-30.png');
});

test('what is out of view stays as it is while the run trains and its moment moves, and shows the moment when it comes into view', {
  tag: '@full',
}, async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 60 }));
  await visitPanels(lab);
  await lab.evaluate(() => {
    window.scrollTo({ top: 0, behavior: 'instant' });
    void window.lab.train({ maxSteps: 100_000 });
  });
  const away = lab.locator('main > [data-away]');
  await expect(away.and(lab.locator('#spectrum, #geometry, #metamers, #adversarial'))).toHaveCount(4);
  // What was asked in view may still be answered.
  await expect.poll(() => changedAway(lab, () => seekInFrames(lab))).toEqual([]);
  await expect.poll(() => changedAway(lab, () => dragTimeline(lab))).toEqual([]);

  const moment = await lab.evaluate(() => window.lab.seek(30));
  const spectrum = lab.locator('#spectrum');
  await spectrum.scrollIntoViewIfNeeded();
  await expect(spectrum.getByRole('status').first()).toContainText(`at step ${moment}`);
  await lab.evaluate(() => window.lab.stop());
});

/** The parts of the page that are out of view, and that changed although they were, while `work` ran. */
async function changedAway(page: Page, work: () => Promise<void>): Promise<string[]> {
  const watch = await page.evaluateHandle(() => {
    const parts = [...document.querySelectorAll('main > [data-away]')];
    const changed = new Set<string>();
    const note = (records: MutationRecord[]) => {
      for (const { target } of records) {
        const part = parts.find((part) => part !== target && part.contains(target));
        if (part?.hasAttribute('data-away')) changed.add(part.id || part.className);
      }
    };
    const observer = new MutationObserver(note);
    for (const part of parts) {
      observer.observe(part, { subtree: true, childList: true, attributes: true, characterData: true });
    }
    return {
      end() {
        note(observer.takeRecords());
        observer.disconnect();
        return [...changed];
      },
    };
  });
  await work();
  return watch.evaluate((watch) => watch.end());
}

/** Goes back and forth in the run, a moment for each frame. */
function seekInFrames(page: Page): Promise<void> {
  return page.evaluate(async () => {
    for (let i = 0; i < 40; i++) {
      window.lab.seek((7 * i) % 60);
      await new Promise(requestAnimationFrame);
    }
  });
}

async function dragTimeline(page: Page): Promise<void> {
  const box = await timelineOf(page).boundingBox();
  if (!box) throw new Error('dragTimeline: expected the timeline on the page');
  const [x, y] = [box.x + 0.1 * box.width, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 0.2 * box.width, y, { steps: 20 });
  await page.mouse.up();
}
