import type { Action } from './action.ts';
import { ShownRun } from './shownRun.ts';

/** More than the ten newest: pinned runs, and runs that no save has deleted yet. */
const MOST_KEPT = 13;

/** Continues a saved run, which must be at the step in the list, with the losses shown before. */
export const openRun: Action = async (session, chance) => {
  const share = chance.share();
  await session.leave({ again: chance.share() < 0.3 });
  const { id, count, listed, step } = await session.do(
    session.page.evaluate(async (share) => {
      const { lab } = window;
      // Wait until the list includes everything written.
      await lab.stop();
      const runs = await lab.runs();
      if (runs.length === 0) return { count: 0 };
      const { id, step } = runs[Math.floor(share * runs.length)];
      await lab.open(id);
      return { id, count: runs.length, listed: step, step: lab.state.step };
    }, share),
  );
  if (count > MOST_KEPT) session.report(`${count} runs are kept`);
  if (id === undefined) return 'none is kept';
  if (step !== listed) session.report(`a run kept at step ${listed} opened at step ${step}`);
  const known = session.shownOf(id);
  if (known) known.wentBack = true;
  else session.report(`run ${id} is kept, and was never on the page`);
  session.begin(known ?? new ShownRun({ replayable: false }));
  await session.check({ whole: true });
  return `${id} at step ${step}, of ${count}`;
};

export const deleteRun: Action = async (session, chance) => {
  const { page } = session;
  const [share, undo] = [chance.share(), chance.share() < 0.3];
  await session.identify();
  await page.getByRole('button', { name: 'Runs', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Runs' });
  await dialog.waitFor();
  await session.do(page.evaluate(() => window.lab.runs()));
  const others = dialog.getByRole('button', { name: 'Delete' });
  const count = await others.count();
  if (count > 0) {
    await others.nth(Math.floor(share * count)).click();
    const undoing = dialog.getByRole('button', { name: 'Undo' });
    await undoing.waitFor();
    if (undo) await undoing.click();
  }
  await dialog.getByRole('button', { name: 'Close Runs' }).click();
  const runs = await session.do(page.evaluate(async () => (await window.lab.runs()).length));
  const listed = (await session.stored()).filter(({ deleted }) => !deleted).length;
  if (listed !== runs) session.report(`the page lists ${runs} runs, and ${listed} are stored`);
  return count === 0 ? 'none to delete' : `one of ${count}${undo ? ', and undone' : ''}`;
};

export const openRecorded: Action = async (session) => {
  await session.leave();
  const { step, length } = await session.do(
    session.page.evaluate(async () => {
      await window.lab.openRecorded();
      const { step, history } = window.lab.state;
      return { step, length: history.losses.length };
    }),
  );
  if (step === 0 || step !== length)
    session.report(`the recorded run is at step ${step} with ${length} losses`);
  session.begin(new ShownRun({ replayable: false, recorded: true }));
  return `at step ${step}`;
};
