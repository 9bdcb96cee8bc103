import type { Action } from './action.ts';
import type { Chance } from './chance.ts';
import type { Session } from './session.ts';
import { ShownRun } from './shownRun.ts';

/** Crashes come mostly in the middle of training. */
async function trainFirst(session: Session, chance: Chance): Promise<void> {
  const [wanted, steps, share] = [chance.share() < 0.7, chance.whole(30, 200), chance.share()];
  if (!wanted) return;
  await session.train(steps);
  await session.do(
    session.page.evaluate(async (share) => {
      const { lab, soak } = window;
      const end = lab.state.step + share * (soak?.asked ?? 0);
      while (soak?.done === false && lab.state.status === 'training' && lab.state.step < end) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }, share),
  );
}

/** The training worker dies; the run must come back automatically. */
export const killWorker: Action = async (session, chance) => {
  const then = chance.pick(['wait', 'wait', 'pause', 'resume', 'stop'] as const);
  await trainFirst(session, chance);
  const before = await session.check();
  session.run.wentBack = true;
  if (then === 'stop') session.interrupt();
  const after = await session.do(
    session.page.evaluate(async (then) => {
      const { lab } = window;
      lab.killWorker();
      if (then !== 'wait') await lab[then]();
      // The worker's successor answers.
      await lab.parameters();
      return { step: lab.state.step, status: lab.state.status };
    }, then),
  );
  session.counts.workerKills++;
  session.counts.goneBack = Math.max(session.counts.goneBack, before.step - after.step);
  if (before.status === 'idle' && after.step !== before.step) {
    session.report(`a worker that rested at step ${before.step} came back at step ${after.step}`);
  }
  if (then === 'stop' && after.status !== 'idle') session.report(`stopped, and the run is ${after.status}`);
  await session.catchUp();
  return `${then}; ${before.status} at step ${before.step}, back at ${after.step}`;
};

/** The GPU's device is lost while a separate run trains on it. */
export const loseDevice: Action = async (session, chance) => {
  const [seed, again] = [chance.whole(0, 999), chance.share() < 0.5];
  // The page hears of a step up to a tenth of a second late, and training must still be on then.
  const [steps, lossAt] = [chance.whole(40, 70), chance.whole(0, 3)];
  await session.leave();
  await session.do(
    session.page.evaluate(
      (seed) => window.lab.reset({ seed, engine: 'webgpu', network: { filters: 8, kernelSize: 3 } }),
      seed,
    ),
  );
  await session.begin(new ShownRun());
  const { made, told, engine } = await session.do(
    session.page.evaluate(
      async ([steps, lossAt]) => {
        const { lab } = window;
        const training = lab.train({ maxSteps: steps });
        while (lab.state.step < lossAt) await new Promise((resolve) => setTimeout(resolve, 5));
        await lab.loseDevice();
        const made = (await training).steps;
        // The loss is detected at the latest by the next use of the device.
        await lab.parameters();
        const told = lab.state.problems.some((text) => text.includes('GPU device was lost'));
        return { made, told, engine: lab.state.engine?.id };
      },
      [steps, lossAt] as const,
    ),
  );
  session.counts.deviceLosses++;
  if (made !== steps) session.report(`made ${made} of ${steps} steps`);
  if (!told) session.report('the page does not say that the device was lost');
  if (engine !== 'webgpu') session.report(`the run went on with ${engine}`);
  await session.leave({ again });
  await session.do(
    session.page.evaluate(() =>
      window.lab.reset({ engine: 'auto', network: { filters: 32, kernelSize: 3 } }),
    ),
  );
  await session.begin(new ShownRun());
  return `at step ${lossAt} of ${steps}`;
};

/** The page reloads at any time; the run must come back as last saved. */
export const reload: Action = async (session, chance) => {
  const { page } = session;
  const [written, goesOn] = [chance.share() < 0.5, chance.share() < 0.7];
  await trainFirst(session, chance);
  const before = await session.check();
  if (written) await session.identify();
  const stored = (await session.stored()).filter(({ deleted }) => !deleted);
  session.nameNew(stored);
  const newest = stored.sort((a, b) => b.changed - a.changed).at(0);
  if (written && before.status === 'idle' && before.step > 0 && !session.run.recorded) {
    if (newest?.id !== session.run.id) session.report('the run at rest is not the one that is kept');
    else if (newest?.step !== before.step) {
      session.report(`the run rests at step ${before.step}, and is kept at step ${newest?.step}`);
    }
  }
  await page.reload();
  await session.do(page.waitForFunction(() => window.lab !== undefined));
  await session.do(page.evaluate(() => window.lab.ready));
  session.counts.reloads++;
  const after = await session.do(
    page.evaluate(async () => {
      await window.lab.runs();
      const { step, problems } = window.lab.state;
      return { step, problems };
    }),
  );
  const current = (await session.stored()).filter(({ deleted }) => !deleted);
  const back = current.sort((a, b) => b.changed - a.changed).at(0);
  // The old page may have saved a newer run, or left one, after `stored` was read.
  session.nameNew(current);
  const lost = after.step === 0 ? back : current.find(({ id }) => id === newest?.id && id !== back?.id);
  if (lost && !lost.left) {
    session.report(`the run kept at step ${lost.step} did not come back: ${after.problems.join(' ')}`);
  }
  if (after.step === 0) {
    await session.begin(new ShownRun());
    return `${before.status} at step ${before.step}, back at a first step`;
  }
  const kept = Math.max(back?.step ?? 0, newest?.id === back?.id ? (newest?.step ?? 0) : 0);
  if (after.step !== kept) {
    session.report(`the run kept at step ${kept} came back at step ${after.step}`);
  }
  const run = (back && session.shownOf(back.id)) ?? new ShownRun({ replayable: false });
  run.wentBack = true;
  await session.begin(run);
  session.counts.goneBack = Math.max(session.counts.goneBack, run.length - after.step);
  await session.check({ whole: true });
  if (goesOn) await session.catchUp();
  return `${before.status} at step ${before.step}, back at ${after.step}${goesOn ? ', and on' : ''}`;
};
