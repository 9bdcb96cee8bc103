import { afterEach, beforeEach, expect, it } from 'vitest';
import { openIndexedDbStorage } from '../../src/workers/indexedDbStorage.ts';
import { earlierDatabase, earlierRun, writeDatabase } from '../fixtures/earlier.ts';
import { type BrowserProfile, createProfile } from './browserProfile.ts';

const { run } = earlierRun();

let profile: BrowserProfile;
beforeEach(() => {
  profile = createProfile();
});
afterEach(() => profile.closeAll());

/** The fixture's database with records replaced, and the id of its run. */
async function writeDamaged(store: string, value: unknown): Promise<string> {
  const dump = JSON.parse(earlierDatabase());
  dump.stores[store][0].value = value;
  await writeDatabase(JSON.stringify(dump));
  return dump.stores.runs[0].key;
}

it('a damaged snapshot is skipped', async () => {
  const id = await writeDamaged('snapshots', { step: run.snapshots[0], parameters: {} });
  const storage = await openIndexedDbStorage();
  const steps = run.snapshots.slice(1);
  expect((await storage.read(id))?.snapshots.map(({ step }) => step)).toEqual(steps);
  const overview = await storage.overview(id);
  expect(overview?.moments.map(({ step }) => step)).toEqual(expect.arrayContaining(steps));
  expect(await storage.parametersAt(id, run.snapshots[0])).toBeUndefined();
  expect(await storage.parametersAt(id, steps[0])).toBeDefined();
});

it('a run with a damaged checkpoint reads as undefined', async () => {
  const id = await writeDamaged('checkpoints', { position: {}, state: {} });
  const storage = await openIndexedDbStorage();
  expect(await storage.list()).toHaveLength(1);
  expect(await storage.read(id)).toBeUndefined();
  expect(await storage.overview(id)).toBeUndefined();
});

it('the page says that a checkpoint is damaged, and the run can be deleted', async () => {
  const id = await writeDamaged('checkpoints', { position: {}, state: {} });
  const { lab } = await profile.open();
  expect(lab.store.getState().problems.map(({ message }) => message)).toEqual([
    'The run of the last visit could not be reopened. Expected a checkpoint to continue from, found none, or a damaged one.',
  ]);
  expect((await lab.keep.refresh()).map((run) => run.id)).toEqual([id]);
  await lab.keep.remove(id);
  expect(await lab.keep.refresh()).toEqual([]);
});

it('a damaged block is named, and the page begins another run that it saves', async () => {
  const id = await writeDamaged('blocks', { losses: [] });
  const storage = await openIndexedDbStorage();
  const message = `expected the losses of steps 0 to ${run.step - 1}, found a damaged record`;
  await expect(storage.read(id)).rejects.toThrow(message);
  const tab = await profile.open();
  const { problems } = tab.lab.store.getState();
  expect(problems.map((problem) => problem.message).join()).toContain(
    'could not be reopened. Expected the losses',
  );
  await tab.api.train({ maxSteps: 3 });
  const saved = await tab.lab.keep.refresh();
  expect(saved.map(({ step }) => step).sort()).toEqual([3, run.step].sort());
});
