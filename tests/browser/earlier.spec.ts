import { readRunFile } from '../../src/ml/formats/runFile.ts';
import { earlierDatabase, earlierRun, earlierRunFile, writeDatabase } from '../fixtures/earlier.ts';
import { expect, openLab, test } from '../page/fixtures.ts';
import { lossesOf, weightsOf } from '../page/runBits.ts';

const bitsOf = (losses: number[]) => [...new Uint32Array(Float32Array.from(losses).buffer)];

test('a saved run and a run file of an earlier version open with their findings and continue bit by bit', {
  tag: '@full',
}, async ({ lab, site }) => {
  const { run, fiveMoreSteps } = earlierRun();
  const { results } = readRunFile(earlierRunFile());
  const expectRun = async () => {
    const { step, settings } = await lab.evaluate(() => window.lab.state);
    expect(step).toBe(run.step);
    expect(settings).toMatchObject({ ...run.settings, engine: expect.any(String) });
    expect(await lab.evaluate(() => window.lab.snapshots().map(({ step }) => step))).toEqual(
      expect.arrayContaining(run.snapshots),
    );
    expect(await lossesOf(lab)).toEqual(bitsOf(run.losses));
    expect(await weightsOf(lab)).toEqual(Object.values(run.sha256));
    // An export writes out all findings of the ledger, as they were.
    const bytes = await lab.evaluate(async () => [
      ...new Uint8Array(await (await window.lab.export('run')).arrayBuffer()),
    ]);
    expect(readRunFile(Uint8Array.from(bytes)).results).toMatchObject(results);
  };

  await lab.route('/favicon.ico', (route) => route.fulfill({ status: 204 }));
  // Any document of the site's origin can write the database before the page reads the database.
  await lab.goto(`${site.url}icon.svg`);
  await lab.evaluate(writeDatabase, earlierDatabase());
  await openLab(lab, site);
  await expectRun();

  await lab.evaluate(() => window.lab.reset({ seed: 8 }));
  await lab.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    await window.lab.import(bytes);
  }, earlierRunFile().toString('base64'));
  await expectRun();
  await lab.evaluate(() => window.lab.train({ maxSteps: 5 }));
  expect((await lossesOf(lab)).slice(run.step)).toEqual(bitsOf(fiveMoreSteps.losses));
  expect(await weightsOf(lab)).toEqual(Object.values(fiveMoreSteps.sha256));
});

test('a link of an earlier version sets the lab up', async ({ lab, site }) => {
  const { hash, configuration } = earlierRun().links[3];
  await openLab(lab, { ...site, url: `${site.url}${hash}` });
  const { settings } = await lab.evaluate(() => window.lab.state);
  expect(settings).toMatchObject(configuration.settings);
  await expect.poll(() => lab.evaluate(() => window.lab.opened()?.name)).toBe('training image 59999');
  await expect(lab.locator('#metamers')).toBeInViewport();
});
