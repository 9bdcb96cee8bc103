import type { Locator, Page } from '@playwright/test';
import { expect, openLab, test } from '../page/fixtures.ts';
import { record } from './record.ts';

/** Rounds of two epochs with other work, each between two without it. */
const ROUNDS = 3;

/** Work beside training: `start` begins it, and its result tells whether it went on, and ends it. */
interface Work {
  what: string;
  /** Prepares the page before the first round. */
  prepare?(lab: Page): Promise<void>;
  start(lab: Page): Promise<() => Promise<boolean>>;
}

const works: Work[] = [
  { what: 'while the geometry follows', start: followGeometry },
  { what: 'beside spectra of 500 images at relu', start: (lab) => repeat(lab, 'spectrum') },
  { what: 'beside metamers at fc', start: (lab) => repeat(lab, 'metamer') },
  { what: 'beside PGD attacks of 40 steps on 1,000 images', start: (lab) => repeat(lab, 'attack') },
  { what: 'beside a second network in training', prepare: makeMetamer, start: trainSecond },
];

for (const { what, prepare, start } of works) {
  test(`training keeps 80 % of its speed ${what}`, async ({ lab, site }) => {
    await openLab(lab, site);
    await prepare?.(lab);
    await lab.evaluate(() => window.lab.train({ seed: 111, epochs: 1 }));
    const rate = () =>
      lab.evaluate(async () => {
        const { steps, seconds } = await window.lab.train({ epochs: 2 });
        return steps / seconds;
      });
    const shares: number[] = [];
    let before = await rate();
    for (let round = 0; round < ROUNDS; round++) {
      const end = await start(lab);
      const beside = await rate();
      expect(await end(), `work went on ${what}`).toBe(true);
      const after = await rate();
      shares.push((2 * beside) / (before + after));
      before = after;
    }
    const median = [...shares].sort((a, b) => a - b)[ROUNDS >> 1];
    record(
      `training speed ${what}, ${ROUNDS} rounds without and with it`,
      'at least 80 % of its speed alone (median)',
      shares.map((one) => `${(100 * one).toFixed(0)} %`).join(', '),
    );
    expect(median).toBeGreaterThanOrEqual(0.8);
  });
}

/** The panel analyzes new moments while it is in view. */
async function followGeometry(lab: Page): Promise<() => Promise<boolean>> {
  const geometry = lab.locator('#geometry');
  await geometry.scrollIntoViewIfNeeded();
  const progress = geometry.getByRole('progressbar').first();
  await progress.waitFor();
  // A new moment can begin the analysis anew, so that the value falls.
  const watched = await progress.evaluateHandle((bar) => {
    let changes = 0;
    const observer = new MutationObserver((records) => {
      changes += records.length;
    });
    observer.observe(bar, { attributeFilter: ['aria-valuenow'] });
    return {
      end() {
        observer.disconnect();
        return changes;
      },
    };
  });
  return async () => {
    const changes = await watched.evaluate(({ end }) => end());
    await lab.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
    return changes > 0;
  };
}

/** The panel offers a second network only beside metamers. */
async function makeMetamer(lab: Page): Promise<void> {
  const metamers = lab.locator('#metamers');
  await metamers.scrollIntoViewIfNeeded();
  await metamers.getByRole('button', { name: 'Make metamers' }).click();
  await expect(metamers.locator('[data-layer="fc"]').getByTestId('verdict')).toContainText('at fc');
}

async function trainSecond(lab: Page): Promise<() => Promise<boolean>> {
  const metamers = lab.locator('#metamers');
  await metamers.getByLabel('Its epochs').fill('100');
  await metamers.getByLabel('Its epochs').press('Enter');
  await metamers.getByRole('button', { name: 'Train another' }).click();
  const progress = metamers.getByRole('progressbar', { name: 'Training the second network' });
  await expect.poll(() => doneOf(progress)).toBeGreaterThan(0);
  const before = await doneOf(progress);
  await lab.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  return async () => {
    // Out of view, the panel shows the progress of the time when it left.
    await progress.scrollIntoViewIfNeeded();
    await lab.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
    const went = (await doneOf(progress)) > before;
    await metamers.getByRole('button', { name: 'Cancel training' }).click();
    await progress.waitFor({ state: 'detached' });
    await lab.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
    return went;
  };
}

function doneOf(progress: Locator): Promise<number> {
  return progress.evaluate((bar) => Number(bar.ariaValueNow));
}

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
