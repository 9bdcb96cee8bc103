import type { Page } from '@playwright/test';
import { expect, openLab, test } from '../page/fixtures.ts';
import { record } from './record.ts';

/** Epochs with other work, each between two without it. */
const ROUNDS = 3;

/** Work beside training: `start` begins it, and its result tells whether it went on, and ends it. */
const work: Record<string, (lab: Page) => Promise<() => Promise<boolean>>> = {
  'while the geometry follows': async (lab) => {
    await lab.locator('#geometry').scrollIntoViewIfNeeded();
    return async () => {
      await lab.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
      return true;
    };
  },
  'beside spectra of 500 images at relu': (lab) => repeat(lab, 'spectrum'),
  'beside metamers at fc': (lab) => repeat(lab, 'metamer'),
  'beside PGD attacks of 40 steps on 1,000 images': (lab) => repeat(lab, 'attack'),
};

test('training keeps 80 % of its speed beside other work', async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ seed: 111, epochs: 1 }));
  const rate = () =>
    lab.evaluate(async () => {
      const { steps, seconds } = await window.lab.train({ epochs: 1 });
      return steps / seconds;
    });
  for (const [name, start] of Object.entries(work)) {
    const shares: number[] = [];
    let before = await rate();
    for (let round = 0; round < ROUNDS; round++) {
      const end = await start(lab);
      const beside = await rate();
      expect(await end(), `work went on ${name}`).toBe(true);
      const after = await rate();
      shares.push((2 * beside) / (before + after));
      before = after;
    }
    const median = [...shares].sort((a, b) => a - b)[ROUNDS >> 1];
    record(
      `training speed ${name}, ${ROUNDS} rounds without and with it`,
      'at least 80 % of its speed alone (median)',
      shares.map((one) => `${(100 * one).toFixed(0)} %`).join(', '),
    );
    expect.soft(median, name).toBeGreaterThanOrEqual(0.8);
  }
});

/** Asks a question again and again until the end. */
async function repeat(lab: Page, kind: 'spectrum' | 'metamer' | 'attack'): Promise<() => Promise<boolean>> {
  const running = await lab.evaluateHandle((asked) => {
    const controller = new AbortController();
    const { signal } = controller;
    let reports = 0;
    const onProgress = () => {
      reports++;
    };
    const ask = {
      spectrum: () => window.lab.spectrum({ layer: 'relu', count: 500, signal, onProgress }),
      metamer: () => {
        const image = { split: 'test', index: 0 } as const;
        return window.lab.metamer({ layer: 'fc', image, iterations: 2000, signal, onProgress });
      },
      attack: () => {
        const indices = Array.from({ length: 1000 }, (_, i) => i);
        return window.lab.attack({
          method: 'pgd',
          epsilon: 0.1,
          steps: 40,
          split: 'test',
          indices,
          signal,
          onProgress,
        });
      },
    }[asked];
    const isCanceled = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';
    const asking = (async () => {
      while (!signal.aborted) await ask();
    })().catch((error: unknown) => {
      if (!isCanceled(error)) throw error;
    });
    return {
      async end() {
        controller.abort();
        await asking;
        return reports > 0;
      },
    };
  }, kind);
  return () => running.evaluate(({ end }) => end());
}
