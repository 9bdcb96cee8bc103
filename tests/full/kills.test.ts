import { afterEach, expect, it } from 'vitest';
import { Mt19937 } from '../../src/ml/random/mt19937.ts';
import { bitsOf, untilStep } from '../lab/bits.ts';
import { type BrowserProfile, createProfile } from '../lab/browserProfile.ts';

const BETWEEN = 12;

let profile: BrowserProfile | undefined;
afterEach(() => profile?.closeAll());

it.each([
  { kills: 50, network: 'notebook' },
  { kills: 15, network: 'conv 3 5x5 same, relu, pool 2, dropout 0.25, fc 16, relu, dropout 0.5, fc 10' },
])(
  '$kills reloads and dead workers leave the losses and weights of $network as they were',
  async ({ kills, network }) => {
    const random = new Mt19937(1);
    const most = kills * BETWEEN;
    profile = createProfile();
    let tab = await profile.open({ settings: { seed: 9 } });
    await tab.api.reset({ seed: 9, network });
    await tab.api.train({ maxSteps: most });
    const undisturbed = await bitsOf(tab);
    await tab.api.reset({ seed: 9 });

    const counts = { reload: 0, worker: 0 };
    for (let kill = 1; kill <= kills; kill++) {
      const { step } = tab.api.state;
      const training = tab.api.train({ maxSteps: most - step }).catch(() => undefined);
      await untilStep(
        tab,
        Math.min(most - 1, Math.max(step + 1, kill * BETWEEN - random.below(BETWEEN / 2))),
      );
      const shown = [...tab.api.state.history.losses];
      if (random.below(2) === 0) {
        counts.reload++;
        tab.close();
        tab = await profile.open();
      } else {
        counts.worker++;
        tab.api.killWorker();
        await untilStep(tab, shown.length);
        await tab.api.stop();
        await training;
      }
      expect(shown).toEqual(undisturbed.losses.slice(0, shown.length));
      const back = [...tab.api.state.history.losses];
      expect(back, `after kill ${kill}`).toEqual(undisturbed.losses.slice(0, back.length));
    }
    await tab.api.train({ maxSteps: most - tab.api.state.step });
    expect(await bitsOf(tab)).toEqual(undisturbed);
    console.log(`${counts.reload} reloads and ${counts.worker} dead workers in ${most} steps`);
  },
);
