import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

const STRICT = process.env.VERIFY_ROWS !== undefined;

/**
 * The longest task and the median frame that a test accepts, in milliseconds. `npm run verify` checks the acceptance
 * limits of 50 and 34 on a quiet machine; `npm test` runs on busy ones, where the limits only detect gross errors.
 */
export const LONGEST_TASK = STRICT ? 50 : 400;
export const MEDIAN_FRAME = STRICT ? 34 : 150;

/** Number of consecutive idle periods, each with most of a frame left, after which a page counts as quiet. */
const IDLE_PERIODS = 20;
const IDLE_MILLISECONDS = 8;

/** Waits until everything that loads once has loaded and is drawn, and the page is idle. */
export async function untilQuiet(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.evaluate(
    ([periods, milliseconds]) =>
      new Promise<void>((resolve) => {
        let quiet = 0;
        const look = (deadline: IdleDeadline) => {
          quiet = deadline.timeRemaining() >= milliseconds ? quiet + 1 : 0;
          if (quiet >= periods) resolve();
          else requestAnimationFrame(() => requestIdleCallback(look));
        };
        requestIdleCallback(look);
      }),
    [IDLE_PERIODS, IDLE_MILLISECONDS],
  );
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds of the thread's own CPU time. */
  tdur?: number;
  args: { name?: string };
}

/**
 * The page's longest main-thread tasks while `work` runs, longest first, in milliseconds of the thread's own CPU
 * time, because wall-clock time would include other processes of a busy machine.
 */
export async function mainThreadTasks(page: Page, work: () => Promise<void>): Promise<number[]> {
  const browser = page.context().browser();
  if (!browser) throw new Error('mainThreadTasks: expected a page of a launched browser');
  const path = join(tmpdir(), `untangle-trace-${process.pid}-${Date.now()}.json`);
  await browser.startTracing(page, { path, categories: ['toplevel'] });
  await work();
  await browser.stopTracing();
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(readFileSync(path, 'utf8'));
  const mainThreads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}:${tid}`),
  );
  return traceEvents
    .filter(({ name, ph, pid, tid }) => {
      return ph === 'X' && name.endsWith('RunTask') && mainThreads.has(`${pid}:${tid}`);
    })
    .map(({ tdur = 0 }) => tdur / 1000)
    .sort((a, b) => b - a);
}
