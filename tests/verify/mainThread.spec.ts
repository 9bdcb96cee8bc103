import { expect, openLab, test } from '../page/fixtures.ts';
import { mainThreadTasks } from '../page/mainThread.ts';
import { record } from './record.ts';

test('training causes no main-thread task over 50 ms', async ({ lab, site }) => {
  await openLab(lab, site);
  // Exclude Plotly's own loading: wait until it has drawn.
  await lab.evaluate(() => window.lab.train({ seed: 111, maxSteps: 40 }));
  await lab.locator('#train .js-plotly-plot').first().waitFor();
  await lab.waitForTimeout(3000);
  const tasks = await mainThreadTasks(lab, async () => {
    await lab.evaluate(() => window.lab.train({ maxSteps: 897 + 937 }));
  });
  record(
    'two epochs of training: longest main-thread task',
    'at most 50 ms of CPU time',
    `${tasks[0].toFixed(1)} ms; the next ${tasks
      .slice(1, 6)
      .map((task) => task.toFixed(0))
      .join(', ')}`,
  );
  expect(tasks[0]).toBeLessThanOrEqual(50);
});
