import { Mt19937 } from '../../src/ml/random/mt19937.ts';
import { expect, openLab, test } from '../page/fixtures.ts';
import { lossesOf, runOf, untilStep } from '../page/runBits.ts';
import { record } from './record.ts';

declare global {
  interface Window {
    /** The current call. */
    training?: Promise<unknown>;
  }
}

/** Number of kills; fewer for a quick check, or to split them among several seeds. */
const KILLS = Number(process.env.KILLS ?? 50);
const SEED = Number(process.env.SEED ?? 1);
/** A software GPU is slow, but only a GPU has a device to lose. */
const STEPS_BETWEEN = { wasm: 60, webgpu: 12 };

for (const engine of ['wasm', 'webgpu'] as const) {
  test(`${KILLS} kills in a run on ${engine} do not change its losses and weights`, async ({ lab, site }) => {
    const between = STEPS_BETWEEN[engine];
    const most = KILLS * between;
    const random = new Mt19937(SEED);
    const below = (limit: number) => random.below(limit);
    await openLab(lab, site);
    await lab.evaluate(({ engine, most }) => window.lab.train({ seed: 9, engine, maxSteps: most }), {
      engine,
      most,
    });
    const undisturbed = await runOf(lab);
    await lab.evaluate(() => window.lab.reset({ seed: 9 }));

    const counts = { reload: 0, worker: 0, device: 0 };
    let lost = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const step = await lab.evaluate(() => window.lab.state.step);
      const target = Math.min(most - 1, kill * between - below(between / 2));
      await lab.evaluate((maxSteps) => {
        window.training = window.lab.train({ maxSteps });
      }, most - step);
      await untilStep(lab, target);
      const shown = await lossesOf(lab);
      const kind = (['reload', 'worker', 'device'] as const)[below(engine === 'webgpu' ? 3 : 2)];
      counts[kind]++;
      if (kind === 'reload') {
        await lab.reload();
        await lab.waitForFunction(() => window.lab !== undefined);
        await lab.evaluate(() => window.lab.ready);
      } else {
        await lab.evaluate(
          (kind) => (kind === 'worker' ? window.lab.killWorker() : window.lab.loseDevice()),
          kind,
        );
        // The run repeats the lost steps automatically and continues.
        await untilStep(lab, shown.length);
        await lab.evaluate(async () => {
          await window.lab.stop();
          await window.training;
        });
      }
      const back = await lossesOf(lab);
      expect(back.length, `after ${kind} ${kill}`).toBeGreaterThan(0);
      lost = Math.max(lost, shown.length - back.length);
      expect(back.slice(0, shown.length)).toEqual(
        undisturbed.losses.slice(0, Math.min(back.length, shown.length)),
      );
      expect(shown).toEqual(undisturbed.losses.slice(0, shown.length));
    }
    const step = await lab.evaluate(() => window.lab.state.step);
    await lab.evaluate((maxSteps) => window.lab.train({ maxSteps }), most - step);
    const disturbed = await runOf(lab);
    expect(disturbed).toEqual(undisturbed);
    record(
      `${engine}: ${counts.reload} reloads, ${counts.worker} worker kills and ${counts.device} device losses in ${most} steps`,
      'every loss and the final weights bit-identical to an undisturbed run',
      `bit-identical; a reload went back by at most ${lost} steps`,
    );
  });
}
