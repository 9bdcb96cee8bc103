import { startChromium } from '../otherBrowsers/chromium.ts';
import type { DrivenBrowser } from '../otherBrowsers/driven.ts';
import { findFirefox, startFirefox } from '../otherBrowsers/firefox.ts';
import { startWebKit, webkitMissing } from '../otherBrowsers/webkit.ts';
import type {} from './page/page.ts';

/** Milliseconds per step of the wasm engine in workers, one value per round, or the reason why there are none. */
export interface BrowserTimes {
  name: string;
  agent: string;
  alone: number[] | string;
  byMessages: number[] | string;
  bySharedMemory: number[] | string;
}

/** Milliseconds that one page's measurement may take beyond its budget. */
const PATIENCE = 70_000;

interface PageTimes {
  agent: string;
  alone: number[];
  together: number[];
  exchange: string;
  /** Why there are no times. */
  failure?: string;
}

const BROWSERS: { name: string; start(): Promise<DrivenBrowser>; isThere: boolean }[] = [
  { name: 'Chromium', start: startChromium, isThere: true },
  { name: 'Firefox', start: startFirefox, isThere: findFirefox() !== undefined },
  { name: 'WebKit', start: startWebKit, isThere: webkitMissing() === undefined },
];

/** Times each installed browser on the benchmark's page, with and without cross-origin isolation. */
export async function timeBrowsers(
  addresses: { plain: string; isolated: string },
  budget: number,
): Promise<BrowserTimes[]> {
  const times: BrowserTimes[] = [];
  for (const { name, start, isThere } of BROWSERS) {
    if (!isThere) continue;
    const messages = await timeTeam(start, addresses.plain, budget);
    const shared = await timeTeam(start, addresses.isolated, budget);
    times.push({
      name,
      agent: messages.agent,
      alone: messages.failure ?? messages.alone,
      byMessages: messages.failure ?? messages.together,
      bySharedMemory:
        shared.failure ?? (shared.exchange === 'shared memory' ? shared.together : 'no SharedArrayBuffer'),
    });
  }
  return times;
}

/** Each page has its own browser, so that a page that hangs does not stop the other measurements. */
async function timeTeam(
  start: () => Promise<DrivenBrowser>,
  url: string,
  budget: number,
): Promise<PageTimes> {
  const browser = await start();
  let agent = '';
  let patience: NodeJS.Timeout | undefined;
  try {
    await browser.open(url);
    agent = await browser.evaluate(() => navigator.userAgent);
    const timing = browser.evaluate(async (budget) => {
      while (!window.timeTeam) await new Promise((resolve) => setTimeout(resolve, 50));
      return window.timeTeam(budget);
    }, budget);
    const late = new Promise<never>((_, reject) => {
      const longest = budget + PATIENCE;
      const complaint = `expected the page's times within ${longest / 1000} s, found none`;
      patience = setTimeout(() => reject(new Error(complaint)), longest);
    });
    return { agent, ...(await Promise.race([timing, late])) };
  } catch (error) {
    return { agent, alone: [], together: [], exchange: '', failure: String(error).split('\n')[0] };
  } finally {
    clearTimeout(patience);
    await browser.close();
  }
}
