import type { Action } from './action.ts';
import { ShownRun } from './shownRun.ts';

const CALLS = [
  'train',
  'train',
  'pause',
  'resume',
  'stop',
  'step',
  'reset',
  'set',
  'seek',
  'open',
  'export',
  'import',
  'spectrum',
  'killWorker',
] as const;

/** Acceptable errors of a call that other calls interrupt. */
const REFUSALS =
  /is already training|Pause it first|the worker stopped|was reset in the meantime|Try again|Ask again/i;

interface Found {
  errors: string[];
  status: string;
  step: number;
  length: number;
  /** Snapshots at impossible places. */
  bad: number[];
  /** The result of recomputing the last step from the log. */
  exact?: boolean;
  same?: boolean;
}

/** Several simultaneous calls, as from a hasty user: each must end, and the remaining run must be consistent. */
export const rush: Action = async (session, chance) => {
  const calls = Array.from({ length: chance.whole(2, 5) }, () => ({
    call: chance.pick(CALLS),
    count: chance.whole(1, 60),
    wait: chance.pick([0, 0, 5, 30, 100]),
  }));
  await session.settle();
  await session.leave();
  const { errors, status, step, length, bad, exact, same } = await session.do(
    session.page.evaluate(async (calls) => {
      const { lab } = window;
      const runs = await lab.runs();
      const file = await lab.export('run');
      const make: Record<(typeof calls)[number]['call'], (count: number) => unknown> = {
        train: (maxSteps) => lab.train({ maxSteps }),
        pause: lab.pause,
        resume: lab.resume,
        stop: lab.stop,
        step: lab.step,
        reset: (seed) => lab.reset({ seed, engine: 'auto' }),
        set: (count) => lab.set({ batchSize: 16 + count }),
        seek: (step) => lab.seek(step),
        open: async (count) => runs.length > 0 && lab.open(runs[count % runs.length]),
        export: () => lab.export('run'),
        import: () => lab.import(file),
        spectrum: () => lab.spectrum({ layer: 'fc', count: 10 }),
        killWorker: lab.killWorker,
      };
      const errors: string[] = [];
      const all: Promise<void>[] = [];
      for (const { call, count, wait } of calls) {
        const work = (async () => void (await make[call](count)))();
        all.push(work.catch((error) => void errors.push(`${call}: ${error}`)));
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      }
      let done = false;
      const ended = Promise.all(all).then(() => {
        done = true;
      });
      while (!done) {
        // Resume anything paused or waiting.
        await lab.resume();
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
      }
      await lab.stop();
      const { status, step, history } = lab.state;
      const snapshots = lab.snapshots().map((snapshot) => snapshot.step);
      const bad = snapshots.filter((each, i) => each > step || (i > 0 && each <= snapshots[i - 1]));
      const found: Found = { errors, status, step, length: history.losses.length, bad };
      if (snapshots.includes(step) || step > 300) return found;
      const replayed = await lab.replay(step).catch(() => undefined);
      if (!replayed) return found;
      const [again, live] = [await lab.parameters({ at: step }), await lab.parameters()];
      const same = Object.keys(live).every((name) => again[name].join() === live[name].join());
      return { ...found, exact: replayed.exact, same };
    }, calls),
  );
  const text = calls.map(({ call, count, wait }) => `${call}(${count})+${wait}`).join(' ');
  for (const error of errors.filter((each) => !REFUSALS.test(each))) session.report(`${text}: ${error}`);
  if (status !== 'idle' || length !== step || bad.length > 0) {
    session.report(`${text}: left ${status} at step ${step}, ${length} losses, snapshots astray ${bad}`);
  }
  if (exact && !same) session.report(`${text}: step ${step} made again from the log is not the run's`);
  // The remaining run depends on timing, so only the next run is known again.
  await session.do(
    session.page.evaluate(async () => {
      await window.lab.reset({ engine: 'auto', network: { filters: 32, kernelSize: 3 } });
      await window.lab.runs();
    }),
  );
  session.forgetNew(await session.stored());
  await session.begin(new ShownRun());
  return `${text} | ${errors.join('; ')}`;
};
