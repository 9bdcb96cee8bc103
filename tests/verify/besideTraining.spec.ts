import { expect, openLab, test } from '../page/fixtures.ts';
import { record } from './record.ts';

test('training keeps 80 % of its speed while the geometry follows', async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ seed: 111, maxSteps: 100 }));
  const rate = () =>
    lab.evaluate(async () => {
      const { steps, seconds } = await window.lab.train({ maxSteps: 400 });
      return steps / seconds;
    });
  const panel = lab.locator('#geometry');
  const shares: number[] = [];
  for (let round = 0; round < 3; round++) {
    await lab.evaluate(() => window.scrollTo(0, 0));
    await lab.waitForTimeout(1000);
    const alone = await rate();
    await panel.scrollIntoViewIfNeeded();
    await lab.waitForTimeout(1000);
    shares.push((await rate()) / alone);
  }
  const [, share] = [...shares].sort((a, b) => a - b);
  record(
    'training speed while the geometry follows',
    'at least 80 % of its speed alone',
    shares.map((one) => `${(100 * one).toFixed(0)} %`).join(', '),
  );
  expect(share).toBeGreaterThanOrEqual(0.8);
});
