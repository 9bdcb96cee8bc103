import type { Action } from './action.ts';
import type { Session } from './session.ts';
import { ShownRun } from './shownRun.ts';

/** More than the ten newest: pinned runs, and runs that no save has deleted yet. */
const MOST_KEPT = 13;

/** Continues a saved run, which must be at the step in the list, with the losses shown before. */
export const openRun: Action = async (session, chance) => {
  const share = chance.share();
  await session.leave({ again: chance.share() < 0.3 });
  // The list must include the page's run, which may be saved only when it stops.
  await session.do(session.page.evaluate(() => window.lab.stop()));
  await session.identify();
  const { id, count, listed, step } = await session.do(
    session.page.evaluate(async (share) => {
      const { lab } = window;
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
  await session.begin(known ?? new ShownRun({ replayable: false }));
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
  await checkList(session);
  return count === 0 ? 'none to delete' : `one of ${count}${undo ? ', and undone' : ''}`;
};

/** The page must list the stored runs. A run in training may be saved for the first time while the list is read. */
async function checkList(session: Session): Promise<void> {
  const stored = async () => {
    const runs = await session.stored();
    return new Set(runs.filter(({ deleted }) => !deleted).map(({ id }) => id));
  };
  // Wait until everything is written, the deletion included.
  await session.identify();
  const before = await stored();
  const listed = await session.do(
    session.page.evaluate(async () => (await window.lab.runs()).map(({ id }) => id)),
  );
  const after = await stored();
  const missing = [...before].filter((id) => after.has(id) && !listed.includes(id));
  const extra = listed.filter((id) => !before.has(id) && !after.has(id));
  if (missing.length > 0) session.report(`the page does not list the stored runs ${missing.join()}`);
  if (extra.length > 0) session.report(`the page lists the runs ${extra.join()}, which are not stored`);
}

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
  await session.begin(new ShownRun({ replayable: false, recorded: true }));
  return `at step ${step}`;
};
