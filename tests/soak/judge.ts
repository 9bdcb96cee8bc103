import type { Browser } from '@playwright/test';
import type { BatchAttack } from '../../src/ml/engines/engine.ts';
import type { LogEntry } from '../../src/ml/training/log.ts';
import { openLab } from '../page/fixtures.ts';
import { weightsOf } from '../page/runBits.ts';
import type { Site } from '../page/site.ts';
import type { MadeRun } from './shownRun.ts';
import { within } from './within.ts';

const LONGEST = 300;

/** Repeats runs on an undisturbed page; returns a line for each run with a different result. */
export async function judge(browser: Browser, site: Site, runs: readonly MadeRun[]): Promise<string[]> {
  if (runs.length === 0) return [];
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  try {
    await openLab(page, site);
    const wrong: string[] = [];
    for (const { log, losses, weights } of runs) {
      const plan = planOf(log, losses.length);
      const again = await within(
        LONGEST,
        'judge',
        page.evaluate(async ({ start, parts }) => {
          const { lab } = window;
          await lab.set({ attack: 'none', speed: 'fastest' });
          await lab.reset({ ...start, engine: 'auto' });
          for (const { until, engine, change } of parts) {
            const maxSteps = until - lab.state.step;
            if (maxSteps > 0) await lab.train({ maxSteps });
            if (engine) await lab.train({ engine, maxSteps: 0 });
            if (change) await lab.set(change);
          }
          return [...new Uint32Array(lab.state.history.losses.slice().buffer)];
        }, plan),
      );
      const other = losses.findIndex((bits, step) => bits !== again[step]);
      const what = `judge: the run of seed ${plan.start.seed}, ${losses.length} steps`;
      if (again.length !== losses.length || other >= 0) {
        wrong.push(`${what}: undisturbed it has another loss at step ${other} (${JSON.stringify(log)})`);
      } else if ((await weightsOf(page)).join() !== weights.join()) {
        wrong.push(`${what}: undisturbed it ends at other weights (${JSON.stringify(log)})`);
      }
    }
    return wrong;
  } finally {
    await context.close();
  }
}

interface Part {
  until: number;
  engine?: (LogEntry & { kind: 'engine' })['engine'];
  change?: Parameters<typeof window.lab.set>[0];
}

/** The changes in the log, with their steps. */
function planOf([start, ...entries]: readonly LogEntry[], steps: number) {
  if (start.kind !== 'reset')
    throw new Error(`judge: expected a log that begins with a reset, found ${start.kind}`);
  const parts = entries.map((entry): Part => {
    const until = entry.step;
    if (entry.kind === 'engine') return { until, engine: entry.engine };
    if (entry.kind === 'setting') return { until, change: checkpointDiff(entry) };
    return { until };
  });
  const network = { filters: start.filters, kernelSize: start.kernelSize };
  return { start: { seed: start.seed, network }, parts: [...parts, { until: steps }] as Part[] };
}

function checkpointDiff({ name, value }: LogEntry & { kind: 'setting' }): Part['change'] {
  if (name === 'batchSize') return { batchSize: Number(value) };
  if (name === 'learningRate') return { learningRate: value };
  if (value === 'none') return { attack: 'none' };
  const attack: BatchAttack = JSON.parse(value);
  return { attack };
}
