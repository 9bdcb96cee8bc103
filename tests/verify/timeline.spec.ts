import { expect, openLab, test } from '../page/fixtures.ts';
import { followsTo, measureDrag, preparePanels, timelineOf } from '../page/timelineDrag.ts';
import { record } from './record.ts';

test('the timeline drags through the notebook’s 10 epochs', async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ seed: 111, epochs: 10 }));
  const best = await lab.evaluate(() => window.lab.snapshots().filter((snapshot) => snapshot.best));
  expect(best).toHaveLength(1);
  await preparePanels(lab);

  for (const panel of ['train', 'activations']) {
    await lab.locator(`#${panel}`).scrollIntoViewIfNeeded();
    const { frame, longestTask, moments } = await measureDrag(lab, 0.97, 0.05, 300);
    record(`timeline drag at ${panel}: median frame`, 'at most 34 ms', `${frame.toFixed(1)} ms`);
    record(
      `timeline drag at ${panel}: longest task`,
      'at most 50 ms of CPU time',
      `${longestTask.toFixed(1)} ms`,
    );
    expect(moments).toBeGreaterThan(40);
    expect(frame).toBeLessThanOrEqual(34);
    expect(longestTask).toBeLessThanOrEqual(50);
    const step = Number(await timelineOf(lab).getAttribute('aria-valuenow'));
    // A panel out of view updates when it comes into view.
    await lab.locator('#activations').scrollIntoViewIfNeeded();
    expect(await followsTo(lab, step)).toBeLessThanOrEqual(1e-5);
  }
  expect(await lab.evaluate(() => window.lab.seek('best'))).toBe(best[0].step);
});
