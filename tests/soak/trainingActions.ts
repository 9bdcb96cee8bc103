import type { Action } from './action.ts';
import { ShownRun } from './shownRun.ts';

export const train: Action = (session, chance) => session.train(chance.whole(10, 300));

export const settle: Action = async (session) => {
  await session.settle();
  return '';
};

export const pause: Action = async (session) => {
  await session.do(session.page.evaluate(() => window.lab.pause()));
  return '';
};

export const resume: Action = async (session) => {
  await session.do(session.page.evaluate(() => window.lab.resume()));
  return '';
};

export const stop: Action = async (session) => {
  session.interrupt();
  const status = await session.do(
    session.page.evaluate(async () => {
      await window.lab.stop();
      return window.lab.state.status;
    }),
  );
  if (status !== 'idle') session.report(`stopped, and the status is ${status}`);
  return '';
};

export const step: Action = async (session, chance) => {
  const { recorded } = session.run;
  if (recorded) await session.begin(new ShownRun());
  const { status, made, wanted, error } = await session.do(
    session.page.evaluate(
      async ([count, recorded]) => {
        const { lab } = window;
        const { status, step: before } = lab.state;
        const wanted = lab.state.engine?.id === 'webgpu' ? 1 : count;
        const error = await lab.step(wanted).then(() => undefined, String);
        return { status, wanted, made: lab.state.step - (recorded ? 0 : before), error };
      },
      [chance.whole(1, 12), recorded] as const,
    ),
  );
  // At rest, exactly this many steps; a paused run may have had fewer left.
  if (error ? status === 'idle' || !/Pause it first/.test(error) : status === 'idle' && made !== wanted) {
    session.report(`${wanted} steps, ${status}: ${error ?? `made ${made}`}`);
  }
  return `${wanted} while ${status}: ${error ?? `made ${made}`}`;
};

export const set: Action = async (session, chance) => {
  const changes = chance.weighted([
    [3, { learningRate: chance.pick([1e-3, '2e-3 * 0.99^step', 5e-4]) }],
    [3, { batchSize: chance.pick([32, 64, 100]) }],
    [2, { speed: chance.pick([150, 'fastest', 'fastest'] as const) }],
    [1, { attack: { method: 'fgsm', epsilon: 0.1 } }],
    [2, { attack: 'none' }],
  ] as const);
  await session.do(
    session.page.evaluate(async (changes) => {
      await window.lab.set(changes);
      // Wait until the change is written, because an earlier reload would restore the previous setting.
      await window.lab.runs();
    }, changes),
  );
  if (session.run.wentBack) {
    await session.identify();
    const { log } = (await session.stored()).find(({ id }) => id === session.run.id) ?? { log: [] };
    const last = log.at(-1);
    if (last?.kind === 'setting') session.run.forgetFrom(last.step);
  }
  return JSON.stringify(changes);
};

export const reset: Action = async (session, chance) => {
  const options = {
    seed: chance.whole(0, 999),
    engine: chance.pick(['auto', 'wasm'] as const),
    network: { filters: chance.pick([8, 16, 32]), kernelSize: chance.pick([3, 5]) },
  };
  await session.leave({ again: chance.share() < 0.3 });
  await session.do(session.page.evaluate((options) => window.lab.reset(options), options));
  await session.begin(new ShownRun());
  const { step, status } = await session.check();
  if (step !== 0 || status !== 'idle') session.report(`reset, and the run is ${status} at step ${step}`);
  return JSON.stringify(options);
};
