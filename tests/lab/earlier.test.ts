import { afterEach, expect, it } from 'vitest';
import { readRunFile } from '../../src/ml/formats/runFile.ts';
import { earlierDatabase, earlierRun, earlierRunFile, writeDatabase } from '../fixtures/earlier.ts';
import { bitsOf } from './bits.ts';
import { type BrowserProfile, createProfile, type Tab } from './browserProfile.ts';

const { run, fiveMoreSteps } = earlierRun();

let profile: BrowserProfile | undefined;
afterEach(() => profile?.closeAll());

async function expectEarlierRun(tab: Tab): Promise<void> {
  const { step, settings, history } = tab.api.state;
  expect(step).toBe(run.step);
  expect(settings).toMatchObject(run.settings);
  expect([...history.accuracies]).toEqual(run.accuracies);
  expect(tab.api.snapshots().map((snapshot) => snapshot.step)).toEqual(expect.arrayContaining(run.snapshots));
  expect(await bitsOf(tab)).toEqual({ losses: run.losses, sha256: run.sha256 });
  // An export writes out all findings of the run, as they were.
  const file = await tab.api.export('run');
  const { results } = readRunFile(new Uint8Array(await file.arrayBuffer()));
  expect(results).toMatchObject(readRunFile(earlierRunFile()).results);
}

it('a run file of an earlier version opens with its findings and continues', async () => {
  profile = createProfile();
  const tab = await profile.open();
  await tab.api.import(Uint8Array.from(earlierRunFile()));
  await expectEarlierRun(tab);
  await tab.api.train({ maxSteps: 5 });
  // Chromium rounds a multiplication and an addition once (relaxed SIMD), Node may round twice, so bits are compared
  // there.
  const { losses } = await bitsOf(tab);
  losses.slice(run.step).forEach((loss, i) => {
    expect(loss).toBeCloseTo(fiveMoreSteps.losses[i], 5);
  });
});

it('a run saved by an earlier version reopens with its findings', async () => {
  profile = createProfile();
  await writeDatabase(earlierDatabase());
  await expectEarlierRun(await profile.open());
});
